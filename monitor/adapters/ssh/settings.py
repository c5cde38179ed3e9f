"""How one machine is reached over SSH."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class SshSettings:
    """Where to connect, as whom, and which host keys to believe.

    Only `key_file` is offered: no agent, no ~/.ssh, no password.
    `jump` is the machine to go through. `connect_timeout` is in seconds
    and covers name, connection, host key and login of all the hops.
    `accept` is the command that records its host key, less the fingerprint.
    """

    address: str
    port: int = 22
    user: str
    key_file: Path
    known_hosts_file: Path
    jump: Self | None = None
    connect_timeout: float = 10.0
    accept: str = ""

    @property
    def place(self) -> str:
        """Return `192.168.1.10:22` or `[fe80::1]:22`."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}"

    @property
    def hops(self) -> tuple[Self, ...]:
        """Return the machines to log in to, in this order."""
        return (*self.jump.hops, self) if self.jump else (self,)
