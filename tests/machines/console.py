"""Root's console of a machine, and a look at it from outside."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.machines.life import Life

PATIENCE = 20.0
_CONSOLE = "console"
_ENTER = """\
mkdir -p "$0/console" && echo $$ >"$0/console/cgroup.procs"
pid=$1; shift
exec nsenter -t "$pid" -m -u -i -n -p -C -T -- \
  setpriv --bounding-set -sys_boot -- "$@"
"""


@dataclass(frozen=True, kw_only=True)
class Running:
    """A process in a machine, by its pid there."""

    pid: int
    name: str
    state: str
    words: tuple[str, ...]


class Console:
    """Needs no network and no sshd."""

    def __init__(self, life: Life) -> None:
        self._life = life

    def run(self, command: str, *, check: bool = True) -> str:
        """Run a shell command as root and return what it prints."""
        life, words = self._life, ("sh", "-c", f"cd /; {command}")
        ran = subprocess.run(  # noqa: S603 - what a test wants there
            ["/bin/sh", "-c", _ENTER, life.cgroup, str(life.pid), *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            env={"PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
        )
        if check and ran.returncode:
            msg = f"{command}: exit {ran.returncode}: {ran.stdout}{ran.stderr}"
            raise AssertionError(msg)
        return ran.stdout.strip()

    def path(self, name: str) -> Path:
        """Return where a file of the running machine is for us."""
        return Path(f"/proc/{self._life.pid}/root") / name.lstrip("/")

    def processes(self) -> list[Running]:
        """Return what runs there, zombies included."""
        found = []
        for entry in self.path("/proc").iterdir():
            if entry.name.isdecimal():
                found += _running(entry)
        return found


def _running(entry: Path) -> list[Running]:
    try:
        stat = (entry / "stat").read_text()
        words = (entry / "cmdline").read_bytes().split(b"\0")[:-1]
    except OSError:  # it has just ended
        return []
    before, _, after = stat.rpartition(")")
    return [
        Running(
            pid=int(entry.name),
            name=before.partition("(")[2],
            state=after.split()[0],
            words=tuple(word.decode() for word in words),
        )
    ]
