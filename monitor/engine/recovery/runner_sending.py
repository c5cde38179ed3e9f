"""From the lock to the effect: prepared, captured, intended, sent once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from monitor.actions import free_gpu_memory, reboot, restart
from monitor.domain.errors import CannotReach, HandRefused, Superseded
from monitor.domain.recovery.change import moved
from monitor.domain.recovery.counting import ceilings
from monitor.domain.recovery.identity import Identity
from monitor.domain.recovery.plan import Aim, Plan
from monitor.domain.recovery.situation import Situation
from monitor.domain.recovery.words import Action, Outcome, State
from monitor.domain.service.reading import Process, ServiceReading
from monitor.engine.recovery.capturing import Known, capture
from monitor.engine.recovery.planning import no_longer_holds
from monitor.engine.recovery.runner_gates import LetThrough
from monitor.engine.recovery.runner_kit import Kit, Over, reached, stored
from monitor.engine.recovery.runner_lease import Lease
from monitor.engine.recovery.runner_ledger import Ledger
from monitor.engine.recovery.scene import Seen
from monitor.engine.recovery.words_of import of_change
from monitor.ports.recovery import (
    Captured,
    Errand,
    Hand,
    HandAnswer,
    Limits,
)

PREPARES_WITHIN = 30.0
"""Seconds for a look as root: 16 s at the service, 12 s at its cards."""
SENT_WITHIN = 30.0
"""Seconds after an intent in which its effect is sent, or never
(facts/recovery.md §5, I7)."""
WITHIN: Mapping[Action, float] = {
    Action.RESTART: restart.WITHIN,
    Action.FREE_GPU_MEMORY: free_gpu_memory.WITHIN,
    Action.REBOOT: reboot.WITHIN,
}
"""Seconds for the act, by action."""
_NOTHING = "nothing was sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What may be done now: `aim` names the processes that root saw."""

    hand: Hand
    aim: Aim
    errand: Errand
    service: ServiceReading


async def prepare(
    kit: Kit, ledger: Ledger, lease: Lease, plan: Plan, seen: Seen
) -> Prepared:
    """Look as root, and compare with the plan. Raises `Over`."""
    hand = kit.hands(ledger.change.host, ledger.change.action)
    if hand is None:
        because = f"nothing can be done on {ledger.change.host}; {_NOTHING}"
        raise Over(Outcome.REFUSED, because)
    answer = await _prepared(kit, ledger, lease, hand, plan.aim)
    service = answer.service
    if service is None:
        because = f"the gate told nothing of the service; {_NOTHING}"
        raise Over(Outcome.REFUSED, because)
    service = replace(service, boot_id=service.boot_id or answer.boot_id)
    aim = _aim(kit, plan, seen, service)
    return Prepared(
        hand=hand,
        aim=replace(aim, processes=_as_root(kit, plan, seen, service)),
        errand=replace(_errand(ledger, lease), nonce=answer.nonce),
        service=service,
    )


async def _prepared(
    kit: Kit, ledger: Ledger, lease: Lease, hand: Hand, aim: Aim
) -> HandAnswer:
    """Ask once, and once more with a higher token. Raises `Over`."""
    try:
        try:
            return await _ask(ledger, lease, hand, aim)
        except HandRefused as error:
            if error.reason != "fenced":
                raise
            await _raise_token(kit, ledger, lease, error)
        return await _ask(ledger, lease, hand, aim)
    except (HandRefused, CannotReach) as error:
        raise Over(Outcome.REFUSED, f"{error}; {_NOTHING}") from None


async def _ask(
    ledger: Ledger, lease: Lease, hand: Hand, aim: Aim
) -> HandAnswer:
    return await reached(
        hand.prepare(aim, _errand(ledger, lease), within=PREPARES_WITHIN),
        within=PREPARES_WITHIN,
    )


async def _raise_token(
    kit: Kit, ledger: Ledger, lease: Lease, error: HandRefused
) -> None:
    """Go on above the gate's highest token: ours is from a restored state."""
    above = max(error.highest, lease.token)
    change = replace(
        ledger.change,
        because=f"{ledger.change.host} has seen token {above} already, ours"
        f" was {lease.token}: tokens go on above it",
    )
    entry = of_change("fencing_raised", change, kit.owner, kit.clock.now())
    await stored(kit.journal.raise_token(above, entry))
    ledger.locked(await lease.take())


def _errand(ledger: Ledger, lease: Lease) -> Errand:
    return Errand(change=ledger.change.id, token=lease.token)


def _aim(kit: Kit, plan: Plan, seen: Seen, service: ServiceReading) -> Aim:
    """Return the aim as root saw it. Raises `Over` when it is another.

    What the plan could not see is not compared: root sees every directory.
    """
    aim = kit.scene.aim(
        plan.aim.target,
        plan.aim.action,
        replace(seen, service=_as_planned(plan.aim, service)),
        plan.aim.break_glass,
        planned=plan.aim.processes,
    )
    if because := no_longer_holds(plan, aim):
        raise Over(Outcome.REFUSED, f"{because}; {_NOTHING}")
    return aim


def _as_root(
    kit: Kit, plan: Plan, seen: Seen, service: ServiceReading
) -> tuple[Identity, ...]:
    """Return whom it ends, with all that only root sees of them."""
    seen = replace(seen, service=service)
    return kit.scene.aim(plan.aim.target, plan.aim.action, seen).processes


def _as_planned(aim: Aim, service: ServiceReading) -> ServiceReading:
    unseen = {(p.pid, p.start_ticks) for p in aim.processes if not p.cwd}
    strays = service.strays
    return replace(
        service,
        processes=_without_cwd(service.processes, unseen),
        strays=None if strays is None else _without_cwd(strays, unseen),
    )


def _without_cwd(
    processes: tuple[Process, ...], unseen: set[tuple[int, int]]
) -> tuple[Process, ...]:
    return tuple(
        replace(one, cwd=None) if (one.pid, one.start_ticks) in unseen else one
        for one in processes
    )


async def keep_evidence(
    kit: Kit, ledger: Ledger, plan: Plan, found: LetThrough, ready: Prepared
) -> None:
    """Keep what is known of the server. Raises `CannotStore`."""
    change, now = ledger.change, kit.clock.now()
    text = capture(
        Known(
            at=now,
            plan=plan,
            aim=ready.aim,
            situation=found.situation,
            diagnosis=kit.diagnosis(change.target),
            case=kit.case(change.target, now),
            service=ready.service,
        )
    )
    because = f"kept {len(text)} bytes of what was known before"
    entry = of_change(
        "captured", replace(change, because=because), kit.owner, now
    )
    captured = Captured(change=change.id, at=now, text=text)
    await stored(kit.journal.capture(captured, entry))


async def intend(
    kit: Kit, ledger: Ledger, lease: Lease, situation: Situation
) -> None:
    """Write the intent, while all limits hold. Raises `Over`.

    Where nobody knows whether it was written, `CannotStore`.
    """
    now, most = kit.clock.now(), ceilings(situation)
    because = "every gate allows it; it is sent now"
    change = moved(ledger.change, State.INTENT, because, now)
    entry = of_change("intent", change, kit.owner, now)
    limits = Limits(
        since=most.since,
        most=most.most,
        quiet_since=most.quiet_since,
        at_once=most.at_once,
        climbs=most.climbs,
    )
    lock = lease.held()
    try:
        await stored(
            kit.journal.intend(change, entry, lock=lock, limits=limits)
        )
    except Superseded as error:
        raise Over(Outcome.REFUSED, f"{error}; {_NOTHING}") from None
    await ledger.intended(change)


def is_begun(action: Action, answer: HandAnswer) -> bool:
    """Return whether the machine said that it did it.

    A reboot cannot be told when it is done: its gate answers `running`.
    """
    reboots = action is Action.REBOOT and answer.state == "running"
    return answer.state == "done" or reboots


async def send(kit: Kit, ledger: Ledger, ready: Prepared) -> HandAnswer:
    """Do it, once and never again.

    An answer without a state: nobody knows what became of it. Raises `Over`
    when nothing was done.
    """
    age = kit.clock.now() - (ledger.change.intent_at or 0.0)
    if not 0 <= age <= SENT_WITHIN:
        because = (
            f"it was not sent: {age:.0f} s after the intent, and only what"
            f" is sent within {SENT_WITHIN:g} s is as it was weighed"
        )
        raise Over(Outcome.INTERRUPTED, because)
    within = WITHIN[ready.aim.action]
    try:
        return await reached(
            ready.hand.act(ready.aim, ready.errand, within=within),
            within=within,
        )
    except HandRefused as error:
        because = f"the machine refused: {error}; nothing was done"
        raise Over(Outcome.FAILED, because) from None
    except CannotReach as error:
        because = f"what became of it is not known: {error}"
        return HandAnswer(state="", because=because)
