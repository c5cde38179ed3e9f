"""What a test can turn while the stand-in runs.

`.stand-in/knobs.json` is read again when it changes: `hang` (requests get
no answer), `slow` (seconds before one), `work_seconds` of a job, `busy`
(burns a core), `children` (processes of its own), `start_seconds`,
`stop_seconds`, `job` (a job begins that never ends), `exit` (a start ends
at once, with this code), `deaf` (its port is closed for good), `broken`
(jobs end in this CUDA error), `stubborn` (only SIGKILL ends it). With a
pid, `hang` and `stubborn` are of that process alone. `memory` is held on
card `card` (megabytes), `needs` is what a job takes of it beside. Lines added
to `.stand-in/say` are printed as they are, `.stand-in/output` is what each
job makes. `.stand-in/pid` is ours to write.
"""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

from .gpu_memory import free, hold, let_go
from .jobs import Jobs
from .log import raw

_STEP = 0.03


class Knobs:
    """The folder is written by tests, as root."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._children: list[subprocess.Popen[bytes]] = []
        self._closed = threading.Event()
        self._said = self._say_size()
        self._seen = 0
        self._now: dict[str, object] = {}
        self._job = False
        self._holds = (0, 0)
        self._read()
        self._hold()
        folder.mkdir(exist_ok=True)
        (folder / "pid").write_text(str(os.getpid()))

    def on(self, name: str) -> bool:
        return bool(self._now.get(name))

    def mine(self, name: str) -> bool:
        """Return whether it is turned for every process, or for this one."""
        return self._now.get(name) in {True, os.getpid()}

    def number(self, name: str, usual: float) -> float:
        value = self._now.get(name, usual)
        return float(value) if isinstance(value, int | float) else usual

    def text(self, name: str) -> str:
        return str(self._now.get(name) or "")

    def lacks_memory(self) -> bool:
        """Return whether its card has less than a job needs."""
        needs = self.number("needs", 0)
        return bool(needs) and free(self._holds[0]) < needs

    def output(self, source: Path) -> Path:
        """Return the image that a job makes of another."""
        made = self._folder / "output"
        return made if made.exists() else source

    def watch(self, jobs: Jobs) -> None:
        for work in (self._follow, self._burn):
            threading.Thread(target=work, args=(jobs,), daemon=True).start()

    def close(self) -> None:
        self._closed.set()
        for child in self._children:
            child.kill()

    def _follow(self, jobs: Jobs) -> None:
        while True:
            self._say()
            self._read()
            self._hold()
            self._breed(int(self.number("children", 0)))
            if self.on("job") and not self._job:
                jobs.start("ui")
            self._job = self.on("job")
            if self._closed.wait(_STEP):
                return

    def _burn(self, _: Jobs) -> None:
        while not self._closed.wait(0 if self.on("busy") else _STEP):
            if self.on("busy"):
                sum(range(100_000))

    def _read(self) -> None:
        path = self._folder / "knobs.json"
        try:
            changed = path.stat().st_mtime_ns
            if changed != self._seen:
                self._now = json.loads(path.read_text())
                self._seen = changed
        except (OSError, ValueError):
            return

    def _say(self) -> None:
        size = self._say_size()
        if size <= self._said:
            return
        with (self._folder / "say").open("rb") as file:
            file.seek(self._said)
            new = file.read(size - self._said)
        self._said = size
        for line in new.decode().splitlines():
            raw(line)

    def _say_size(self) -> int:
        path = self._folder / "say"
        return path.stat().st_size if path.exists() else 0

    def _hold(self) -> None:
        wanted = int(self.number("card", 0)), int(self.number("memory", 0))
        if wanted != self._holds:
            let_go()
            if wanted[1]:
                hold(*wanted)
            self._holds = wanted

    def _breed(self, wanted: int) -> None:
        while len(self._children) < wanted:
            words = [sys.executable, "-c", "import time; time.sleep(3600)"]
            self._children.append(subprocess.Popen(words))  # noqa: S603  ours
