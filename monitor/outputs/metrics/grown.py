"""Counters that looks bring along: they stay when a reading is too old."""

from monitor.domain.joblog.reading import LogReading
from monitor.domain.machine.reading import MachineReading
from monitor.domain.observation import Observation
from monitor.engine.board import Board
from monitor.engine.check import Check
from monitor.outputs.metrics import hosts, logs, services
from monitor.outputs.metrics.services import Life
from monitor.outputs.metrics.sheet import Sheet
from monitor.outputs.metrics.text import Labels

LOGS = "logs"
"""The kind of the check whose counters are known before its first look."""


class Grown:
    """What the looks of one check have counted on the other side.

    A counter is shown as the reading has it: one that begins anew does so
    here too.
    """

    def __init__(self) -> None:
        self.life: Life | None = None
        self.xids: hosts.Xids | None = None
        self.events: logs.Counts = ()

    def go_on(self, former: "Grown") -> None:
        """Take over what another check of the same series has counted.

        Not the process: nobody knows yet whether it is the same.
        """
        self.xids, self.events = former.xids, former.events

    def looked(self, seen: Observation) -> None:
        """Take over what a look has counted."""
        reading = seen.reading
        self.life = services.lived(self.life, seen)
        if isinstance(reading, LogReading):
            self.events = reading.counts
        elif isinstance(reading, MachineReading) and reading.kernel:
            self.xids = reading.kernel.counts

    def write(
        self, sheet: Sheet, check: Check, board: Board, about: Labels
    ) -> None:
        """Write all counters."""
        if check.kind == LOGS:
            logs.events(sheet, self.events, about)
        if self.xids is not None:
            known = board.gpus(check.key.subject)
            hosts.xids(sheet, self.xids, known, about)
        services.spent(sheet, self.life, about)
