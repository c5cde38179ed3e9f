"""The doors that recovery needs: the journal, and a hand on a machine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from monitor.domain.recovery.audit import Entry, Sealed
from monitor.domain.recovery.change import Change
from monitor.domain.recovery.past import Deed
from monitor.domain.recovery.plan import Aim, Approval, Plan, PlanRecord
from monitor.domain.recovery.words import Outcome, State
from monitor.domain.service.reading import ServiceReading


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """Who acts on a machine. `until` is a Unix time in seconds.

    `token` is the fencing token that came with it: each lock has a higher
    one than all before, over restarts.
    """

    host: str
    change: str
    owner: str
    token: int
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What must still hold in the transaction that writes an intent.

    At most `most` intents of the action on the target since the Unix time
    `since`, none of any action on it since `quiet_since`, and at most
    `at_once` changes of the fleet between their intent and their end. A
    limit of None was skipped by break-glass. Deeds of the `recover` named by
    `climbs` do not count for `quiet_since`: its rungs follow each other.
    """

    since: float
    most: int | None
    quiet_since: float | None
    at_once: int | None
    climbs: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """What was known of a server before the first effect, as JSON text."""

    change: str
    at: float
    text: str


class Journal(Protocol):
    """Requests, changes, locks and the audit, durable when a method returns.

    Whatever changes something writes its audit entry in the same
    transaction, or nothing. Every method may raise `CannotStore`, and
    `Superseded` when what it relied on is not so any more: then nothing was
    written. Two monitors may use one journal.
    """

    async def note(self, entry: Entry) -> None:
        """Write an audit entry alone."""
        ...

    async def keep_plan(self, plan: Plan, entry: Entry) -> None:
        """Keep a plan that may be applied."""
        ...

    async def plan(self, plan_id: str) -> PlanRecord | None:
        """Return a plan, None for one that was never kept."""
        ...

    async def plans(
        self, *, limit: int, only_open: bool = False
    ) -> Sequence[PlanRecord]:
        """Return plans, newest first."""
        ...

    async def approve(self, approval: Approval, entry: Entry) -> PlanRecord:
        """Keep a person's approval of an open plan; once for each person.

        Raises `Superseded` when the plan is over or applied and begun.
        """
        ...

    async def close_plan(
        self, plan_id: str, outcome: Outcome, because: str, entry: Entry
    ) -> PlanRecord:
        """Close a plan that was not applied. Raises `Superseded`."""
        ...

    async def apply(self, change: Change, entry: Entry) -> Change:
        """Keep the one change of an open plan.

        Raises `Superseded` when it is not open any more.
        """
        ...

    async def change(self, change_id: str) -> Change | None:
        """Return a change, None for one that was never kept."""
        ...

    async def changes(
        self,
        *,
        limit: int,
        before: str = "",
        target: str = "",
        only_open: bool = False,
    ) -> Sequence[Change]:
        """Return changes, newest first; `before` leaves out it and later."""
        ...

    async def move(
        self, change: Change, entry: Entry, *, expected: State, owner: str
    ) -> None:
        """Keep a change in its next state, with its outcome in the last.

        Where it ends, its plan gets the outcome and its lock is given back
        in the same transaction. Raises `Superseded` unless the kept one is in
        the state `expected` and belongs to `owner`.
        """
        ...

    async def say(self, change_id: str, progress: str, now: float) -> None:
        """Keep a sentence about how a change goes on; no audit entry."""
        ...

    async def ask_to_cancel(
        self, change_id: str, who: str, entry: Entry
    ) -> Change:
        """Note that somebody wants a change stopped; return it."""
        ...

    async def lock(
        self,
        host: str,
        change_id: str,
        owner: str,
        *,
        now: float,
        lasts: float,
    ) -> Lock:
        """Take the lock of a machine, with a new fencing token.

        Raises `Superseded`, naming the holder, while another change has it
        and it has not run out. One that ran out is the sweeper's first.
        """
        ...

    async def beat(self, lock: Lock, *, until: float) -> None:
        """Keep a lock for longer. Raises `Superseded` when it is lost."""
        ...

    async def unlock(self, lock: Lock) -> None:
        """Give a lock back; one that is not ours any more is no error."""
        ...

    async def locks(self) -> Sequence[Lock]:
        """Return all locks, those that ran out too."""
        ...

    async def raise_token(self, above: int, entry: Entry) -> None:
        """Give out only fencing tokens above this one from now on."""
        ...

    async def intend(
        self, change: Change, entry: Entry, *, lock: Lock, limits: Limits
    ) -> None:
        """Write that a change is about to be done, before it is.

        In one transaction: the kept change is still before its intent and
        ours, the lock is ours with this token and has not run out at
        `change.updated_at`, and the limits hold. Raises `Superseded`.
        """
        ...

    async def take_over(
        self,
        change: Change,
        entry: Entry,
        *,
        lock: Lock | None,
        owner: str,
        until: float,
    ) -> Lock | None:
        """Make a change ours whose owner's lock has run out.

        `lock` is the dead owner's, None where it left none. Raises
        `Superseded` when somebody else was faster.
        """
        ...

    async def deeds(self, *, since: float) -> Sequence[Deed]:
        """Return what was intended since a Unix time, oldest first."""
        ...

    async def capture(self, captured: Captured, entry: Entry) -> None:
        """Keep what was known before the first effect."""
        ...

    async def captured(self, change_id: str) -> Captured | None:
        """Return what was captured for a change."""
        ...

    async def audit(
        self, *, after: int = 0, limit: int, plan: str = ""
    ) -> Sequence[Sealed]:
        """Return the audit, oldest first, of one request or of all."""
        ...

    async def head(self) -> Sealed | None:
        """Return the newest audit entry."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HandAnswer:
    """What the acting gate of a machine said (monitor/gate/README.md, act).

    `state` is what became of the change there: none (nothing was begun),
    running, done or failed. `steps` are what was done, in order, for people.
    `nonce` opens the one effect that it was given out for, until it runs out
    on the machine's own clock. `service` is what root saw there. `highest`
    is the highest fencing token that the machine has seen.
    """

    state: str = "none"
    because: str = ""
    steps: tuple[str, ...] = ()
    nonce: str = ""
    boot_id: str = ""
    service: ServiceReading | None = None
    highest: int = 0
    body: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """For which change the gate acts, and by which right.

    `token` is the fencing token of its lock; `nonce` what `prepare` gave
    out, empty before.
    """

    change: str
    token: int
    nonce: str = ""


class Hand(Protocol):
    """The acting gate of one machine.

    Every method raises `CannotReach` when no answer came (then nobody knows
    whether something was done) and `HandRefused` when the gate refused:
    then nothing was done by this request.
    """

    async def prepare(
        self, aim: Aim, errand: Errand, *, within: float
    ) -> HandAnswer:
        """Look as root, note the token, and get a nonce for one effect."""
        ...

    async def act(
        self, aim: Aim, errand: Errand, *, within: float
    ) -> HandAnswer:
        """Do it. Only the processes of the aim may be ended."""
        ...

    async def became(
        self, aim: Aim, errand: Errand, *, within: float
    ) -> HandAnswer:
        """Return what became of a change there. Never does anything."""
        ...
