"""A machine from power on to power off, reboots included."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.machines.cgroups import Cgroups
from tests.machines.wires import Wire

BOOT = Path(__file__).with_name("boot.sh")
PATIENCE = 20.0
_NEW = ("--net", "--pid", "--mount", "--uts", "--ipc", "--cgroup", "--time")


class Life:
    """Boots a machine whose files lie below `root`, again and again.

    `boots` counts; `verb` is how the last boot ended (reboot, poweroff,
    halt, or killed). `between` is called while it is off, and tells whether it
    comes back.
    """

    def __init__(
        self, name: str, root: Path, wire: Wire, between: Callable[[], bool]
    ) -> None:
        self.name, self.root, self.wire = name, root, wire
        self.boots = 0
        self.verb = ""
        self.pid = 0
        self.booted_at = 0.0
        self.cgroup = Path()
        self._between = between
        self._cgroups = Cgroups()
        self._changed = threading.Condition()
        self._ending = False
        self._process: subprocess.Popen[str] | None = None
        self._thread = threading.Thread(target=self._live, daemon=True)

    @property
    def is_on(self) -> bool:
        process = self._process
        return process is not None and process.poll() is None

    def begin(self) -> None:
        """Boot, and keep it booting as it wishes."""
        self._boot()
        self._thread.start()

    def await_boot(self, number: int, within: float = PATIENCE) -> None:
        """Wait until it has booted so many times."""
        self._await(lambda: self.boots >= number, f"boot {number}", within)

    def await_off(self, within: float = PATIENCE) -> None:
        """Wait until it is off for good."""
        self._await(lambda: not self._thread.is_alive(), "off", within)

    def end(self) -> None:
        """Cut its power and remove what it left in this place."""
        self._ending = True
        self.cut()
        if self._thread.ident is not None:
            self._thread.join(PATIENCE)
        self.wire.cut()
        self._cgroups.close()

    def cut(self) -> None:
        """Kill its first process, and with it all others there."""
        if self.is_on and self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def _await(
        self, is_true: Callable[[], bool], what: str, within: float
    ) -> None:
        end = time.monotonic() + within
        with self._changed:
            while not is_true():
                left = end - time.monotonic()
                assert left > 0, f"{self.name}: no {what} within {within} s"
                self._changed.wait(min(left, 0.05))

    def _live(self) -> None:
        while True:
            assert self._process is not None
            self._process.wait()
            self.verb = self._last_word()
            self._cgroups.remove(self.cgroup)
            again = self.verb == "reboot" and not self._ending
            if again and self._between():
                self._boot()
            else:
                return

    def _boot(self) -> None:
        self.cgroup = self._cgroups.new(self.name)
        uptime = int(time.clock_gettime(time.CLOCK_BOOTTIME))
        monotonic = int(time.monotonic())
        words = (
            *("sh", "-c", 'echo $$ >"$0/cgroup.procs"; exec "$@"'),
            *(str(self.cgroup), "unshare", *_NEW, "--fork", "--kill-child"),
            *("--boottime", str(1 - uptime), "--monotonic"),
            *(str(1 - monotonic), str(BOOT), str(self.root), self.name),
        )
        with (self.root / "boot.log").open("a") as log:
            process = subprocess.Popen(  # noqa: S603 - words of our own
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert process.stdin is not None
        assert process.stdout is not None
        with process.stdout as stdout:
            said = stdout.readline().strip()
        assert said == "UP", (self.root / "boot.log").read_text()
        self._process, self.pid = process, _child(process.pid)
        self.wire.lay(self.pid)
        self.booted_at = time.monotonic() - 1
        process.stdin.write("\n")
        process.stdin.close()
        with self._changed:
            self.boots += 1
            self._changed.notify_all()

    def _last_word(self) -> str:
        word = self.root / "upper/var/lib/machine-verb"
        if not word.exists():
            return "killed"
        verb = word.read_text().strip()
        word.unlink()
        return verb


def _child(pid: int) -> int:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return int(text.split()[0])
