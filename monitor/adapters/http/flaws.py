"""Why a request failed: one word for rules, and words that help people."""

import errno
import socket
import ssl

import h11
import httpx


class Flaw(Exception):
    """A request failed, for one of the reasons of `CannotReach`.

    `words` say what happened, `advice` what would help.
    """

    def __init__(self, reason: str, words: str, advice: str) -> None:
        super().__init__(words)
        self.reason = reason
        self.words = words
        self.advice = advice


FAILURES = (
    Flaw,
    OSError,
    UnicodeError,
    OverflowError,
    h11.ProtocolError,
    httpx.HTTPError,
    httpx.InvalidURL,
)
"""Everything that a request may fail with and that is not a defect."""


def flaw_of(error: Exception) -> Flaw:
    """Return what one of `FAILURES` means.

    The order matters: TLS and name errors are OSErrors too.
    """
    match error:
        case Flaw():
            return error
        case ssl.SSLCertVerificationError():
            return _untrusted(error)
        case ssl.SSLError():
            return _no_tls(error)
        case socket.gaierror() | UnicodeError():
            return unresolved("not known")
        case h11.ProtocolError():
            return not_http(str(error))
        case OSError():
            return _os_flaw(error)
        case _:
            return Flaw("failed", str(error) or type(error).__name__, _ADVICE)


def unresolved(words: str) -> Flaw:
    """Return that the host's name leads to no address."""
    return Flaw(
        "resolve",
        f"the name of the host is {words}",
        "check the name, or use the address; check DNS on this machine",
    )


def not_http(words: str) -> Flaw:
    """Return that what came back is no HTTP that we understand."""
    return Flaw(
        "protocol",
        f"the answer is not valid HTTP: {words}",
        "check that the port belongs to the API, and http against https",
    )


def too_large(limit: int) -> Flaw:
    """Return that the body is longer than `limit` bytes."""
    return Flaw(
        "too_large",
        f"the answer is longer than {limit} bytes",
        "check that the address belongs to the API",
    )


def cut_short() -> Flaw:
    """Return that the other side closed before the end of the answer."""
    return Flaw(
        "reset",
        "the connection was closed before the whole answer came",
        "the server, or a proxy, may have crashed; see its log",
    )


_ADVICE = "see the log of the monitor"
_UNREACHABLE = {
    errno.EADDRNOTAVAIL,
    errno.EHOSTDOWN,
    errno.EHOSTUNREACH,
    errno.EINVAL,
    errno.ENETDOWN,
    errno.ENETUNREACH,
    errno.EACCES,
    errno.EPERM,
    errno.EAFNOSUPPORT,
}


def _os_flaw(error: OSError) -> Flaw:
    match error:
        case ConnectionRefusedError():
            return Flaw(
                "refused",
                "connection refused",
                "check that FaceFusion runs there, on this port, and not "
                "only on 127.0.0.1",
            )
        case TimeoutError():
            return Flaw(
                "timeout",
                "the connection timed out",
                "check that the host is up, and firewalls on the way",
            )
        case ConnectionError():
            return cut_short()
        case _ if error.errno in _UNREACHABLE:
            return Flaw(
                "unreachable",
                error.strerror.lower() if error.strerror else "unreachable",
                "check the address, the network and firewalls",
            )
        case _:
            return Flaw("failed", str(error), _ADVICE)


def _untrusted(error: ssl.SSLCertVerificationError) -> Flaw:
    return Flaw(
        "tls",
        f"the certificate is not trusted: {error.verify_message}",
        "check its dates and names, or set the CA file that signed it",
    )


def _no_tls(error: ssl.SSLError) -> Flaw:
    said = (error.reason or "no TLS").replace("_", " ").lower()
    return Flaw(
        "tls",
        f"the TLS handshake failed: {said}",
        "check that the port speaks https",
    )
