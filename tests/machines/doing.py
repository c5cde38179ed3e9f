"""Runs programs of the system; one door, so that it is looked at once."""

import subprocess
from collections.abc import Sequence
from pathlib import Path


def ran(
    *words: str | Path, check: bool = True, pass_fds: Sequence[int] = ()
) -> str:
    """Return what a program prints; with `check` its failure is an error."""
    done = subprocess.run(  # noqa: S603 - words of our own, and no shell
        words, capture_output=True, text=True, check=False, pass_fds=pass_fds
    )
    if check and done.returncode:
        said = f"{done.stdout}{done.stderr}".strip()
        msg = f"cannot run {words}: exit {done.returncode}: {said}"
        raise AssertionError(msg)
    return done.stdout
