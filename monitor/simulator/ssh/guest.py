"""One SSH connection to a simulated host, and what it may do there."""

import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import paramiko
from paramiko.common import (
    AUTH_FAILED,
    AUTH_SUCCESSFUL,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_FAILED_CONNECT_FAILED,
    OPEN_SUCCEEDED,
)
from typing_extensions import override

from monitor.simulator.gate.site import Site
from monitor.simulator.ssh.command import Command
from monitor.simulator.ssh.entrance import Entrance, waits_for_a_script
from monitor.simulator.ssh.files import Files
from monitor.simulator.ssh.keys import public_line

LOG = "monitor.simulator.paramiko"
_SESSIONS = 10
"""Channels at once on a connection: sshd's MaxSessions."""
_JOIN = 1.5
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What commands find on the host.

    `tools` comes first in their PATH; `scratch` is their TMPDIR, for hosts
    on one machine must not share a lock file; `prepare` is called before
    each. `gate` is what an installed gate looks at, None without Python.
    """

    home: Path
    tools: Path
    scratch: Path
    prepare: Callable[[], None]
    gate: Site | None

    def environment(self) -> Mapping[str, str]:
        """Return a clean environment, nothing of ours in it."""
        return {
            "PATH": f"{self.tools}:{_PATH}",
            "TMPDIR": str(self.scratch),
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
        }

    def translate(self, command: str) -> str:
        """Return a command that sets the usual PATH, with our tools in it."""
        return command.replace(
            f"PATH={_PATH}",
            f"PATH={self.tools}:{_PATH} TMPDIR={self.scratch}",
        )


class Guest(paramiko.ServerInterface):
    """One connection, its commands and its SFTP sessions.

    `authorized` is what each public key is for: observe, act or reboot.
    """

    def __init__(
        self,
        connection: socket.socket,
        machine: Machine,
        authorized: Mapping[str, str],
    ) -> None:
        self._connection = connection
        self._machine = machine
        self._authorized = authorized
        self._transport = PoliteTransport(connection)
        self._transport.set_log_channel(LOG)
        self._sessions: list[threading.Thread] = []
        self._channels: list[paramiko.Channel] = []
        self._user = ""
        self._role = ""

    def enter(self, host_key: paramiko.PKey) -> None:
        """Begin the handshake, without waiting for it."""
        self._transport.add_server_key(host_key)
        self._transport.start_server(event=threading.Event(), server=self)

    def is_here(self) -> bool:
        """Return whether anything of this connection is still alive."""
        threads = [self._transport, *self._sessions]
        return any(thread.is_alive() for thread in threads)

    def cut(self) -> None:
        """End the connection without a word and without waiting."""
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def wait(self) -> None:
        """Wait for the threads of a connection that was cut."""
        self._transport.join(_JOIN)
        for session in self._sessions:
            if session.ident is not None:
                session.join(_JOIN)

    @override
    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    @override
    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        self._role = self._authorized.get(public_line(key), "")
        self._user = username
        return AUTH_SUCCESSFUL if self._role else AUTH_FAILED

    @override
    def check_channel_request(self, kind: str, chanid: int) -> int:
        self._sessions = [one for one in self._sessions if one.is_alive()]
        if kind != "session":
            return OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED
        if len(self._sessions) >= _SESSIONS:
            return OPEN_FAILED_CONNECT_FAILED
        return OPEN_SUCCEEDED

    @override
    def check_channel_exec_request(
        self, channel: paramiko.Channel, command: bytes
    ) -> bool:
        self._machine.prepare()
        text = command.decode(errors="replace")

        def shell(begun: bytes = b"") -> Command:
            return Command(
                channel,
                self._machine.translate(text),
                environment=self._machine.environment(),
                directory=self._machine.home,
                begun=begun,
            )

        if waits_for_a_script(text):
            self._begin(
                Entrance(
                    channel,
                    self._machine.gate,
                    shell,
                    user=self._user,
                    role=self._role,
                )
            )
        elif self._role != "observe":
            return False  # a key with a forced command opens nothing else
        else:
            self._begin(shell())
        return True

    @override
    def check_channel_subsystem_request(
        self, channel: paramiko.Channel, name: str
    ) -> bool:
        if name != "sftp" or self._role != "observe":
            return False
        sftp = paramiko.SFTPServer(
            channel, name, self, Files, self._machine.home
        )
        sftp.daemon = True
        self._begin(sftp)
        return True

    def _begin(self, session: threading.Thread) -> None:
        self._keep(self._transport.accept(0))  # or its queue would grow
        self._sessions.append(session)
        self._transport.start_after_reply(session)

    def _keep(self, opened: paramiko.Channel | None) -> None:
        """Hold a channel while it is open.

        The queue's first may be another than the one that begins, and
        nobody else may hold it yet: paramiko closes what nobody holds.
        """
        self._channels = [one for one in self._channels if not one.closed]
        if opened is not None:
            self._channels.append(opened)


class PoliteTransport(paramiko.Transport):
    """Starts a session only after the client was told that it may.

    Otherwise a quick command could close its channel before the answer to
    the request that opened it is sent; clients take that for an error.
    """

    _next: threading.Thread | None = None

    def start_after_reply(self, session: threading.Thread) -> None:
        """Start a session once the present request is answered."""
        self._next = session

    def _send_user_message(self, data: paramiko.Message) -> None:
        super()._send_user_message(data)  # type: ignore[misc]  # not in the stubs; nothing public tells when a reply is out
        if threading.current_thread() is self and self._next is not None:
            session, self._next = self._next, None
            session.start()
