"""What is said in place of a greeting is told, however quickly it ended."""

from typing import cast

import pytest

from monitor.adapters.gate.greet import greet
from monitor.adapters.ssh.deadline import Deadline
from monitor.adapters.ssh.host import SshHost
from monitor.domain.errors import CannotReach


class FakeStream:
    """A command that ended before it was sent anything."""

    where = "host 'gpu1'"
    complaints = "only backups here"

    def __init__(self, reason: str) -> None:
        self._reason = reason
        self.is_closed = False

    async def send(self, data: bytes, *, within: float) -> None:
        del data, within
        raise CannotReach("cannot send", reason=self._reason)

    async def receive(self) -> bytes:
        return b""

    async def check_connection(self) -> None:
        """The connection is well."""

    async def close(self) -> None:
        self.is_closed = True


class FakeHost:
    where = "host 'gpu1'"

    def __init__(self, stream: FakeStream) -> None:
        self._stream = stream

    async def stream(self, command: str, *, within: float) -> FakeStream:
        del command, within
        return self._stream


@pytest.mark.parametrize(
    ("reason", "told", "words"),
    [
        ("closed", "gate_refused", "only backups here"),
        ("timeout", "timeout", "cannot send"),
    ],
)
async def test_a_command_that_ended_at_once_is_heard_out(
    reason: str, told: str, words: str
) -> None:
    stream = FakeStream(reason)

    with pytest.raises(CannotReach, match=words) as caught:
        await greet(
            cast("SshHost", FakeHost(stream)), bytes, ("python3",), Deadline(5)
        )

    assert caught.value.reason == told
    assert stream.is_closed
