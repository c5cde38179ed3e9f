"""Somebody who gives our commands, each a process of its own."""

import asyncio
import multiprocessing
import os
import sys
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from monitor.cli.app import run
from tests.stories.daemon import ROOT

WITHIN = 40.0
"""Seconds in which a command ends."""
_WARM = multiprocessing.get_context("forkserver")
_WARM.set_forkserver_preload(["monitor.cli.app"])
Ended = tuple[int, str, str]
"""The code, the output and the errors of a command."""


async def command(*arguments: str, cwd: Path) -> Ended:
    """Run a command as a user would."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "monitor", *arguments),
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=PIPE,
        stderr=PIPE,
    )
    async with asyncio.timeout(WITHIN):
        out, err = await process.communicate()
    assert b"Traceback" not in err, err.decode()
    return process.returncode or 0, out.decode(), err.decode()


async def quick_command(
    *arguments: str, cwd: Path, environ: Mapping[str, str], types: str = ""
) -> Ended:
    """Run a command, forked from a process that has imported it already.

    That takes more than most commands do. With `types` somebody sits at a
    terminal and types this line.
    """
    with (
        tempfile.TemporaryDirectory(dir=cwd) as folder,
        _keyboard(types) as keys,
    ):
        out, err = (Path(folder) / name for name in ("out", "err"))
        process = _WARM.Process(
            target=_become,
            args=(arguments, cwd, dict(environ), (keys, str(out), str(err))),
        )
        process.start()
        await asyncio.to_thread(process.join, WITHIN)
        if process.is_alive():
            process.kill()
            raise TimeoutError(f"{arguments}: {err.read_text()}")
        said = out.read_text(), err.read_text()
    assert "Traceback" not in said[1], said[1]
    return process.exitcode or 0, *said


def _become(
    arguments: Sequence[str],
    cwd: Path,
    environ: Mapping[str, str],
    streams: Sequence[str],
) -> None:
    """Do what `python -m monitor` does, on these streams."""
    modes = (os.O_RDONLY, *[os.O_WRONLY | os.O_CREAT] * 2)
    for number, (path, mode) in enumerate(zip(streams, modes, strict=True)):
        os.dup2(os.open(path, mode, 0o600), number)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - as long as we live
    os.chdir(cwd)
    os.environ.update(environ)
    sys.exit(run(arguments))


@contextmanager
def _keyboard(line: str) -> Iterator[str]:
    """Yield where to read from: a terminal with a line, or nothing."""
    if not line:
        yield os.devnull
        return
    keys, screen = os.openpty()
    try:
        os.write(keys, f"{line}\n".encode())
        yield os.ttyname(screen)
    finally:
        os.close(keys)
        os.close(screen)
