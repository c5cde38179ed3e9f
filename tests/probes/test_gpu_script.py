"""The script's patience with the lock; tests/hosts has all the rest."""

import fcntl
import os
import subprocess
import threading
from pathlib import Path

import pytest

from monitor.probes.gpu_script import script

SYSTEM = ":/usr/local/bin:/usr/bin:/bin:/usr/lib/wsl/lib"


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """Return a directory with a lock file and an nvidia-smi."""
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho fine\n")
    program.chmod(0o755)
    lock(tmp_path).touch()
    return tmp_path


def lock(host: Path) -> Path:
    return host / f"facefusion-monitor-nvidia-smi.{os.getuid()}.lock"


def run(host: Path, within: float) -> tuple[int, bytes]:
    done = subprocess.run(  # noqa: S603 - our own script
        ["/bin/sh", "-c", script(within)],
        env={"PATH": f"{host}{SYSTEM}", "TMPDIR": str(host)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=20,
        check=False,
    )
    return done.returncode, done.stdout


def test_one_that_ends_soon_is_waited_for(host: Path) -> None:
    with lock(host).open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        ends = threading.Timer(0.5, fcntl.flock, (held, fcntl.LOCK_UN))
        ends.start()

        answer = run(host, 10)
        ends.join()

    assert answer == (0, b"fine\n")


def test_one_that_stays_is_stuck(host: Path) -> None:
    with lock(host).open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        answer = run(host, 10)

    assert answer == (75, b"")


def test_what_was_waited_is_taken_from_the_limits() -> None:
    text = script(10)

    assert '"$waited" -lt 2 ]' in text
    assert "$((7 - waited))" in text
    assert "$((9 - waited))" in text
    assert '"$waited" -lt 0 ]' in script(1)
