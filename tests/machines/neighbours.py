"""Whoever else is on a machine: what no action of a monitor may end."""

import json
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.machines.host import DIRECTORY, SystemdHost
from tests.machines.root import FACEOPS, PROGRAMS, SOMEBODY
from tests.machines.waiting import until

SCRIPT = f"{DIRECTORY}/facefusion.py"
LOG = f"{DIRECTORY}/facefusion.log"
ELSEWHERE = "/home/trainer/facefusion"
EDITOR = "/usr/local/bin/vim"
LAUNCH = f"{PROGRAMS}/launch"
_LAUNCHER = Path(__file__).with_name("stand_in") / "launch"
PYTHON = "/usr/bin/python3"
TOLD = "STAND_IN_STAYS"
_HELD = (
    "import gpu_memory, json;"
    " print(json.dumps(gpu_memory.all_held(), default=str))"
)
_STAYS = f"""\
#!{PYTHON}
import sys

sys.path.insert(0, "{PROGRAMS}")
from staying import stay

sys.exit(stay())
"""


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """A process there; two with one number are told apart by their start."""

    pid: int
    start_ticks: int
    state: str


class Neighbours:
    """Lets processes run on a machine, and tells whether they still do.

    `memory` is in megabytes of GPU 0; 0 for none.
    """

    def __init__(self, host: SystemdHost) -> None:
        self.host = host
        self._started: list[Neighbour] = []
        host.path(LAUNCH).write_text(_LAUNCHER.read_text())
        for script in (f"{ELSEWHERE}/facefusion.py", EDITOR):
            self._program(script)

    def training(self, memory: int = 3000, *, number: int = 0) -> Neighbour:
        """Let another user's job run; `number` is the pid it has to get."""
        words = (PYTHON, "train.py", "--epochs", "90")
        self._program("/home/trainer/train.py")
        return self._run(
            words, "/home/trainer", SOMEBODY, number=number, memory=memory
        )

    def other_facefusion(self, memory: int = 2000) -> Neighbour:
        """Let another user's FaceFusion run, in a directory of its own."""
        words = (PYTHON, "facefusion.py", "run")
        return self._run(words, ELSEWHERE, SOMEBODY, memory=memory)

    def editor(self, memory: int = 0) -> Neighbour:
        """Let somebody edit our script, with an editor in Python."""
        words = (PYTHON, EDITOR, SCRIPT)
        return self._run(words, DIRECTORY, FACEOPS, memory=memory)

    def tail(self) -> Neighbour:
        """Let somebody follow the log."""
        self.host.run(f"touch {LOG}")
        words = ("/usr/bin/tail", "-f", "facefusion.log")
        return self._run(words, DIRECTORY, FACEOPS)

    def shell(self) -> Neighbour:
        """Let a shell wait in FaceFusion's directory."""
        typed = "/tmp/typed"  # noqa: S108 - of the machine
        words = ("/bin/sh", "-c", f"mkfifo {typed}; read line <>{typed}")
        return self._run(words, DIRECTORY, FACEOPS)

    def stray(
        self,
        memory: int = 4000,
        *,
        ignore: Sequence[str] = (),
        waits: bool = False,
        card: int = 0,
        script: str = "facefusion.py",
    ) -> Neighbour:
        """Leave a FaceFusion of ours behind, outside of the unit.

        It ignores signals by their names; or waits in the kernel, where no
        signal ends it (`Driver.thaw` does).
        """
        if waits:
            self.host.driver.freeze("compute")
        words = (PYTHON, script, "run")
        one = self._run(
            words,
            DIRECTORY,
            FACEOPS,
            memory=memory,
            ignore=ignore,
            waits=waits,
            card=card,
        )
        return self._wakes_in_kernel(one) if waits else one

    def now(self, one: Neighbour) -> Neighbour | None:
        """Return it as it is now, None where it has ended."""
        seen = self._seen(one.pid)
        gone = seen is None or seen.start_ticks != one.start_ticks
        return None if gone else seen

    def lives(self, *them: Neighbour) -> bool:
        """Return whether every one of them goes on."""
        return None not in map(self.now, them)

    def ends(self, one: Neighbour, number: int = signal.SIGKILL) -> None:
        """End one, and wait until its number is free."""
        self.host.run(f"kill -{int(number)} {one.pid}")
        until(lambda: self._seen(one.pid), lambda seen: seen is None)

    def end_all(self) -> None:
        """End everybody who was let run and lives."""
        for one in self._started:
            if self.now(one):
                self.host.run(f"kill -9 {one.pid}", check=False)
        until(
            lambda: [one for one in self._started if self.now(one)],
            lambda left: not left,
        )
        self.host.run("rm -f /tmp/typed")

    def held(self) -> dict[int, int]:
        """Return the megabytes that each process holds, by pid."""
        told = self.host.run(f"cd {PROGRAMS}; {PYTHON} -Bc '{_HELD}'")
        return {
            pid: megabytes for _, megabytes, pid, _ in json.loads(told) if pid
        }

    def _run(
        self,
        words: Sequence[str],
        cwd: str,
        user: int,
        number: int = 0,
        **told: object,
    ) -> Neighbour:
        environ = {"PATH": "/usr/bin:/bin", TOLD: json.dumps(told)}
        wanted = {
            "words": words,
            "cwd": cwd,
            "user": user,
            "number": number,
            "environ": environ,
        }
        asked = json.dumps(wanted).replace("'", "'\\''")
        pid = int(self.host.run(f"{PYTHON} -I {LAUNCH} '{asked}'"))
        self._started.append(self._must_see(pid))
        if told.get("memory"):
            until(self.held, lambda held: pid in held)
        return self._started[-1]

    def _wakes_in_kernel(self, one: Neighbour) -> Neighbour:
        """Let a signal find it waiting: from then on it is in state D."""

        def woken() -> Neighbour:
            self.host.run(f"kill -{int(signal.SIGUSR1)} {one.pid}")
            return self._must_see(one.pid)

        return until(woken, lambda seen: seen.state == "D")

    def _program(self, path: str) -> None:
        there = self.host.path(path)
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_text(_STAYS)
        there.chmod(0o755)

    def _must_see(self, pid: int) -> Neighbour:
        seen = self._seen(pid)
        assert seen is not None, f"process {pid} has ended"
        return seen

    def _seen(self, pid: int) -> Neighbour | None:
        try:
            text = self.host.path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return None
        state, *rest = text.rpartition(") ")[2].split()
        return Neighbour(pid=pid, start_ticks=int(rest[18]), state=state)
