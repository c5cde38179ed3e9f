"""The `nvidia-smi` that commands on a simulated host find in their PATH.

A small script prints what was published last. The host publishes before
each remote command, so that every answer is of the moment.
"""

import shlex
import threading
from collections.abc import Callable
from pathlib import Path

from monitor.simulator.faults import Faults
from monitor.simulator.nvidia_smi.card import (
    Card,
    Load,
    after,
    at_rest,
    make_cards,
)
from monitor.simulator.nvidia_smi.query import query
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
  *) echo "Invalid combination of input arguments for the simulated host."
     exit 2 ;;
esac
exit "$(cat code)"
"""
_LOST = 15
"""Exit code for a GPU that fell off the bus, in nvidia-smi's manual."""

Working = Callable[[], tuple[str, float]]


class NvidiaSmi:
    """Publishes what a host's nvidia-smi prints.

    `working` returns the job that runs now, empty for none, and for how
    many seconds jobs ran since the host is there.
    """

    def __init__(
        self, host: str, gpus: int, faults: Faults, working: Working
    ) -> None:
        self._faults = faults
        self._working = working
        self._lock = threading.Lock()
        self._cards = make_cards(host, gpus)
        self._vitals = {card: at_rest(card) for card in self._cards}
        self._looked: tuple[float, float] | None = None

    def install(self, directory: Path, state: Path) -> None:
        """Put the script into `directory`, to print what is in `state`."""
        self._state = state
        script = directory / "nvidia-smi"
        script.write_text(_SCRIPT.format(state=shlex.quote(str(state))))
        script.chmod(0o755)

    def publish(self, now: float) -> None:
        """Write what nvidia-smi says at `now`, a monotonic time."""
        with self._lock:
            self._live_on(now)
            lost = self._lost()
            seen = [
                (card, vitals)
                for card, vitals in self._vitals.items()
                if card != lost
            ]
            moan = "" if lost is None else _moan(lost)
            self._write("query.xml", moan + query(seen, len(self._cards)))
            self._write("table.txt", moan + table(seen))
            self._write("list.txt", moan + listing(seen))
            self._write("code", "0" if lost is None else str(_LOST))
            self._hang(is_on=self._faults.is_on("nvidia_smi_hang"))

    def _live_on(self, now: float) -> None:
        running, busy = self._working()
        since, was_busy = self._looked or (now, busy)
        seconds = now - since
        share = (busy - was_busy) / seconds if seconds > 0 else 0.0
        load = Load(running=running, share=min(max(share, 0.0), 1.0))
        for card, before in self._vitals.items():
            mine = load if card.pid is not None else Load()
            self._vitals[card] = after(
                card, before, mine, seconds=seconds, now=now
            )
        self._looked = (now, busy)

    def _lost(self) -> Card | None:
        if not self._faults.is_on("gpu_lost"):
            return None
        index = int(self._faults.value("gpu_lost", 0))
        return self._cards[min(index, len(self._cards) - 1)]

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


def _moan(card: Card) -> str:
    """Return the line about a lost GPU; it comes on stdout, before all."""
    return (
        "Unable to determine the device handle for"
        f" GPU{card.index}: 0000:{card.bus}:00.0: GPU is lost."
        "  Reboot the simulated host to get it back\n"
    )
