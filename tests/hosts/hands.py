"""Act keys on a real sshd, each bound to a gate by a forced command."""

import sys
from dataclasses import replace
from pathlib import Path

from monitor.adapters.gate.acting import RemoteHand
from monitor.adapters.gate.bundle import program
from monitor.adapters.ssh.host import SshHost
from monitor.adapters.ssh.settings import SshSettings
from tests.fakes.clock import FakeClock
from tests.hosts.sshd import Sshd, make_key

ODD = Path(__file__).with_name("odd_hand.py")


def odd_hand(role: str = "act", *services: str) -> str:
    """Return the forced command of a gate that only tells."""
    return " ".join([sys.executable, "-I", str(ODD), role, *services])


def real_gate(server: Sshd) -> str:
    """Return the forced command of the real one, without sudo."""
    file = server.directory / "acting-gate"
    file.write_bytes(program())
    return f"{sys.executable} -I {file} act"


def bind(server: Sshd, command: str, options: str = "restrict,") -> Path:
    """Give the server a key that runs this; return the private one."""
    key = server.directory / "act_key"
    public = make_key(key)
    forced = f'{options}command="{command}" ' if command else ""
    with (server.directory / "authorized_keys").open("a") as file:
        file.write(f"{forced}{public}")
    return key


def hand_on(settings: SshSettings, key: Path) -> RemoteHand:
    """Return the hand that logs in with a key."""

    def connect() -> SshHost:
        acting = replace(settings, key_file=key)
        return SshHost("gpu1", acting, FakeClock(), chance=lambda: 1.0)

    return RemoteHand(connect, "host 'gpu1'")
