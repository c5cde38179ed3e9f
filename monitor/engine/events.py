"""What the engine tells: outputs translate it to metrics and log lines."""

from collections.abc import Callable
from dataclasses import dataclass

from monitor.domain.alerts.alert import Alert, Outcome
from monitor.domain.diagnosis.diagnosis import Diagnosis
from monitor.domain.diagnosis.paging import Page
from monitor.domain.judgement import Track, Transition
from monitor.domain.observation import CheckKey, Observation
from monitor.domain.recovery.audit import Sealed
from monitor.domain.recovery.change import Change
from monitor.domain.recovery.plan import PlanRecord
from monitor.domain.recovery.words import State
from monitor.engine.check import Check


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A scheduled run began `lag` seconds late; `missed` runs were lost."""

    check: Check
    lag: float
    missed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A run that was due at `at`, a Unix time in seconds, did not happen."""

    check: Check
    reason: str
    because: str = ""
    at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A look ended, and whether it changed the opinion.

    `maintenance` says that it fell into planned work.
    """

    check: Check
    seen: Observation
    track: Track
    changed: Transition | None
    maintenance: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgot:
    """The store could not keep what was seen; watching goes on."""

    key: CheckKey
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Broke:
    """A probe failed in a way that it does not know: a fault of ours."""

    key: CheckKey
    error: BaseException


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewired:
    """A new configuration is in force: what is gone from the board.

    `checks` holds those that are gone or that were replaced by another
    check of the same key; what is not named kept its state. `moved` are
    targets that are at another address now.
    """

    checks: tuple[CheckKey, ...] = ()
    targets: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A host reported that something happened to a server on it.

    `kind` is a word of `domain.service.happening`.
    """

    host: str
    target: str
    kind: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosed:
    """A server's diagnosis changed.

    `maintenance` says that it fell into planned work.
    """

    target: str
    before: Diagnosis
    after: Diagnosis
    maintenance: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Paged:
    """A page began, told or withheld."""

    page: Page


@dataclass(frozen=True, slots=True, kw_only=True)
class PageEnded:
    """A page ended at a Unix time in seconds."""

    page: Page
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTold:
    """A plan was made, approved, or is over."""

    record: PlanRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTold:
    """A change began, went on, or ended; `before` is None at first."""

    change: Change
    before: State | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """An entry was added to the audit: its hash goes elsewhere, too."""

    sealed: Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsTold:
    """Something came of `count` received alerts; `alert` is a single one."""

    outcome: Outcome
    count: int = 1
    alert: Alert | None = None
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseTold:
    """A rule for a diagnosis was set off, and what came of it."""

    target: str
    cause: str
    outcome: Outcome
    because: str


Event = (
    Started
    | Skipped
    | Looked
    | Forgot
    | Broke
    | Rewired
    | Reported
    | Diagnosed
    | Paged
    | PageEnded
    | PlanTold
    | ChangeTold
    | Audited
    | AlertsTold
    | CauseTold
)
Tell = Callable[[Event], None]
