"""What was done to one server, and what may still be done: its lines."""

from collections import Counter, deque

from monitor.domain.recovery.change import Change
from monitor.domain.recovery.plan import PlanRecord
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.words import Action, Outcome, State
from monitor.outputs.metrics.book import Book, Page
from monitor.outputs.metrics.histogram import Buckets
from monitor.outputs.metrics.sheet import Sheet
from monitor.outputs.metrics.text import labels

BOUNDS = (1, 5, 10, 30, 60, 120, 300, 600, 1800)
"""Seconds."""
REMEMBERED = 200
"""Ends that are known by their id, so that none counts twice."""

Budgets = tuple[tuple[str, int], ...]


class Rescued:
    """Counts what happens to one server. Whoever shares it holds a lock.

    The counters of an action begin at 0 when it is planned, not at the end:
    so the first outcome shows in rate(), and a fleet has no series of what
    nobody ever asked for.
    """

    def __init__(self, target: str) -> None:
        self._labels = labels(target=target)
        self._waiting: dict[str, float] = {}
        self._under_way: dict[str, str] = {}
        self._ends: dict[tuple[Action, str], Counter[str]] = {}
        self._lengths: dict[Action, Buckets] = {}
        self._counted: deque[str] = deque(maxlen=REMEMBERED)
        self._budgets: Budgets = ()
        self._breaker_open: bool | None = None
        self._page = Page()

    @property
    def is_blank(self) -> bool:
        """Whether nothing has happened to it."""
        return not (self._waiting or self._under_way or self._ends)

    def planned(self, record: PlanRecord) -> None:
        """Note a plan, and how it ended if it ended without a change."""
        plan = record.plan
        self._begin(plan.aim.action, plan.by)
        missing = plan.approvals - len(record.approvals)
        if record.outcome is None and missing > 0:
            self._waiting[plan.id] = plan.expires_at
            return
        self._waiting.pop(plan.id, None)
        if record.outcome is not None and not record.change:
            self._count(plan.id, plan.aim.action, plan.by, record.outcome)

    def changed(self, change: Change) -> None:
        """Note where a change is, and count its end."""
        self._begin(change.action, change.by)
        if change.state is State.WAITING:
            return
        self._waiting.pop(change.plan, None)
        if change.outcome is None:
            self._under_way[change.id] = change.parent
            return
        self._under_way.pop(change.id, None)
        is_new = self._count(
            change.id, change.action, change.by, change.outcome
        )
        if is_new and change.intent_at is not None:
            took = max(0.0, change.updated_at - change.intent_at)
            self._lengths[change.action].observe(took)

    def stands(
        self, budgets: Budgets, *, breaker_open: bool | None, now: float
    ) -> bool:
        """Note what may still be done; return whether anything is new.

        A plan that expired by the clock waits for nobody.
        """
        over = [plan for plan, end in self._waiting.items() if end <= now]
        for plan in over:
            del self._waiting[plan]
        before = (self._budgets, self._breaker_open)
        self._budgets, self._breaker_open = budgets, breaker_open
        return bool(over) or before != (budgets, breaker_open)

    def write(self, book: Book) -> None:
        """Write all lines anew."""
        sheet = Sheet()
        for (action, trigger), ends in self._ends.items():
            which = self._labels.also(action=action.value, trigger=trigger)
            for outcome, count in ends.items():
                ended = which.also(outcome=outcome)
                sheet.put("facefusion_changes_total", count, ended)
        for action, lengths in self._lengths.items():
            which = self._labels.also(action=action.value)
            name = "facefusion_change_duration_seconds"
            lengths.write(sheet, name, which)
        self._gauges(sheet)
        book.write(self._page, sheet.blocks())

    def leave(self, book: Book) -> None:
        """Take everything out of the book."""
        book.write(self._page, {})

    def _gauges(self, sheet: Sheet) -> None:
        who = self._labels
        waiting = len(self._waiting)
        sheet.put("facefusion_change_in_progress", self._changes(), who)
        sheet.put("facefusion_plans_awaiting_approval", waiting, who)
        for action, left in self._budgets:
            if action == Action.RECOVER:
                continue  # its rungs have budgets, it has none
            which = who.also(action=action)
            sheet.put("facefusion_recovery_budget_remaining", left, which)
        is_open = self._breaker_open
        sheet.put("facefusion_recovery_breaker_open", is_open, who)

    def _changes(self) -> int:
        """Count what is under way; a `recover` and its rung are one."""
        parents = self._under_way.values()
        return sum(one not in self._under_way for one in parents)

    def _begin(self, action: Action, by: Principal) -> None:
        zeros = Counter(dict.fromkeys(map(str, Outcome), 0))
        self._ends.setdefault((action, by.trigger.value), zeros)
        if action is not Action.RECOVER:  # it has no intent of its own
            self._lengths.setdefault(action, Buckets(BOUNDS))

    def _count(
        self, request: str, action: Action, by: Principal, outcome: Outcome
    ) -> bool:
        """Count how a request ended; return False when it was already."""
        if request in self._counted:
            return False
        self._counted.append(request)
        self._ends[action, by.trigger.value][outcome.value] += 1
        return True
