"""The `nvidia-smi` that commands on a simulated host find in their PATH.

A small script prints what was published last. The host publishes before
each remote command, so that every answer is of the moment.
"""

import shlex
import threading
from dataclasses import dataclass
from pathlib import Path

from monitor.simulator.faults import Faults
from monitor.simulator.nvidia_smi.failures import failure, hangs, warning
from monitor.simulator.nvidia_smi.pmon import pmon
from monitor.simulator.nvidia_smi.query import query
from monitor.simulator.nvidia_smi.rack import Rack, Working
from monitor.simulator.nvidia_smi.table import listing, table

_SCRIPT = """\
#!/bin/sh
# The nvidia-smi of a simulated host: prints what the simulator published.
cd {state} || exit 255
[ -e hang ] && exec sleep 3600
case "$*" in
  '') cat table.txt ;;
  '-L'|'--list-gpus') cat list.txt ;;
  '-q -x'|'-x -q'|'--query --xml-format'|'-q --xml-format') cat query.xml ;;
  'pmon -c 1') cat pmon.txt ;;
  *) echo "Invalid combination of input arguments for the simulated host."
     exit 2 ;;
esac
exit "$(cat code)"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What one run printed on stdout, and its exit code."""

    stdout: str
    code: int


class NvidiaSmi:
    """Prints how the cards of a host are, as its faults allow."""

    def __init__(
        self, host: str, gpus: int, faults: Faults, working: Working
    ) -> None:
        self.rack = Rack(host, gpus, faults, working)
        self._faults = faults
        self._lock = threading.Lock()

    @property
    def hangs(self) -> bool:
        """Return whether a run would never return."""
        return hangs(self._faults)

    def install(self, directory: Path, state: Path) -> None:
        """Put the script into `directory`, to print what is in `state`."""
        self._state = state
        script = directory / "nvidia-smi"
        script.write_text(_SCRIPT.format(state=shlex.quote(str(state))))
        script.chmod(0o755)

    def publish(self, now: float) -> None:
        """Write what nvidia-smi says at `now`, a monotonic time."""
        with self._lock:
            seen, all_cards = self.rack.look(now), len(self.rack.cards)
            answer = query(seen, all_cards) + self._warning()
            self._write("query.xml", self._said(answer))
            self._write("table.txt", self._said(table(seen)))
            self._write("list.txt", self._said(listing(seen)))
            self._write("pmon.txt", self._said(pmon(seen)))
            self._write("code", str(self._code()))
            self._hang(is_on=self.hangs)

    def query(self, now: float) -> Printed:
        """Return what `-q -x` prints, without its supported clocks."""
        seen = self.rack.look(now)
        text = query(seen, len(self.rack.cards), brief=True) + self._warning()
        return Printed(stdout=self._said(text), code=self._code())

    def pmon(self, now: float) -> Printed:
        """Return what `pmon -c 1` prints."""
        text = pmon(self.rack.look(now))
        return Printed(stdout=self._said(text), code=self._code())

    def _said(self, text: str) -> str:
        """Return an answer with what is wrong before it, or in its place."""
        wrong = failure(self._faults, self.rack.lost())
        if wrong is None:
            return text
        return wrong.text if wrong.is_all else wrong.text + text

    def _warning(self) -> str:
        return warning(self._faults, self.rack.cards[0])

    def _code(self) -> int:
        wrong = failure(self._faults, self.rack.lost())
        return 0 if wrong is None else wrong.code

    def _hang(self, *, is_on: bool) -> None:
        mark = self._state / "hang"
        if is_on:
            mark.touch()
        else:
            mark.unlink(missing_ok=True)

    def _write(self, name: str, text: str) -> None:
        """Write a file at once or not at all: a script may be reading."""
        new = self._state / f"{name}.new"
        new.write_text(text)
        new.replace(self._state / name)
