"""From a connection to a stream on it."""

import asyncio
import contextlib
import threading

from monitor.adapters.ssh.connection import Connection
from monitor.adapters.ssh.deadline import Deadline
from monitor.adapters.ssh.stream import Stream
from monitor.adapters.ssh.workers import GRACE, Workers


class Opening:
    """Starts a command that stays, unless nobody waits for it any more.

    Made on the loop; a channel that opens too late is closed again.
    """

    def __init__(self, command: str, workers: Workers) -> None:
        self._command = command
        self._workers = workers
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._is_off = False
        self._held: contextlib.ExitStack | None = None
        self._connection: Connection | None = None

    def begin(self, connection: Connection, deadline: Deadline) -> Stream:
        """Open a channel and start the command on it. Blocks.

        Raises `CannotReach`, and TimeoutError when the time is up.
        """
        with contextlib.ExitStack() as attempt:
            channel = attempt.enter_context(connection.channel(deadline))
            deadline.doing = "sshd does not start a command; it may be frozen"
            channel.exec_command(self._command)
            deadline.left()
            held = self._keep(attempt, connection)
        return Stream(connection, channel, held, self._workers, self._loop)

    def call_off(self) -> None:
        """Close what was opened, now or when it will be."""
        with self._lock:
            self._is_off = True
            held, connection = self._held, self._connection
        if held and connection:
            _ = self._workers.start(
                held.close, Deadline(GRACE), connection.cut
            )

    def _keep(
        self, attempt: contextlib.ExitStack, connection: Connection
    ) -> contextlib.ExitStack:
        with self._lock:
            if self._is_off:
                raise TimeoutError
            self._held = attempt.pop_all()
            self._connection = connection
            return self._held
