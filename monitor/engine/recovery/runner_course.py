"""The course of one change: from its lock, or its finding, to one outcome."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress

from monitor.domain.errors import (
    CannotStore,
    MonitorError,
    NotConfigured,
    Superseded,
)
from monitor.domain.observation import CheckKey, Kind
from monitor.domain.recovery.change import Change
from monitor.domain.recovery.plan import PlanRecord
from monitor.domain.recovery.words import Action, Outcome, State
from monitor.engine.events import Broke, ChangeTold, Forgot
from monitor.engine.recovery.runner_ending import outcome_of, prove, settle
from monitor.engine.recovery.runner_gates import let_through
from monitor.engine.recovery.runner_kit import Kit, Over, stored
from monitor.engine.recovery.runner_lease import Lease
from monitor.engine.recovery.runner_ledger import Ledger
from monitor.engine.recovery.runner_sending import (
    Prepared,
    intend,
    is_begun,
    keep_evidence,
    prepare,
    send,
)
from monitor.ports.recovery import Lock

LAST_WORD_WITHIN = 5.0
"""Seconds to write that nothing was sent, when we are told to stop."""
CHECK = "recovery"
"""The name under which faults of ours are told."""
_LONG_AGO = 86_400.0
"""Seconds since an intent that is ahead of our clock, which was set back."""


class Course:
    """Carries one change; `found` is one whose owner is dead.

    Whatever happens, `run` ends, and what it held is given free. A change
    without an outcome then is the sweeper's. `against` says why it is not
    even begun, empty for nothing.
    """

    def __init__(
        self,
        kit: Kit,
        change: Change,
        *,
        found: bool = False,
        lock: Lock | None = None,
        against: str = "",
    ) -> None:
        self._kit = kit
        self._ledger = Ledger(kit, change)
        self._lease = Lease(kit, change, lock)
        self._against = against
        self.may_be_sent = found

    @property
    def change(self) -> Change:
        """The change as we know it."""
        return self._ledger.change

    async def run(self) -> None:
        """Carry it to its end, or to where nobody can write what became."""
        found = self.may_be_sent
        try:
            with _held(self._kit, self.change):
                await self._to_its_end(found=found)
        except Superseded:
            await self._tell_kept()  # it is over, or somebody else's
        except CannotStore as error:
            self._kit.tell(Forgot(key=self._key(), because=str(error)))
        except Exception as error:  # noqa: BLE001 - told; the sweeper ends it
            self._kit.tell(Broke(key=self._key(), error=error))
        finally:
            self._lease.stop()

    async def _tell_kept(self) -> None:
        """Tell what others made of it: nothing of ours is under way."""
        before = self.change.state
        with suppress(CannotStore):
            await self._ledger.read()
            self._kit.tell(ChangeTold(change=self.change, before=before))

    async def _to_its_end(self, *, found: bool) -> None:
        try:
            await (self._pick_up() if found else self._begin())
        except Over as over:
            outcome = await outcome_of(self._kit, self.change, over.outcome)
            await self._ledger.end(outcome, over.because)
        except Superseded:
            raise
        except asyncio.CancelledError:
            await self._last_word()
            raise
        except MonitorError as error:
            await self._could_not(error)
        except Exception as error:  # noqa: BLE001 - told, and it has its end
            self._kit.tell(Broke(key=self._key(), error=error))
            fault = f"a fault of ours ({type(error).__name__})"
            await self._could_not(MonitorError(f"cannot go on: {fault}"))

    async def _begin(self) -> None:
        """Go from ready to the effect, and on to its proof."""
        kit, ledger, lease = self._kit, self._ledger, self._lease
        if self._against:
            raise Over(Outcome.REFUSED, self._against)
        record = await self._record()
        await self._lock()
        found = await let_through(kit, ledger, lease, record)
        await self._check_climb()
        ready = await prepare(kit, ledger, lease, record.plan, found.seen)
        await keep_evidence(kit, ledger, record.plan, found, ready)
        await intend(kit, ledger, lease, found.situation)
        await self._send(ready)

    async def _check_climb(self) -> None:
        """Raise `Over` for a rung whose `recover` is over meanwhile.

        It may have waited for users' work for half an hour, or for people.
        """
        parent = self.change.parent
        if not parent:
            return
        climb = await stored(self._kit.journal.change(parent))
        if climb is None or climb.is_over:
            because = (
                f"the recover {parent} whose rung it was is over; nothing was"
                " sent"
            )
            raise Over(Outcome.CANCELLED, because)

    async def _lock(self) -> None:
        try:
            self._ledger.locked(await self._lease.take())
        except Superseded as error:
            because = f"{error}; nothing was sent"
            raise Over(Outcome.REFUSED, because) from None

    async def _send(self, ready: Prepared) -> None:
        kit, ledger = self._kit, self._ledger
        self.may_be_sent, sent = True, kit.clock.monotonic()
        answer = await send(kit, ledger, ready)
        if answer.state == "failed":
            ledger.did()
            raise Over(Outcome.FAILED, answer.because)
        if is_begun(ledger.change.action, answer):
            ledger.did()
            done = "; ".join(answer.steps) or "the gate has done it"
            await ledger.move(State.SENT, done)
        else:
            because = answer.because or "the gate did not say what became"
            await ledger.move(State.UNKNOWN, because)
            await settle(kit, ledger, self._lease, ready.aim)
        await prove(kit, ledger, ready.aim, sent=sent)

    async def _pick_up(self) -> None:
        """Find out what a dead owner has done, and prove it; never act."""
        kit, ledger = self._kit, self._ledger
        record = await self._record()
        if self._lease.lock is None:
            with suppress(Superseded):
                ledger.locked(await self._lease.take())
        if ledger.change.state is not State.UNKNOWN:
            because = "its monitor is gone: what became of it is looked for"
            await ledger.move(State.UNKNOWN, because)
        await settle(kit, ledger, self._lease, record.plan.aim)
        age = kit.clock.now() - (ledger.change.intent_at or 0.0)
        since = age if age >= 0 else _LONG_AGO
        sent = kit.clock.monotonic() - since
        await prove(kit, ledger, record.plan.aim, sent=sent)

    async def _record(self) -> PlanRecord:
        record = await stored(self._kit.journal.plan(self.change.plan))
        if record is None:
            raise Over(Outcome.INTERRUPTED, "its plan is not kept any more")
        return record

    async def _could_not(self, error: MonitorError) -> None:
        """End it with what is sure; raises where only the journal failed."""
        if not self.may_be_sent:
            await self._nothing_sent(error)
        elif isinstance(error, CannotStore):
            raise error
        else:
            because = f"{error}; what was sent may have been done"
            await self._ledger.end(Outcome.INTERRUPTED, because)

    async def _nothing_sent(self, error: MonitorError) -> None:
        """End it as the journal has it: an intent may be there, or not."""
        await self._ledger.read()
        change, outcome = self.change, Outcome.INTERRUPTED
        if isinstance(error, NotConfigured) and change.can_be_cancelled:
            outcome = Outcome.REFUSED
        if not change.is_over:
            await self._ledger.end(outcome, f"{error}; nothing was sent")

    async def _last_word(self) -> None:
        """Say that nothing was sent, if nothing was, before we are gone."""
        if self.may_be_sent:
            return
        stops = MonitorError("cannot go on: the monitor was told to stop")
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORD_WITHIN):
                await self._nothing_sent(stops)

    def _key(self) -> CheckKey:
        return CheckKey(
            kind=Kind.TARGET, subject=self.change.target, check=CHECK
        )


def touched(kit: Kit, change: Change) -> Sequence[str]:
    """Return the servers that a change may affect, its own first."""
    others = kit.on(change.host) if change.action is Action.REBOOT else ()
    return (change.target, *(n for n in others if n != change.target))


@contextmanager
def _held(kit: Kit, change: Change) -> Iterator[None]:
    """Hold the canaries of every server that a change may affect."""
    with ExitStack() as holds:
        for name in touched(kit, change):
            holds.enter_context(kit.hold(name))
        yield
