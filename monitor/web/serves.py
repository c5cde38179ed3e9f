"""What the web application answers with: all of it is handed in."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from monitor.domain.alerts.alert import Alert, Outcome
from monitor.domain.maintenance import Window
from monitor.domain.observation import CheckKey, Observation
from monitor.engine.board import Board
from monitor.engine.events import Looked
from monitor.engine.recovery.asked import Recovery
from monitor.outputs.diagnoses import Diagnoses
from monitor.outputs.events import Hub
from monitor.ports import Clock, Shelf, Store
from monitor.schemas.reload import Reloaded
from monitor.web.auth import Token
from monitor.web.limits import Rates


class Planned(Protocol):
    """The book of planned work."""

    def windows(self) -> Sequence[Window]:
        """Return what is under way and to come, soonest first."""
        ...

    async def start(self, window: Window) -> Window:
        """Plan work. Raises `CannotPlan` and `CannotStore`."""
        ...

    async def end(self, window_id: str, at: float) -> Window | None:
        """End a window; None for one that is not there. Raises."""
        ...

    def planned(self, target: str) -> Window | None:
        """Return the window that a target is in, None when in none."""
        ...


class Takes(Protocol):
    """Whatever keeps alerts."""

    async def take(self, alerts: Sequence[Alert]) -> Sequence[Outcome | None]:
        """Keep them; return what came of each, None where it waits.

        Raises `CannotStore`: then none was kept.
        """
        ...


Broke = Callable[[str, BaseException], None]
"""Hears what was asked and the error of ours that came of it."""


def unheard(_asked: str, _error: BaseException) -> None:
    """Hear nothing."""


Answered = Callable[[str, str, int, float, str], None]
"""Hears of each answer: the method, the path without its query, the status,
the seconds until the whole of it was sent, and the name of the token, empty
without one. The status is 0 when nothing was sent."""


def unnoted(
    _method: str, _path: str, _code: int, _seconds: float, _who: str
) -> None:
    """Note nothing."""


def nowhere() -> str:
    """Return that no external URL is configured."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """What `/api/v1`, `/probe`, `/sd`, `/docs` and `/-/reload` work with.

    `run` looks out of schedule; None when the run was skipped. `probe`
    looks without moving anything, at most so many seconds. `reload` raises
    `ConfigurationError` with a line a flaw. `external_url` returns where
    people reach us, empty when that is not configured; it is asked anew for
    each request, so that a reload counts at once. Without `recovery` there
    is no state to keep plans in, and nobody can ask for any; without
    `alerts` none are taken.
    """

    board: Board
    clock: Clock
    store: Store
    book: Planned
    ward: Diagnoses
    hub: Hub
    run: Callable[[CheckKey], Awaitable[Looked | None]]
    probe: Callable[[CheckKey, float], Awaitable[Observation]]
    reload: Callable[[], Awaitable[Reloaded]]
    external_url: Callable[[], str] = nowhere
    rates: Rates = field(default_factory=Rates)
    recovery: Recovery | None = None
    alerts: Takes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Serves:
    """What the routes answer with.

    `unready` returns why the monitor is not ready, empty when it is.
    `tokens` may be a `Tokens`, which a reload can replace. Without `api`
    only metrics, readiness and canary files are served.
    """

    render: Callable[[], bytes]
    content_type: str
    unready: Callable[[], str]
    shelf: Shelf
    tokens: Iterable[Token] = ()
    broke: Broke = unheard
    answered: Answered = unnoted
    api: Api | None = None
