"""The real gate, on this machine, with tools that say what is known."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from monitor.adapters.gate.bundle import program
from tests.simulator.gate_client import Body, greeting

_UNIT = """\
LoadState=loaded
ActiveState=active
SubState=running
Result=success
MainPID={pid}
NRestarts=0
StateChangeTimestampMonotonic=1000000
ExecMainCode=0
ExecMainStatus=0
UnitFileState=enabled
Restart=no
Job=
ControlGroup=
"""
_ROWS = (
    "NVRM: Xid (PCI:0000:01:00): 13, pid=1, name=x, a real line",
    "[FACEFUSION.CORE] a real line",
)
_SERVER = """\
import socket
door = socket.create_server(("127.0.0.1", {port}))
print("ready", door.getsockname()[1], flush=True)
input()
"""


def make_tools(folder: Path, nvidia_smi: Path, pid: int) -> Path:
    """Write systemctl, journalctl and nvidia-smi; return their folder."""
    tools = folder / "tools"
    tools.mkdir()
    rows = "\n".join(
        json.dumps(
            {
                "__CURSOR": f"s=ab;i={number}",
                "__REALTIME_TIMESTAMP": "1763830000000000",
                "MESSAGE": text,
            }
        )
        for number, text in enumerate(_ROWS, start=1)
    )
    for name, says in (
        ("systemctl", _UNIT.format(pid=pid)),
        ("journalctl", rows + "\n"),
    ):
        (tools / f"{name}.txt").write_text(says)
        (tools / name).write_text(f"#!/bin/sh\ncat {tools}/{name}.txt\n")
    shutil.copy(nvidia_smi, tools / "nvidia-smi")
    for tool in ("systemctl", "journalctl", "nvidia-smi"):
        (tools / tool).chmod(0o755)
    return tools


@asynccontextmanager
async def bare_server(folder: Path) -> AsyncIterator[tuple[int, int]]:
    """Run a process that looks like FaceFusion; yield its pid and port."""
    (folder / "facefusion.py").write_text(_SERVER.format(port=0))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "facefusion.py", "run"),
        cwd=folder,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(10):
            line = await process.stdout.readline()
        yield process.pid, int(line.split()[1])
    finally:
        process.kill()
        await process.communicate()


async def observe(
    folder: Path, tools: Path, parts: Mapping[str, Body]
) -> tuple[Body, Body]:
    """Return the greeting of the real gate and what it observes."""
    path = folder / "gate.py"
    path.write_bytes(program())
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", str(path), "observe"),
        *("--directory", str(folder)),
        env={"PATH": f"{tools}:{os.defpath}", "TMPDIR": str(folder)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    asked = {"v": 1, "id": "2", "verb": "observe", "within": 20}
    line = json.dumps({**asked, "parts": parts}).encode() + b"\n"
    async with asyncio.timeout(30):
        said, _ = await process.communicate(greeting() + line)
    answers: dict[str, Any] = {}
    for text in said.splitlines():
        answer = json.loads(text)
        answers[answer["id"]] = answer
    return answers["greeted"], answers["2"]
