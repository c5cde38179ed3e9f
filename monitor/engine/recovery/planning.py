"""Planning: what would be done, and what the gates say of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from monitor.actions.by_hand import by_hand
from monitor.domain.recovery.digest import digest
from monitor.domain.recovery.gpu_table import notes
from monitor.domain.recovery.plan import (
    PLAN_LASTS,
    Aim,
    Approval,
    Plan,
    PlanRecord,
)
from monitor.domain.recovery.policy import Policy
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.situation import Situation
from monitor.domain.recovery.verdict import Verdict, refused
from monitor.domain.recovery.weighing import (
    may_skip,
    needed_approvals,
    weigh,
)
from monitor.domain.recovery.words import Action, Trigger, Word
from monitor.engine.recovery.asked import Asked
from monitor.engine.recovery.planning_aim import differences
from monitor.engine.recovery.scene import Scene, Seen
from monitor.engine.recovery.words_of import LONGEST

SET_BACK = 60.0
"""Seconds that a plan may be made ahead of our clock: another monitor's
clock differs by less, and one that was set back tells no plan's age."""
_OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An aim as things are now, and all verdicts on it.

    `cause` is the diagnosis in force, empty where nothing is known. `notes`
    say what is left alone; `by_hand` are the steps for people where too few
    others can approve it. `lacks_root`: root was to look, and could not.
    """

    aim: Aim
    gates: tuple[Verdict, ...]
    in_flight: tuple[str, ...]
    cause: str
    notes: tuple[str, ...] = ()
    by_hand: tuple[str, ...] = ()
    lacks_root: bool = False

    @property
    def against(self) -> str:
        """Why it is refused, a sentence, empty when it is not."""
        said = refused(self.gates)
        return "; ".join(f"{one.gate}: {one.because}" for one in said)


async def draft(
    scene: Scene,
    asked: Asked,
    seen: Seen,
    by: Principal,
    record: PlanRecord | None = None,
) -> Draft:
    """Return what would be done after a look, weighed.

    `record` is the plan that it is compared with, and its approvals. Raises
    `NotConfigured`, `CannotStore`.
    """
    approvals: tuple[Approval, ...] = record.approvals if record else ()
    situation = await scene.situation(
        asked.target,
        asked.action,
        seen,
        by=by,
        approvals=approvals,
        break_glass=asked.break_glass,
        parent=asked.parent,
    )
    aim = scene.aim(
        asked.target,
        asked.action,
        seen,
        asked.break_glass,
        planned=record.plan.aim.processes if record else (),
    )
    return Draft(
        aim=aim,
        gates=weigh(situation),
        in_flight=situation.work.jobs,
        cause=situation.diagnosis.cause if situation.diagnosis else "",
        notes=_notes(situation),
        by_hand=_by_hand(scene, aim, by),
        lacks_root=seen.lacks_root,
    )


def _notes(situation: Situation) -> tuple[str, ...]:
    """Return what freeing memory leaves alone; other actions look at none."""
    frees = situation.action is Action.FREE_GPU_MEMORY
    return notes(situation.gpu) if frees and situation.gpu else ()


def _by_hand(scene: Scene, aim: Aim, by: Principal) -> tuple[str, ...]:
    needed = needed_approvals(aim.action, by, aim.break_glass)
    return by_hand(aim) if scene.approvers(by) < needed else ()


def plan_of(
    made: Draft, asked: Asked, by: Principal, *, id_: str, now: float
) -> Plan:
    """Return the plan of a draft that no gate refuses."""
    aim = made.aim
    is_reboot = aim.action is Action.REBOOT
    return Plan(
        id=id_,
        aim=aim,
        digest=digest(aim),
        reason=asked.reason,
        by=by,
        cause=made.cause,
        created_at=now,
        expires_at=now + PLAN_LASTS,
        gates=made.gates,
        in_flight=made.in_flight,
        approvals=needed_approvals(aim.action, by, aim.break_glass),
        confirm=aim.host if is_reboot else aim.target,
        notes=made.notes,
        by_hand=made.by_hand,
        parent=asked.parent,
    )


def flaw(asked: Asked, by: Principal, policy: Policy) -> str:
    """Return why a request is refused before anything is looked at."""
    return next(_flaws(asked, by, policy), "")


def no_longer_holds(plan: Plan, now: Aim) -> str:
    """Return what is other than planned, in words, empty when nothing is."""
    if digest(now) == plan.digest == digest(plan.aim):
        return ""
    what = list(differences(plan.aim, now)) or ["its digest is another"]
    return f"the plan no longer holds: {'; '.join(what)}"


def is_past(plan: Plan, now: float) -> bool:
    """Return whether a plan's time is over, or cannot be told."""
    return not plan.created_at - SET_BACK <= now < plan.expires_at


def weighed_by(plan: Plan, by: Principal) -> Principal:
    """Return whose request it is that `by` carries on.

    Whoever applies it, a plan is weighed as the request of whom it was made
    for: people who agree must differ from them. Only automation that
    applies is weighed itself, with what it may do alone.
    """
    return by if by.trigger is Trigger.AUTOMATION else plan.by


def alone(gates: tuple[Verdict, ...], by: Principal) -> str:
    """Return why automation may not apply this alone, empty when it may.

    Where a person applies a plan the word of that gate has come.
    """
    if by.trigger is not Trigger.AUTOMATION:
        return ""
    said = (one for one in gates if one.gate == "mode")
    waits = (one.because for one in said if one.word is not Word.ALLOWED)
    return next(waits, "")


def people(record: PlanRecord) -> set[str]:
    """Return who agreed to exactly this plan, its requester left out."""
    plan = record.plan
    return {
        one.by.person
        for one in record.approvals
        if one.digest == plan.digest and one.by.person != plan.by.person
    } - {""}


def lacks_approvals(gates: tuple[Verdict, ...]) -> bool:
    """Return whether somebody else's word is missing."""
    return any(
        one.gate == "approval" and one.word is Word.WAITING for one in gates
    )


def _flaws(asked: Asked, by: Principal, policy: Policy) -> Iterator[str]:
    if len(asked.reason) > LONGEST:
        yield (
            f"the reason has {len(asked.reason)} characters; give one of at"
            f" most {LONGEST}"
        )
    if policy.mode == _OFF:
        yield (
            f"recovery.mode of {asked.target} is off: nothing is planned for"
            " it; set it to suggest"
        )
    glass = asked.break_glass
    if glass is None:
        return
    if by.trigger is Trigger.AUTOMATION:
        yield "only a person may skip a gate"
    if why := may_skip(glass.gate):
        yield why
    if not 0 < len(glass.reason.strip()) <= LONGEST:
        yield (
            "break_glass.reason is empty or too long: say in at most"
            f" {LONGEST} characters why the gate is skipped"
        )
