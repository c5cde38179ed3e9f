"""Removes each safety guard in turn and expects its tests to fail.

Run by `make guards`. A guard whose tests still pass without it is not
guarded by anything; then this exits 1. The work tree is never changed: each
guard is removed in a copy.
"""

import compileall
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.guards import (
    acting,
    automation,
    diagnosis,
    gates,
    hosts,
    recovery,
    servers,
    ssh,
    watching,
    web,
)
from tests.guards.guard import Guard

ROOT = Path(__file__).parents[2]
COPIED = ("monitor", "tests", "pyproject.toml")
SECONDS = 300
AT_ONCE = 2
WITHOUT = ("-p", "no:cacheprovider", "-p", "no:schemathesis")
"""Schemathesis alone is a third of a short run; no guard needs it."""
GUARDS = (
    *ssh.GUARDS,
    *hosts.GUARDS,
    *servers.GUARDS,
    *watching.GUARDS,
    *diagnosis.GUARDS,
    *web.GUARDS,
    *gates.GUARDS,
    *recovery.GUARDS,
    *acting.GUARDS,
    *automation.GUARDS,
)


def kept(guard: Guard, compiled: Path) -> bool:
    """Return whether the tests notice that the guard is gone.

    `compiled` is a copy of the work tree; the guard is removed in another
    one, whose other files are the same as there.
    """
    with tempfile.TemporaryDirectory(dir=compiled.parent) as folder:
        copy = Path(folder) / "main"
        shutil.copytree(compiled, copy, copy_function=os.link)
        path = copy / guard.file
        code = path.read_text()
        if code.count(guard.line) != 1:
            print(f"not there once: {guard.line!r} in {guard.file}")
            return False
        path.unlink()  # the file of the other copy stays as it is
        path.write_text(code.replace(guard.line, guard.without))
        return _tests_fail(guard, copy)


def _copy(copy: Path) -> None:
    """Copy the work tree, with all of it compiled: that is half the time."""
    copy.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, copy / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, copy / name)
    compileall.compile_dir(copy, quiet=2)


def _tests_fail(guard: Guard, copy: Path) -> bool:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--timeout=30"]
    ran = subprocess.run(  # noqa: S603 - our own tests, from the table above
        [*command, *WITHOUT, *guard.tests.split()],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},  # for their processes
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if ran.returncode == 1:  # 2 and up: pytest itself could not run
        return True
    print(ran.stdout[-2000:])
    return False


def main() -> int:
    """Remove every guard once and say how many were missed."""
    missed = 0
    with (
        tempfile.TemporaryDirectory(prefix="guards-") as folder,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        compiled = Path(folder) / "compiled"
        _copy(compiled)
        found = pool.map(partial(kept, compiled=compiled), GUARDS)
        for guard, noticed in zip(GUARDS, found, strict=True):
            missed += not noticed
            said = "killed  " if noticed else "SURVIVED"
            print(said, guard.says, flush=True)
    print(f"{len(GUARDS) - missed} of {len(GUARDS)} killed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
