"""A climb: a `recover` from its begin to its one outcome.

It sends nothing itself and holds no lock: each rung is a change of its own.
"""

import asyncio
from contextlib import suppress

from monitor.domain.errors import (
    CannotStore,
    MonitorError,
    NotConfigured,
    Superseded,
)
from monitor.domain.observation import CheckKey, Kind
from monitor.domain.recovery.change import Change
from monitor.domain.recovery.climb import Top, Tread, next_after
from monitor.domain.recovery.plan import Plan
from monitor.domain.recovery.words import Outcome, State
from monitor.engine.events import Broke, ChangeTold, Forgot
from monitor.engine.recovery.climb_capturing import keep_known
from monitor.engine.recovery.climb_closing import close_rungs
from monitor.engine.recovery.climb_ledger import ClimbLedger
from monitor.engine.recovery.climb_rung import Ladder, RungDesk
from monitor.engine.recovery.desk_ladder import recover_before
from monitor.engine.recovery.runner_course import CHECK, LAST_WORD_WITHIN
from monitor.engine.recovery.runner_kit import Kit, Over, stored


class Climbing:
    """Carries one `recover`, as `Carried`.

    Whatever happens, `run` ends. A change without an outcome then is the
    sweeper's, and so are plans of rungs that are open still. It may be cut
    off at any time: `may_be_sent` is never true of it.
    """

    def __init__(self, kit: Kit, desk: RungDesk, change: Change) -> None:
        self._kit = kit
        self._desk = desk
        self._ledger = ClimbLedger(kit, change)
        self.may_be_sent = False

    @property
    def change(self) -> Change:
        """The change as we know it."""
        return self._ledger.change

    async def run(self) -> None:
        """Carry it to its end, or to where nobody can write what became."""
        beating = asyncio.create_task(self._ledger.beats())
        try:
            await self._to_its_end()
        except Superseded:
            await self._tell_kept()  # it is over, or somebody else's
        except CannotStore as error:
            self._kit.tell(Forgot(key=self._key(), because=str(error)))
        except Exception as error:  # noqa: BLE001 - told; the sweeper ends it
            self._kit.tell(Broke(key=self._key(), error=error))
        finally:
            beating.cancel()

    async def _tell_kept(self) -> None:
        """Tell what others made of it: nobody of ours climbs."""
        before = self.change.state
        with suppress(CannotStore):
            await self._ledger.read()
            self._kit.tell(ChangeTold(change=self.change, before=before))

    async def _to_its_end(self) -> None:
        try:
            top = await self._climb()
            await self._ledger.end(top.outcome, top.because)
        except Over as over:
            await self._ledger.end(over.outcome, over.because)
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

    async def _climb(self) -> Top:
        await self._begin()
        plan = await self._plan()
        ladder = Ladder(
            kit=self._kit,
            desk=self._desk,
            ledger=self._ledger,
            reason=plan.reason,
        )
        await keep_known(ladder, plan)
        treads: tuple[Tread, ...] = ()
        while True:
            by = await self._ledger.cancelled_by()
            step = next_after(treads, by)
            if isinstance(step, Top):
                return step
            treads = (*treads, await ladder.climb(step, treads))

    async def _begin(self) -> None:
        """Begin, unless another one climbs here already.

        Of two that were applied at once the journal has one first.
        """
        change = self.change
        other = await stored(
            recover_before(self._kit.journal, change.target, change.id)
        )
        if other:
            raise Over(Outcome.REFUSED, other)
        because = "the rungs are climbed, mildest first"
        await self._ledger.move(State.CLIMBING, because)

    async def _plan(self) -> Plan:
        record = await stored(self._kit.journal.plan(self.change.plan))
        if record is None:
            raise Over(Outcome.INTERRUPTED, "its plan is not kept any more")
        return record.plan

    async def _could_not(self, error: MonitorError) -> None:
        """End it with what is sure, and the open plan of its rung with it."""
        await self._ledger.read()
        change, outcome = self.change, Outcome.INTERRUPTED
        if isinstance(error, NotConfigured) and not change.done:
            outcome = Outcome.REFUSED
        if change.is_over:
            return
        because = f"{error}; nobody climbs on"
        await self._ledger.end(outcome, because)
        await close_rungs(self._kit, change.id, because)

    async def _last_word(self) -> None:
        """Say that nobody climbs on, before we are gone."""
        stops = MonitorError("cannot go on: the monitor was told to stop")
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORD_WITHIN):
                await self._could_not(stops)

    def _key(self) -> CheckKey:
        return CheckKey(
            kind=Kind.TARGET, subject=self.change.target, check=CHECK
        )
