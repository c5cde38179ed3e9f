"""Files through the gate of a simulated host."""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from monitor.simulator.host import SimulatedHost
from tests.simulator.gate_client import GateClient, gate
from tests.simulator.visitor import ASTRONAUT, Visitor, portrait, put


@pytest_asyncio.fixture
async def client(
    studio: SimulatedHost, visitor: Visitor
) -> AsyncIterator[GateClient]:
    async with gate(visitor, studio) as line:
        yield line


async def test_a_canary_is_put_worked_on_fetched_and_removed(
    client: GateClient, studio: SimulatedHost, visitor: Visitor
) -> None:
    data = base64.b64encode(portrait(ASTRONAUT)).decode()

    sent = await client.ask("files", do="put", name="in.jpg", data=data)
    there = studio.canary_directory / "in.jpg"
    answer = await visitor.post(studio, "enhance-face", source_path=str(there))
    output = Path(answer.json()["output_path"])
    fetched = await client.ask("files", do="get", path=str(output))
    listed = await client.ask("files", do="list")
    gone = await client.ask("files", do="remove", path=str(output))

    assert sent["size"] == len(portrait(ASTRONAUT))
    assert base64.b64decode(fetched["data"]).startswith(b"\x89PNG")
    assert {one["name"] for one in listed["entries"]} == {
        "in.jpg",
        output.name,
    }
    assert gone["removed"] is True
    assert not await asyncio.to_thread(output.exists)


async def test_a_file_that_is_there_is_never_written_over(
    client: GateClient, studio: SimulatedHost
) -> None:
    there = Path(put(studio, ASTRONAUT))

    said = await client.ask("files", do="put", name=there.name, data="AAAA")

    assert "error" in said
    assert await asyncio.to_thread(there.read_bytes) == portrait(ASTRONAUT)


@pytest.mark.parametrize("do", ["get", "remove"])
async def test_a_file_of_the_real_machine_is_out_of_reach(
    client: GateClient, outside: Path, studio: SimulatedHost, do: str
) -> None:
    link = studio.canary_directory / "link"
    link.symlink_to(outside)
    around = f"{studio.canary_directory}/../../../{outside.name}"

    for path in (str(outside), str(link), around, "\0"):
        said = await client.ask("files", do=do, path=path, newer_than=1.0)
        assert "error" in said
