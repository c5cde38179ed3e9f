"""Decides who answers a shell: the gate, or the shell itself."""

import threading
from collections.abc import Callable
from contextlib import suppress

import paramiko
from typing_extensions import override

from monitor.simulator.gate.session import GREETING, Session, no_gate
from monitor.simulator.gate.site import Site
from monitor.simulator.ssh.command import Command

_CHUNK = 65_536
_SHELL = "/bin/sh"

MakeCommand = Callable[[bytes], Command]


def waits_for_a_script(command: str) -> bool:
    """Return whether a command does what it reads on its stdin."""
    return command.split()[-1:] == [_SHELL]


class Entrance(threading.Thread):
    """Reads how a client begins and lets the right one answer.

    `gate` is None on a host without Python. `command` makes the shell,
    given what has come already. `role` is what the client's key is for.
    """

    def __init__(
        self,
        channel: paramiko.Channel,
        gate: Site | None,
        command: MakeCommand,
        *,
        user: str,
        role: str = "observe",
    ) -> None:
        super().__init__(name=f"simulated-entrance-{channel.chanid}")
        self.daemon = True
        self._channel = channel
        self._gate = gate
        self._command = command
        self._user = user
        self._role = role

    @override
    def run(self) -> None:
        """Serve the client to its end."""
        begun = self._beginning()
        if not begun.startswith(GREETING):
            self._command(begun).run()
        elif self._gate is None:
            self._leave(no_gate(begun))
        else:
            Session(
                self._channel,
                self._gate,
                user=self._user,
                begun=begun,
                role=self._role,
            ).run()
            self._leave(b"")

    def _beginning(self) -> bytes:
        """Return what came until it is clear who it is for.

        For a gate that is the whole first line.
        """
        begun = b""
        while _may_greet(begun) and b"\n" not in begun:
            data = self._recv()
            if not data or len(begun) > _CHUNK:
                break
            begun += data
        return begun

    def _recv(self) -> bytes:
        try:
            return self._channel.recv(_CHUNK)
        except (OSError, EOFError):  # even reading answers the client
            return b""

    def _leave(self, said: bytes) -> None:
        if self._channel.closed:
            return
        with suppress(OSError, EOFError):  # nobody may be there to hear it
            self._channel.sendall(said)
            self._channel.send_exit_status(0)
            self._channel.close()


def _may_greet(begun: bytes) -> bool:
    length = min(len(begun), len(GREETING))
    return begun[:length] == GREETING[:length]
