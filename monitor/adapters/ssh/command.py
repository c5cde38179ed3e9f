"""One script on one channel."""

import paramiko

from monitor.adapters.ssh.connection import Connection
from monitor.adapters.ssh.deadline import Deadline
from monitor.adapters.ssh.frames import Frame, Framed, command
from monitor.domain.errors import CannotReach, Unreadable
from monitor.domain.quote import quote
from monitor.ports import Clock, Ran

STDOUT = 4 << 20
"""Bytes of output; 8 GPUs with all they have print 0.25 MB of XML."""

STDERR = 64 << 10
"""Bytes of complaints."""

CHUNK = 65_536

TICK = 0.25
"""Seconds between two looks at stderr, the deadline and an early end."""


def execute(
    connection: Connection, script: str, clock: Clock, deadline: Deadline
) -> Ran:
    """Run a script and wait for its end. Blocks.

    Raises `CannotReach`, and TimeoutError when the time is up.
    """
    frame = Frame()
    started = clock.monotonic()
    with connection.channel(deadline) as channel:
        deadline.doing = "sshd does not start a command; it may be frozen"
        channel.exec_command(command(deadline.left()))
        _tell(channel, frame.around(script))
        deadline.doing = "the command did not end"
        output = _Output(channel, frame, connection)
        framed = output.collect(deadline)
    return Ran(
        code=framed.code,
        stdout=framed.stdout,
        stderr=framed.stderr,
        duration=clock.monotonic() - started,
    )


def _tell(channel: paramiko.Channel, script: bytes) -> None:
    """Send all of it; a command that ended meanwhile says itself why."""
    try:
        channel.sendall(script)
        channel.shutdown_write()
    except TimeoutError:
        raise
    except OSError:
        return


class _Output:
    """What a command prints, within bounds."""

    def __init__(
        self, channel: paramiko.Channel, frame: Frame, connection: Connection
    ) -> None:
        self._channel = channel
        self._frame = frame
        self._connection = connection
        self._where = connection.where
        self._out = bytearray()
        self._err = bytearray()

    def collect(self, deadline: Deadline) -> Framed:
        """Read until the end, or a moment after the end mark.

        A child that hangs keeps the channel open after the script is done.
        """
        while self._read(deadline):
            pass
        try:
            return self._frame.cut_out(bytes(self._out), bytes(self._err))
        except Unreadable as error:
            raise self._unfinished(error) from error

    def _read(self, deadline: Deadline) -> bool:
        self._channel.settimeout(min(TICK, deadline.left()))
        try:
            chunk = self._channel.recv(CHUNK)
        except TimeoutError:
            is_more = not self._frame.is_whole(bytes(self._out))
        else:
            is_more = bool(chunk)
            self._out += chunk
        while self._channel.recv_stderr_ready() and len(self._err) <= STDERR:
            self._err += self._channel.recv_stderr(CHUNK)
        self._check_size()
        return is_more

    def _check_size(self) -> None:
        if len(self._out) <= STDOUT and len(self._err) <= STDERR:
            return
        name, limit = (
            ("standard output", STDOUT)
            if len(self._out) > STDOUT
            else ("standard error", STDERR)
        )
        raise CannotReach(
            f"cannot use what a command on {self._where} prints: more than "
            f"{limit} bytes on {name}; run it there by hand to see why",
            reason="too_large",
        )

    def _unfinished(self, flaw: Unreadable) -> CannotReach:
        if not self._connection.answers():
            return self._connection.lost()
        said = (self._err or self._out)[:CHUNK].decode(errors="replace")
        heard = f'it said "{quote(said)}"' if said.strip() else "it is silent"
        return CannotReach(
            f"cannot run a command on {self._where}: {flaw}: {heard}; the "
            "user there needs a login shell, /bin/sh and timeout(1)",
            reason="failed",
        )
