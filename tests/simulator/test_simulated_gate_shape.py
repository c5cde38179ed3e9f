"""The simulated gate answers as the real one does, key by key."""

from collections.abc import Iterator
from pathlib import Path

from monitor.simulator.host import SimulatedHost
from monitor.simulator.machine.world import DIRECTORY, UNIT
from tests.simulator import real_gate
from tests.simulator.gate_client import GREETED, Body, GateClient
from tests.simulator.gate_client import greeting as greet
from tests.simulator.visitor import Visitor


def _parts(directory: str, port: int, paths: list[str]) -> dict[str, Body]:
    """Return a question to every part there is."""
    service = {
        "manager": "systemd",
        "unit": UNIT,
        "directory": directory,
        "port": port,
    }
    return {
        "machine": {},
        "disks": {"paths": paths},
        "kernel": {"cursor": None, "limit": 500},
        "service": service,
        "log": {"source": "journal", "unit": UNIT, "cursor": None},
        "jobs": {"directory": f"{directory}/.jobs"},
        "gpu": {"within": 7},
        "pmon": {},
        "cuda": service,
    }


def _shape(value: object, at: str = "") -> Iterator[str]:
    """Yield where every key of an answer is, lists by their first member."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield f"{at}.{key}"
            yield from _shape(inner, f"{at}.{key}")
    elif isinstance(value, list) and value:
        yield from _shape(value[0], f"{at}[]")


_MAY_BE_EMPTY = (
    ".drivers[]",
    ".started[]",
    ".packages[]",
    ".inhibitors[]",
)
"""What is on one machine only; the readers say whether it can be read."""


def _comparable(answer: Body) -> set[str]:
    return {one for one in _shape(answer) if not one.startswith(_MAY_BE_EMPTY)}


async def test_every_part_has_the_keys_of_the_real_gates(
    studio: SimulatedHost, visitor: Visitor, tmp_path: Path
) -> None:
    jobs = tmp_path / ".jobs"
    for name in ("drafted", "queued", "completed", "failed"):
        (jobs / name).mkdir(parents=True)
    port = int(studio.url.rpartition(":")[2])
    smi = studio.workdir / "bin" / "nvidia-smi"
    studio.faults.switch_on("xid")

    async with real_gate.bare_server(tmp_path) as (pid, real_port):
        tools = real_gate.make_tools(tmp_path, smi, pid)
        asked = _parts(str(tmp_path), real_port, [str(tmp_path)])
        hello, real = await real_gate.observe(tmp_path, tools, asked)
    async with visitor.ssh(studio) as connection:
        process = await connection.create_process("/bin/sh", encoding=None)
        client = GateClient(process)
        await client.send(greet())
        ours_hello = await client.hear()
        ours = await client.ask(
            "observe", parts=_parts(DIRECTORY, port, ["/"])
        )
        process.close()

    assert ours_hello["id"] == hello["id"] == GREETED
    assert set(ours_hello) == set(hello)
    assert set(ours) == set(real)
    assert set(real["parts"]) == set(asked), real["gaps"]
    for part, answer in real["parts"].items():
        assert _comparable(ours["parts"][part]) == _comparable(answer), part
