"""The daemon does not start on a state file that it must not touch."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

CONFIGURATION = """
server: {{listen: 127.0.0.1:0}}
state: {{url: "sqlite:///{name}"}}
targets:
  - {{name: studio, url: "http://127.0.0.1:9", status: {{interval: 60s}}}}
"""


async def run(folder: Path, name: str) -> tuple[int | None, str]:
    """Run the daemon in a folder until it ends by itself."""
    (folder / "here.yml").write_text(CONFIGURATION.format(name=name))
    command = (sys.executable, "-m", "monitor", "run", "--config", "here.yml")
    daemon = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        stderr=PIPE,
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    async with asyncio.timeout(30):
        _, said = await daemon.communicate()
    return daemon.returncode, said.decode()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a letter to my aunt, not a database " * 99, "not a database"),
        (b"SQLite format 3\0" + b"\xa5" * 9000, "not a database"),
    ],
)
async def test_a_damaged_state_file_stops_the_start_with_one_line(
    tmp_path: Path, content: bytes, says: str
) -> None:
    (tmp_path / "state.db").write_bytes(content)

    code, said = await run(tmp_path, "state.db")

    last = said.strip().splitlines()[-1]
    assert code not in {0, 64}
    assert f"cannot open the state database {tmp_path}/state.db: " in last
    assert says in last
    assert "move the file aside" in last
    assert "Traceback" not in said
    assert (tmp_path / "state.db").read_bytes() == content


async def test_a_relative_state_file_is_where_the_daemon_starts(
    tmp_path: Path,
) -> None:
    code, said = await run(tmp_path, "nowhere/state.db")

    assert code not in {0, 64}
    assert f"{tmp_path}/nowhere/state.db: No such file" in said
