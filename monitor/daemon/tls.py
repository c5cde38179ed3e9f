"""The monitor's own TLS: certificate, key, and who may come as a client."""

import ssl
from typing import Self

from typing_extensions import override

from monitor.config.sections.server import Tls
from monitor.domain.errors import ConfigurationError


def read_tls(tls: Tls) -> ssl.SSLContext:
    """Return a context from the files as they are now. Blocks.

    With `client_ca_file` a client without a certificate of these
    authorities gets no further than the handshake. Raises
    `ConfigurationError` naming the file.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(tls.cert_file, tls.key_file, _no_password)
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"cannot serve TLS with {tls.cert_file} and {tls.key_file}:"
            f" {_said(error)}; give a PEM certificate and its own key"
            " without a password (server.tls)"
        ) from None
    if tls.client_ca_file is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        try:
            context.load_verify_locations(tls.client_ca_file)
        except (OSError, ValueError) as error:
            raise ConfigurationError(
                f"cannot use the authorities in {tls.client_ca_file}:"
                f" {_said(error)}; give PEM certificates"
                " (server.tls.client_ca_file)"
            ) from None
    return context


class LiveContext(ssl.SSLContext):
    """The context of a listener: new handshakes use the one in force.

    Loading files into a context that is in use could take no authority out
    of it again, and would leave it half changed by a bad file.
    """

    _in_force: ssl.SSLContext

    def __new__(cls, _: ssl.SSLContext) -> Self:
        """Make one; what it is made of is never used."""
        return super().__new__(cls, ssl.PROTOCOL_TLS_SERVER)

    def __init__(self, in_force: ssl.SSLContext) -> None:
        self._in_force = in_force

    def replace(self, in_force: ssl.SSLContext) -> None:
        """Put another context in force for the next handshake."""
        self._in_force = in_force

    @override
    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """Begin a connection; asyncio and uvloop ask for it here."""
        return self._in_force.wrap_bio(
            incoming, outgoing, server_side, server_hostname, session
        )


def _no_password() -> str:
    """Refuse a key with a password: OpenSSL would ask on the terminal."""
    raise ValueError("the key has a password")


def _said(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or "no PEM").lower().replace("_", " ")
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error)
