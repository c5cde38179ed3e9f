"""The SSH port of a simulated host: who may come in, and when."""

import logging
import socket
import threading
from pathlib import Path

import paramiko

from monitor.domain.errors import MonitorError
from monitor.simulator.door import ADDRESS, Door
from monitor.simulator.ssh.guest import LOG, Guest, Machine
from monitor.simulator.ssh.keys import canonical, load_or_make, public_line

_CONNECTIONS = 64


class NotStarted(MonitorError):
    """Asked for what is only there after the start."""


class SshServer:
    """One sshd on one port of 127.0.0.1, public keys only, for any user."""

    def __init__(self, name: str, machine: Machine, *, port: int) -> None:
        self.door = Door(f"{name}-ssh", port, self._welcome)
        self._machine = machine
        self._authorized: dict[str, str] = {}
        self._host_key: paramiko.PKey | None = None
        self._lock = threading.Lock()
        self._guests: list[Guest] = []

    def authorize(self, public_key: str, role: str = "observe") -> None:
        """Let in whoever holds the key of this `authorized_keys` line.

        `role` is what it is for: observe, act, or reboot.
        """
        self._authorized[canonical(public_key)] = role

    def attach(self, key_file: Path) -> None:
        """Load or make the host key; the door is reserved and still shut."""
        # Clients that leave in the middle are no news in a simulation.
        logging.getLogger(LOG).setLevel(logging.CRITICAL + 1)
        self._host_key = load_or_make(key_file)
        self.door.reserve()

    def host_key_line(self) -> str:
        """Return the line for a known_hosts file.

        Raises `NotStarted`.
        """
        if self._host_key is None:
            raise NotStarted("cannot tell the host key; start the host first")
        return f"[{ADDRESS}]:{self.door.port} {public_line(self._host_key)}"

    def drop(self) -> None:
        """Cut every connection, as a machine that loses its network does."""
        with self._lock:
            guests = list(self._guests)
        for guest in guests:
            guest.cut()

    def close(self) -> None:
        """Shut the door, cut every connection, end every command."""
        self.door.release()
        self.drop()
        for guest in self._guests:
            guest.wait()
        self._guests.clear()

    def _welcome(self, connection: socket.socket) -> None:
        with self._lock:
            self._guests = [guest for guest in self._guests if guest.is_here()]
            if len(self._guests) >= _CONNECTIONS or self._host_key is None:
                connection.close()
                return
            guest = Guest(connection, self._machine, self._authorized)
            self._guests.append(guest)
        guest.enter(self._host_key)
