"""Why a request failed: one word for rules, and words that help people."""

import errno
import socket
import ssl

import h11

from monitor.domain.answer import NoAnswer, Phases
from monitor.domain.quote import quote


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
    h11.ProtocolError,
)
"""Everything that a request may fail with and that is not a defect."""
Failure = Flaw | OSError | UnicodeError | h11.ProtocolError


def flaw_of(error: Failure) -> Flaw:
    """Return what one of `FAILURES` means.

    The order matters: TLS and name errors are OSErrors too.
    """
    match error:
        case Flaw():
            return error
        case ssl.SSLError():
            return _tls_flaw(error)
        case socket.gaierror() | UnicodeError():
            return unresolved(f"unknown ({_said(error)})")
        case h11.ProtocolError():
            return not_http(str(error))
        case OSError():
            return _os_flaw(error)


def no_answer(where: str, flaw: Flaw, phases: Phases) -> NoAnswer:
    """Return the error for people. `where` must be fit to be shown."""
    return NoAnswer(
        f"cannot reach {where}: {quote(flaw.words)}; {flaw.advice}",
        reason=flaw.reason,
        phases=phases,
    )


def no_address(words: str) -> Flaw:
    """Return that there is no such address on the web."""
    return Flaw("failed", words, "it must be like http://192.168.1.10:9002")


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


def overdue(phases: Phases, within: float) -> Flaw:
    """Return that the time was up, and what it was spent on."""
    late = f"within {within:g} s"
    if phases.resolve is None:
        return unresolved(f"not resolved {late}")
    if phases.connect is None:
        words, advice = f"no connection {late}", _NO_WAY
    elif phases.tls is None:
        words, advice = f"connected, but no TLS handshake {late}", _NO_TLS
    elif phases.processing is None:
        words, advice = f"connected, but no answer {late}", _SILENT
    else:
        words, advice = f"the answer was not complete {late}", _SILENT
    return Flaw("timeout", words, advice)


_NO_WAY = "check that the host is up, and firewalls on the way"
_NO_TLS = "check that the port speaks https"
_SILENT = "the server may be busy or hung; see its log and its GPU"
_OURS = "this machine is in trouble, not the server"
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


def _said(error: OSError | UnicodeError) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[0].lower() + error.strerror[1:]
    return str(error) or type(error).__name__


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
                _NO_WAY,
            )
        case ConnectionError():
            return cut_short()
        case _ if error.errno in _UNREACHABLE:
            return Flaw(
                "unreachable",
                _said(error),
                "check the address, the network and firewalls",
            )
        case _:
            return Flaw("failed", _said(error), _OURS)


def _tls_flaw(error: ssl.SSLError) -> Flaw:
    if isinstance(error, ssl.SSLCertVerificationError):
        why = getattr(error, "verify_message", str(error))
        return Flaw(
            "tls",
            f"the certificate is not trusted: {why}",
            "check its dates and names, or set the CA file that signed it",
        )
    said = getattr(error, "reason", None) or str(error)
    return Flaw(
        "tls", f"TLS failed: {said.replace('_', ' ').lower()}", _NO_TLS
    )
