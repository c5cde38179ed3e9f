"""What the errors of the system mean."""

import errno
import socket
import ssl

import h11
import pytest

from monitor.adapters.http.flaws import (
    Failure,
    Flaw,
    flaw_of,
    no_answer,
    overdue,
)
from monitor.domain.answer import Phases


def os_error(number: int) -> OSError:
    return OSError(number, "Something Happened")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Flaw("too_large", "words", "advice"), "too_large"),
        (os_error(errno.ECONNREFUSED), "refused"),
        (os_error(errno.ECONNRESET), "reset"),
        (os_error(errno.EPIPE), "reset"),
        (os_error(errno.ECONNABORTED), "reset"),
        (os_error(errno.ETIMEDOUT), "timeout"),
        (os_error(errno.ENETUNREACH), "unreachable"),
        (os_error(errno.EHOSTUNREACH), "unreachable"),
        (os_error(errno.EADDRNOTAVAIL), "unreachable"),
        (os_error(errno.EPERM), "unreachable"),
        (os_error(errno.EACCES), "unreachable"),
        (os_error(errno.EMFILE), "failed"),
        (os_error(errno.ENOBUFS), "failed"),
        (OSError(), "failed"),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure"), "resolve"),
        (UnicodeError("label too long"), "resolve"),
        (ssl.SSLCertVerificationError("bad"), "tls"),
        (ssl.SSLError(1, "wrong version number"), "tls"),
        (h11.RemoteProtocolError("nonsense"), "protocol"),
        (h11.LocalProtocolError("nonsense"), "protocol"),
    ],
)
def test_every_error_has_its_reason(error: Failure, reason: str) -> None:
    flaw = flaw_of(error)

    assert flaw.reason == reason
    assert flaw.words
    assert flaw.advice


@pytest.mark.parametrize(
    ("phases", "reason", "words"),
    [
        (Phases(), "resolve", "not resolved within 5 s"),
        (Phases(resolve=0), "timeout", "no connection within 5 s"),
        (Phases(resolve=0, connect=1), "timeout", "no TLS handshake"),
        (Phases(resolve=0, connect=1, tls=0), "timeout", "no answer"),
        (
            Phases(resolve=0, connect=1, tls=0, processing=1),
            "timeout",
            "the answer was not complete",
        ),
    ],
)
def test_a_timeout_tells_what_the_time_was_spent_on(
    phases: Phases, reason: str, words: str
) -> None:
    flaw = overdue(phases, 5.0)

    assert flaw.reason == reason
    assert words in flaw.words


def test_what_a_server_said_is_quoted_without_control_characters() -> None:
    flaw = Flaw("protocol", "it says \x1b[31m token=abc\r\n", "look")

    error = no_answer("http://gpu1:9002/", flaw, Phases())

    assert str(error) == (
        "cannot reach http://gpu1:9002/: it says [31m token=***; look"
    )
    assert error.reason == "protocol"
