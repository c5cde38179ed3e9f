"""Gates over real connections, closed when a test is over."""

import contextlib
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from monitor.adapters.gate.bundle import program
from monitor.adapters.gate.remote import RemoteGate
from monitor.adapters.gate.start import PYTHONS
from monitor.adapters.ssh.host import SshHost
from monitor.domain.errors import CannotReach
from tests.fakes.clock import FakeClock
from tests.hosts.sshd import Sshd

ODD = Path(__file__).with_name("odd_gate.py")
WITHIN = 20.0

Body = dict[str, object]


def odd_program() -> bytes:
    return ODD.read_bytes()


@contextlib.asynccontextmanager
async def gate_on(
    host: SshHost,
    clock: FakeClock,
    *,
    is_odd: bool = False,
    pythons: Sequence[str] = PYTHONS,
) -> AsyncIterator[RemoteGate]:
    """Yield a gate: the real one, or `odd_gate.py`."""
    gate = RemoteGate(
        host,
        clock,
        program=odd_program if is_odd else program,
        pythons=pythons,
        chance=lambda: 0.0,
    )
    try:
        yield gate
    finally:
        await gate.close()


def install(server: Sshd, *, before: str = "", role: str = "observe") -> None:
    """Make the real gate the forced command of the one key."""
    file = server.directory / "facefusion-monitor-gate"
    file.write_bytes(program())
    public = (server.directory / "client_key.pub").read_text()
    command = f"{before} {sys.executable} -I {file} {role}".strip()
    (server.directory / "authorized_keys").write_text(
        f'restrict,command="{command}" {public}'
    )


def force(server: Sshd, command: str) -> None:
    """Make something else the forced command."""
    public = (server.directory / "client_key.pub").read_text()
    (server.directory / "authorized_keys").write_text(
        f'restrict,command="{command}" {public}'
    )


async def seen(gate: RemoteGate, part: str, within: float = WITHIN) -> Body:
    """Return what one part is answered with."""
    answer = await gate.observe({part: {}}, within=within)
    parts = answer.body["parts"]
    assert isinstance(parts, dict)
    assert part in parts, answer.body["gaps"]
    found = parts[part]
    assert isinstance(found, dict)
    return found


async def failure(
    gate: RemoteGate, part: str = "echo", within: float = WITHIN
) -> CannotReach:
    """Return why a part is not answered."""
    with pytest.raises(CannotReach) as caught:
        await gate.observe({part: {}}, within=within)
    assert str(caught.value).startswith("cannot")
    return caught.value
