"""`facefusion-monitor simulate`, as a person starts it."""

import asyncio
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import yaml

from monitor.cli.app import run
from tests.simulator.visitor import NO_TLS

_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


@asynccontextmanager
async def _running(
    *options: str,
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "monitor", "simulate", *options),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            said = await process.stdout.readuntil(b"Ctrl-C ends it.\n")
        yield process, said.decode()
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_it_says_where_it_is_and_ends_with_ctrl_c(
    tmp_path: Path,
) -> None:
    options = ("--port", "0", "--fault", "slow=3", "--fault", "gpu-lost")

    async with _running(*options, "--directory", str(tmp_path)) as (
        process,
        said,
    ):
        url, control, *_ = _ADDRESS.findall(said)
        async with httpx.AsyncClient(verify=NO_TLS) as http:
            status = await http.get(f"{url}/api/v1/status")
            page = await http.get(control)
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(10):
            code = await process.wait()

    settings = yaml.safe_load(
        (tmp_path / "facefusion-monitor.yml").read_text()
    )
    assert status.status_code == 200
    assert "faults: slow=3, gpu_lost=1" in page.text
    assert settings["targets"][0]["url"] == url
    assert code == 0


def test_a_taken_port_is_one_clear_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        code = run(["simulate", "--port", str(port)])

    said = capsys.readouterr()
    assert code == 1
    assert said.out == ""
    assert said.err.startswith(f"cannot listen on 127.0.0.1:{port}: ")
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("flood", "cannot find the fault 'flood'"),
        ("slow=much", "cannot read 'slow=much'"),
        ("hang=2", "cannot give hang the value 2"),
    ],
)
def test_a_fault_that_is_none_is_bad_usage(
    capsys: pytest.CaptureFixture[str], fault: str, says: str
) -> None:
    code = run(["simulate", "--port", "0", "--fault", fault])

    assert code == 64
    assert says in capsys.readouterr().err
