"""One check's place in the book."""

from monitor.domain.observation import Observation
from monitor.engine.board import Board
from monitor.engine.check import Check
from monitor.engine.entry import Entry
from monitor.engine.events import Looked, Skipped
from monitor.outputs.metrics.book import Book, Page
from monitor.outputs.metrics.canaries import Canary
from monitor.outputs.metrics.lines import Lines
from monitor.outputs.metrics.probes import Probe
from monitor.outputs.metrics.sheet import Sheet

NOTHING: dict[str, bytes] = {}


class Record:
    """Writes a check's lines when it is told, and takes out what is old.

    `entry` is the check as the board had it when it was last written.
    """

    def __init__(self, entry: Entry, former: "Record | None" = None) -> None:
        self.entry = entry
        self.lines = _lines(entry, former)
        self._lasting = Page()
        self._passing = Page()
        self._blocks = NOTHING

    @property
    def check(self) -> Check:
        """Return the check that this is about."""
        return self.entry.check

    def count(self, event: Looked | Skipped) -> None:
        """Count what happened."""
        if isinstance(event, Looked):
            self.lines.looked(event)
        else:
            self.lines.skipped(event)

    def write(self, entry: Entry, board: Board, book: Book) -> None:
        """Write all lines anew, and show them as fresh.

        What cannot be written leaves the lines before, with their own age.
        """
        blocks = self._rendered(entry.seen)
        self.entry, self._blocks = entry, blocks
        book.write(self._passing, self._blocks)
        self.write_lasting(entry, board, book)

    def write_lasting(self, entry: Entry, board: Board, book: Book) -> None:
        """Write the counters, times and identity anew."""
        sheet = Sheet()
        self.lines.lasting(sheet, entry, board)
        book.write(self._lasting, sheet.blocks())

    def is_wrong(self, now: float) -> bool:
        """Return whether old lines are shown, or fresh ones are not."""
        shown = self._passing.blocks is not NOTHING
        return shown is not (self.entry.fresh(now) is not None)

    def mend(self, now: float, book: Book) -> None:
        """Show the lines exactly while they are a fact."""
        fresh = self.entry.fresh(now) is not None
        book.write(self._passing, self._blocks if fresh else NOTHING)

    def leave(self, book: Book) -> None:
        """Take everything out of the book."""
        book.write(self._passing, NOTHING)
        book.write(self._lasting, NOTHING)

    def _rendered(self, seen: Observation | None) -> dict[str, bytes]:
        if seen is None:
            return NOTHING
        sheet = Sheet()
        self.lines.passing(sheet, seen)
        return sheet.blocks()


def _lines(entry: Entry, former: Record | None) -> Lines:
    """Return a check's lines; its counters go on while its labels stay."""
    check = entry.check
    made = Canary(check) if check.kind == "canary" else Probe(check)
    if former is not None and former.check.labels == check.labels:
        made.go_on(former.lines)
    return made
