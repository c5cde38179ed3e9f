"""Removes each safety guard in turn and expects its tests to fail.

Run by `make guards`. A guard whose tests still pass without it is not
guarded by anything; then this exits 1. The work tree is never changed: each
guard is removed in a copy.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.guards import diagnosis, hosts, servers, ssh, watching, web
from tests.guards.guard import Guard

ROOT = Path(__file__).parents[2]
COPIED = ("monitor", "tests", "pyproject.toml")
SECONDS = 300
AT_ONCE = 2
GUARDS = (
    *ssh.GUARDS,
    *hosts.GUARDS,
    *servers.GUARDS,
    *watching.GUARDS,
    *diagnosis.GUARDS,
    *web.GUARDS,
)


def kept(guard: Guard) -> bool:
    """Return whether the tests notice that the guard is gone."""
    with tempfile.TemporaryDirectory(prefix="guards-") as folder:
        copy = Path(folder) / "main"
        _copy(copy)
        path = copy / guard.file
        code = path.read_text()
        if code.count(guard.line) != 1:
            print(f"not there once: {guard.line!r} in {guard.file}")
            return False
        path.write_text(code.replace(guard.line, guard.without))
        return _tests_fail(guard, copy)


def _copy(copy: Path) -> None:
    copy.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, copy / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, copy / name)


def _tests_fail(guard: Guard, copy: Path) -> bool:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--timeout=30"]
    ran = subprocess.run(  # noqa: S603 - our own tests, from the table above
        [*command, "-p", "no:cacheprovider", *guard.tests.split()],
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
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for guard, noticed in zip(GUARDS, pool.map(kept, GUARDS), strict=True):
            missed += not noticed
            said = "killed  " if noticed else "SURVIVED"
            print(said, guard.says, flush=True)
    print(f"{len(GUARDS) - missed} of {len(GUARDS)} killed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
