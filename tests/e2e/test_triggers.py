"""The examples for other tools do what they say, and that once."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from monitor.simulator.machine.booting import Pace
from tests.conftest import component
from tests.stories.restart_town import Monitor, Starts, begin, sick_studio

PLACE = Path(__file__).parents[2] / "deploy" / "triggers"
SCRIPTS = sorted(PLACE.glob("*.sh"))
RECOVERY = {
    "allow": ["restart"],
    "cooldown": "100ms",
    "budget": {"restart": "100/1h"},
}
pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
every_script = pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)


class Tool:
    """A machine with the scripts and a token, and what they said."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder = folder
        ours = folder / "bin"
        ours.mkdir(exist_ok=True)
        command = ours / "facefusion-monitor"
        command.write_text(
            f'#!/bin/sh\nexec {sys.executable} -m monitor "$@"\n'
        )
        command.chmod(0o755)
        self._environ = {
            **os.environ,
            "PATH": f"{ours}:{os.environ['PATH']}",
            "PYTHONPATH": str(PLACE.parents[1]),
            "FACEFUSION_MONITOR_URL": url,
            "FACEFUSION_MONITOR_TOKEN_FILE": str(folder / "ann"),
            "EVERY": "0.2",
        }

    async def runs(self, script: Path, *words: str) -> tuple[int, str]:
        """Return the exit code and what was said to people."""
        process = await asyncio.create_subprocess_exec(
            str(script),
            *words,
            env=self._environ,
            cwd=self._folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(60):
            _, said = await process.communicate()
        assert process.returncode is not None
        return process.returncode, said.decode()


@asynccontextmanager
async def sick(folder: Path) -> AsyncIterator[tuple[Monitor, Starts, Tool]]:
    for program in ("curl", "jq"):
        component(program)
    async with (
        sick_studio(folder, RECOVERY, Pace()) as (host, config),
        await begin(config, folder) as monitor,
    ):
        await monitor.is_diagnosed("none")
        host.faults.switch_on("process_killed")
        await monitor.is_diagnosed("process_down")
        yield monitor, Starts(host), Tool(folder, monitor.url)


@every_script
async def test_a_sick_server_is_restarted_once_for_one_key(
    tmp_path: Path, script: Path
) -> None:
    async with sick(tmp_path) as (monitor, starts, tool):
        asked = (script, "studio", "incident 1", 'it is "down"')
        first = await tool.runs(*asked)
        again = await tool.runs(*asked)
        changes = (await monitor.get("changes"))["changes"]
        plan = await monitor.get(f"plans/{changes[0]['plan']}")

    assert (first, again) == ((0, first[1]), (0, again[1]))
    assert starts.count == 1
    assert plan["reason"] == 'it is "down"'


@every_script
async def test_what_a_gate_refuses_is_said_and_exits_with_1(
    tmp_path: Path, script: Path
) -> None:
    async with sick(tmp_path) as (monitor, starts, tool):
        await tool.runs(script, "studio", "incident 1", "it is down")
        await monitor.is_diagnosed("none")
        code, said = await tool.runs(script, "studio", "incident 2", "again")

    assert code == 1, said
    assert "cannot restart studio" in said
    assert starts.count == 1


@every_script
async def test_a_server_that_nobody_knows_is_not_looked_for_elsewhere(
    tmp_path: Path, script: Path
) -> None:
    async with sick(tmp_path) as (_, starts, tool):
        code, said = await tool.runs(
            script, "studio/plans?x=/../../../", "incident 1", "it is down"
        )

    assert code == 64, said
    assert "cannot" in said
    assert starts.count == 0


@every_script
async def test_a_monitor_that_is_away_exits_with_3(
    tmp_path: Path, script: Path
) -> None:
    component("curl")
    (tmp_path / "ann").write_text("a-token\n")
    (tmp_path / "ann").chmod(0o600)
    tool = Tool(tmp_path, "http://127.0.0.1:9")

    code, said = await tool.runs(script, "studio", "incident 1", "it is down")

    assert (code, said != "") == (3, True), said


@every_script
@pytest.mark.parametrize(
    "words",
    [(), ("studio",), ("studio", "", "why"), ("studio", "key", "")],
    ids=["nothing", "target", "no_key", "no_reason"],
)
async def test_what_is_left_out_is_bad_usage_and_no_failed_restart(
    tmp_path: Path, script: Path, words: tuple[str, ...]
) -> None:
    tool = Tool(tmp_path, "http://127.0.0.1:9")

    code, said = await tool.runs(script, *words)

    assert (code, said.startswith("cannot restart")) == (64, True)


def test_the_readme_explains_each_of_them() -> None:
    readme = (PLACE / "README.md").read_text()

    assert [one for one in SCRIPTS if f"]({one.name})" not in readme] == []
    assert all(os.access(one, os.X_OK) for one in SCRIPTS)
