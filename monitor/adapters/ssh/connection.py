"""A connection that is logged in: its channels, its end."""

import contextlib
import struct
from collections.abc import Iterator, Sequence

import paramiko
from cryptography.exceptions import InvalidTag

from monitor.adapters.ssh.deadline import Deadline
from monitor.adapters.ssh.dial import Lifeline
from monitor.domain.errors import CannotReach
from monitor.domain.quote import quote

JOIN = 2.0
"""Seconds to wait for the end of one of paramiko's threads."""

MALFORMED = (ValueError, LookupError, struct.error, InvalidTag)
"""What paramiko raises for a message that makes no sense."""

BROKEN = (EOFError, OSError, paramiko.SSHException, *MALFORMED)
"""What it raises when a connection, or a request on it, fails."""


class Dropped(CannotReach):
    """The connection was gone before anything was asked of it."""


class Connection:
    """The transports to one machine, those of its jump hosts first.

    `where` names the machine in errors. All methods but `cut` block.
    """

    def __init__(
        self,
        where: str,
        transports: Sequence[paramiko.Transport],
        lifeline: Lifeline,
    ) -> None:
        self.where = where
        self._transports = transports
        self._lifeline = lifeline

    @property
    def is_alive(self) -> bool:
        """Whether nobody has noticed its end yet."""
        return all(transport.is_active() for transport in self._transports)

    @contextlib.contextmanager
    def channel(self, deadline: Deadline) -> Iterator[paramiko.Channel]:
        """Lend a channel for a session.

        Raises `CannotReach` for what goes wrong on the way, and
        TimeoutError when the time is up. Then sshd is asked for a sign of
        life: a machine whose sshd is frozen keeps its thread waiting here
        until the watchdog cuts the connection; a slow command does not.
        """
        channel = self._opened(deadline)
        try:
            yield channel
        except TimeoutError:
            _close(channel)
            self.answers()
            raise
        except BROKEN as error:
            raise self._broken(error) from error
        finally:
            _close(channel)

    def answers(self) -> bool:
        """Ask sshd for a sign of life and wait for it, or for the end.

        A channel fails a moment before paramiko knows why: when even the
        question cannot be sent, paramiko may still think that all is well.
        """
        try:
            self._target.global_request("keepalive@openssh.com")
        except BROKEN:
            return False
        return self.is_alive

    def lost(self) -> CannotReach:
        """Return the error of a connection that ended while it was used."""
        return CannotReach(self._gone, reason="closed")

    def cut(self) -> None:
        """End the connection now, from any thread, without waiting."""
        self._lifeline.cut()

    def close(self) -> None:
        """End the connection and wait for paramiko's threads, a little."""
        self.cut()
        shut(self._transports)

    @property
    def _target(self) -> paramiko.Transport:
        return self._transports[-1]

    def _opened(self, deadline: Deadline) -> paramiko.Channel:
        deadline.doing = "sshd does not open a channel; it may be frozen"
        try:
            return self._target.open_session(timeout=deadline.left() + JOIN)
        except BROKEN as error:
            deadline.left()
            if not self.answers():
                raise Dropped(self._gone, reason="closed") from error
            # paramiko gives the refusal to whichever thread asks first.
            raise CannotReach(
                f"cannot use {self.where}: sshd opens no more channels; "
                "check its MaxSessions, and who else uses this login",
                reason="busy",
            ) from error

    def _broken(self, error: Exception) -> CannotReach:
        if not self.answers():
            return self.lost()
        return CannotReach(
            f"cannot use {self.where}: sshd refused: {quote(str(error))}; "
            "check its log",
            reason="failed",
        )

    @property
    def _gone(self) -> str:
        return (
            f"cannot use {self.where}: the connection was closed; "
            "check sshd's log there"
        )


def shut(transports: Sequence[paramiko.Transport]) -> None:
    """Close transports, the innermost first, and let their threads end."""
    for transport in reversed(transports):
        transport.packetizer.complete_handshake()
        with contextlib.suppress(*BROKEN):
            transport.close()
        with contextlib.suppress(*BROKEN):
            transport.sock.close()
        if transport.is_alive():
            transport.join(JOIN)


def _close(channel: paramiko.Channel) -> None:
    with contextlib.suppress(*BROKEN):
        channel.close()
