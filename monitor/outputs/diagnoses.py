"""Where outputs ask what is wrong with a server, and who is told."""

from typing import Protocol

from monitor.domain.diagnosis.diagnosis import Diagnosis
from monitor.domain.diagnosis.paging import Page
from monitor.domain.health import Health


class Diagnoses(Protocol):
    """The ward, as seen from outside; it may be asked from any thread."""

    def diagnosis(self, target: str) -> Diagnosis:
        """Return the diagnosis in force."""
        ...

    def page(self, target: str) -> Page | None:
        """Return the page that holds, told or withheld."""
        ...

    def health(self, target: str, now: float) -> Health:
        """Return a server's health at a Unix time in seconds."""
        ...
