"""From the effect to the outcome: what became of it, and its proof."""

from monitor.domain.errors import CannotStore
from monitor.domain.observation import CheckKey, Kind
from monitor.domain.recovery.change import Change
from monitor.domain.recovery.gates.breaker import FAILURES
from monitor.domain.recovery.plan import Aim
from monitor.domain.recovery.words import Action, Outcome, State
from monitor.engine.board import PROCESS, STATUS
from monitor.engine.recovery.looking_again import look_again
from monitor.engine.recovery.planning_past import PAST
from monitor.engine.recovery.proving import Proving, proved
from monitor.engine.recovery.proving_before import kept_before
from monitor.engine.recovery.runner_kit import Kit, Over, stored
from monitor.engine.recovery.runner_lease import Lease
from monitor.engine.recovery.runner_ledger import Ledger
from monitor.ports.recovery import Errand


async def settle(kit: Kit, ledger: Ledger, lease: Lease, aim: Aim) -> None:
    """Return once it is known that it was done. Raises `Over` otherwise."""
    change = ledger.change
    errand = Errand(change=change.id, token=lease.token)
    became = await look_again(
        kit, kit.hands(change.host, change.action), aim, errand
    )
    if became.word in {"done", "failed"}:
        ledger.did()
    if became.word == "done":
        return
    if became.word == "failed":
        raise Over(Outcome.FAILED, became.because)
    if became.word == "none":
        because = f"no effect was made there: {became.because}"
        raise Over(Outcome.INTERRUPTED, because)
    because = f"nobody knows whether it was done: {became.because}"
    seen = await _seen(kit, change.target)
    raise Over(Outcome.INTERRUPTED, f"{because}; {seen}")


async def prove(kit: Kit, ledger: Ledger, aim: Aim, *, sent: float) -> None:
    """Prove what was done, and raise `Over` with what came of it."""
    change = ledger.change
    target = kit.scene.target(change.target)
    await ledger.move(State.VERIFYING, _LOOKED_AT[change.action])
    before = await kept_before(kit, change)
    course = Proving(kit=kit, target=target, aim=aim, before=before, sent=sent)
    proof = await proved(course, ledger.say)
    proven = proof.word == "proven"
    outcome = Outcome.SUCCEEDED if proven else Outcome.FAILED
    raise Over(outcome, proof.because)


_SERVES = "done; whether it serves is looked at"
_LOOKED_AT = {
    Action.RESTART: _SERVES,
    Action.FREE_GPU_MEMORY: "done; whether the memory is back is looked at",
    Action.REBOOT: "sent; whether the machine is booted is looked at",
}


async def outcome_of(kit: Kit, change: Change, outcome: Outcome) -> Outcome:
    """Return the outcome; a failure that opens the breaker gives up.

    It is counted as the breaker counts: deeds in a row without success.
    """
    if outcome is not Outcome.FAILED:
        return outcome
    since = kit.clock.now() - PAST
    try:
        deeds = await stored(kit.journal.deeds(since=since))
    except CannotStore:
        return outcome
    row = 0
    for deed in deeds:
        if deed.target == change.target:
            row = 0 if deed.outcome is Outcome.SUCCEEDED else row + 1
    return Outcome.GAVE_UP if row >= FAILURES else outcome


async def _seen(kit: Kit, target: str) -> str:
    """Return what its own looks say now."""
    told: list[str] = []
    for check in (STATUS, PROCESS):
        key = CheckKey(kind=Kind.TARGET, subject=target, check=check)
        seen = await kit.look(key)
        told += [f"{check}: {seen.because}"] if seen else []
    return f"seen now: {', '.join(told) or 'nothing'}"
