"""A ward that says what a test wants; the rest is as the checks are."""

from dataclasses import dataclass, field

from monitor.domain.diagnosis.cause import CAUSES, NONE
from monitor.domain.diagnosis.diagnosis import Diagnosis
from monitor.domain.diagnosis.paging import Page
from monitor.domain.health import Health
from monitor.engine.board import Board


@dataclass
class FakeWard:
    """`diagnoses` and `pages` by target; without one nothing is wrong.

    `healths` stands for changes that are not believed yet.
    """

    board: Board
    diagnoses: dict[str, Diagnosis] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    healths: dict[str, Health] = field(default_factory=dict)

    def diagnosis(self, target: str) -> Diagnosis:
        return self.diagnoses.get(target) or diagnosed(NONE)

    def page(self, target: str) -> Page | None:
        return self.pages.get(target)

    def health(self, target: str, now: float) -> Health:
        if target in self.healths:
            return self.healths[target]
        held = self.diagnoses.get(target)
        return held.health if held else self.board.health(target, now)


def diagnosed(
    cause: str, *, because: str = "nothing runs there", since: float = 0.0
) -> Diagnosis:
    """Return a diagnosis with what the table says of its cause."""
    row = CAUSES[cause]
    return Diagnosis(
        cause=cause,
        health=row.health,
        severity=row.severity,
        because=because,
        at=since,
        since=since,
        remedies=row.may,
    )


def paged(
    cause: str = "process_down",
    *,
    target: str = "studio",
    at: float = 0.0,
    withheld: str = "",
) -> Page:
    """Return a page with what the table says of its cause."""
    row = CAUSES[cause]
    return Page(
        target=target,
        host="gpu1",
        cause=cause,
        severity=row.severity,
        because="nothing runs there",
        at=at,
        remedies=row.may,
        withheld=withheld,
        withheld_because=f"it is {withheld}" if withheld else "",
    )
