"""Whom the scene asks, as it sees them, and what it gives out."""

from dataclasses import dataclass
from typing import Protocol

from monitor.domain.diagnosis.diagnosis import Diagnosis
from monitor.domain.fleet import Target
from monitor.domain.maintenance import Window
from monitor.domain.observation import Observation
from monitor.domain.recovery.identity import Identity
from monitor.domain.recovery.situation import SecondLook
from monitor.domain.recovery.words import Action
from monitor.domain.service.reading import ServiceReading


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAddress:
    """What a target's settings say of its service on the machine.

    `port` is the one that the target's URL names.
    """

    manager: str
    unit: str
    directory: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What fresh looks showed, as of the Unix time `at`.

    `service` is None where the host told nothing. `blind` says why our own
    eyes cannot be trusted just now, empty when they can. `lacks_root`: root
    was to look there, and could not.
    """

    at: float
    service: ServiceReading | None
    status: Observation | None
    second: SecondLook
    process: Observation | None = None
    jobs: Observation | None = None
    blind: str = ""
    gpu: Observation | None = None
    machine: Observation | None = None
    lacks_root: bool = False


class Steps(Protocol):
    """Says what an action does, in order, a sentence each."""

    def __call__(
        self,
        *,
        manager: str,
        unit: str,
        host: str,
        processes: tuple[Identity, ...],
        directory: str,
    ) -> tuple[str, ...]:
        """Return the steps."""
        ...


class WhyNoHand(Protocol):
    """Says why nothing can act on a machine, a sentence."""

    def __call__(self, host: str, action: Action = Action.RESTART) -> str:
        """Return it, for the key that the action needs."""
        ...


class RootLook(Protocol):
    """Looks at a service as root sees it, through whoever may act there."""

    async def __call__(
        self, target: Target, place: ServiceAddress
    ) -> ServiceReading | None:
        """Return what root sees, None where nobody could look."""
        ...


class Diagnoses(Protocol):
    """Whatever knows the diagnosis of a server: the ward."""

    def diagnosis(self, target: str) -> Diagnosis:
        """Return the diagnosis in force."""
        ...


class Planned(Protocol):
    """Whatever knows planned work: the book of maintenance."""

    def planned(self, target: str) -> Window | None:
        """Return the window that a server is in."""
        ...
