"""The commands of recovery where there is no daemon, token or reader."""

import asyncio
import os
import socket
import sys

import pytest

from tests.cli.operating import Operator
from tests.fakes.recovery_documents import CHANGE, PLAN, change, ended

EACH = {
    "plan": ("plan", "restart", "studio", "--reason", "it hangs"),
    "apply": ("apply", PLAN, "--confirm", "studio"),
    "approve": ("approve", PLAN),
    "deny": ("deny", PLAN, "--reason", "no need"),
    "attest": ("attest", PLAN, "--done", "by hand"),
    "cancel": ("cancel", CHANGE),
    "changes": ("changes",),
    "change": ("changes", CHANGE),
    "drill": ("drill", "studio"),
    "audit": ("audit", "verify"),
}


@pytest.mark.parametrize("command", EACH)
def test_without_a_daemon_nothing_is_known_and_the_hint_says_what_helps(
    operator: Operator, command: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"

    said = operator.says(*EACH[command], "--url", nobody)

    assert (said.code, said.out) == (3, "")
    assert said.err.startswith(f"cannot reach the daemon at {nobody}: ")
    assert "start it with `facefusion-monitor run`" in said.err
    assert said.err.count("\n") == 1


@pytest.mark.parametrize("command", EACH)
def test_a_token_that_is_missing_is_told_and_nothing_was_done(
    operator: Operator, command: str
) -> None:
    operator.desk.wants = "word"

    said = operator.says(*EACH[command])

    assert (said.code, said.out) == (1, "")
    assert "--token-file" in said.err
    assert said.err.count("\n") == 1


async def piped(operator: Operator, *arguments: str) -> tuple[int, str, str]:
    """Run a command of whose output only the first line is read."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "monitor", *arguments),
        env=os.environ | {"FACEFUSION_MONITOR_URL": operator.url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    async with asyncio.timeout(40):
        first = await process.stdout.readline()
        pipe = process.stdout._transport  # type: ignore[attr-defined]  # noqa: SLF001 - no public way to stop reading
        pipe.close()
        err = await process.stderr.read()
        code = await process.wait()
    return code, first.decode(), err.decode()


@pytest.mark.parametrize("command", ["plan", "changes"])
async def test_a_reader_that_takes_one_line_sees_no_traceback(
    operator: Operator, command: str
) -> None:
    operator.desk.past = [change(f"c{n}") for n in range(1000)]
    more = ("--limit", "1000") if command == "changes" else ()

    _, first, err = await piped(operator, *EACH[command], *more)

    assert first
    assert "Traceback" not in err
    assert "Exception ignored" not in err


async def test_a_reader_that_stops_reading_stops_no_change(
    operator: Operator,
) -> None:
    steps = [change(state="verifying", progress=f"look {n}") for n in range(2)]
    operator.desk.course = [change(), *steps, ended("succeeded")]

    code, first, err = await piped(operator, *EACH["apply"])

    assert "look 0" in first
    assert code == 3
    assert f"change {CHANGE} goes on by itself" in err
    assert "Traceback" not in err
    assert "Exception ignored" not in err
