"""Plans and changes as the engine tells of them."""

from dataclasses import replace

from monitor.domain.recovery.audit import Entry, Sealed, seal
from monitor.domain.recovery.change import Change
from monitor.domain.recovery.plan import Aim, Approval, Plan, PlanRecord
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.words import Action, Outcome, State, Trigger

NOW = 1_700_000_000.0
ANN = Principal(name="oncall-ann", person="ann")
BEN = Principal(name="oncall-ben", person="ben")
RULE = Principal(name="hung", trigger=Trigger.AUTOMATION)


def record(  # noqa: PLR0913 - what tests tell apart, by keyword
    number: int = 1,
    *,
    target: str = "studio",
    action: Action = Action.RESTART,
    by: Principal = ANN,
    approvals: int = 0,
    given: int = 0,
    reason: str = "it hangs",
    at: float = NOW,
) -> PlanRecord:
    """Return an open plan with as many approvals as are given."""
    aim = Aim(
        action=action,
        target=target,
        url="http://192.0.2.10:9002",
        host="gpu1",
        manager="systemd",
        unit="facefusion.service",
        directory="/opt/facefusion",
        port=9002,
        boot_id="b1",
        processes=(),
        steps=("restart facefusion.service",),
    )
    plan = Plan(
        id=f"p{number}",
        aim=aim,
        digest="d" * 64,
        reason=reason,
        by=by,
        cause="hung",
        created_at=at,
        expires_at=at + 900,
        gates=(),
        approvals=approvals,
    )
    word = Approval(plan=plan.id, digest=plan.digest, by=BEN, at=at + 5)
    return PlanRecord(plan=plan, approvals=(word,) * given)


def closed(
    kept: PlanRecord, outcome: Outcome, because: str = "so it is"
) -> PlanRecord:
    return replace(kept, outcome=outcome, because=because)


def change(  # noqa: PLR0913 - what tests tell apart, by keyword
    number: int = 1,
    state: State = State.READY,
    *,
    target: str = "studio",
    action: Action = Action.RESTART,
    by: Principal = ANN,
    because: str = "so it is",
    progress: str = "",
) -> Change:
    return Change(
        id=f"c{number}",
        plan=f"p{number}",
        action=action,
        target=target,
        host="gpu1",
        by=by,
        state=state,
        because=because,
        progress=progress,
        created_at=NOW,
        updated_at=NOW + 1,
        expires_at=NOW + 900,
    )


def over(
    begun: Change,
    outcome: Outcome,
    *,
    took: float | None = None,
    because: str = "so it is",
) -> Change:
    """Return how a change ended, `took` seconds after its intent."""
    intended = None if took is None else NOW + 10
    return replace(
        begun,
        state=State.ENDED,
        outcome=outcome,
        because=because,
        progress=because,
        intent_at=intended,
        updated_at=NOW + 10 + (took or 0.0),
    )


def sealed(what: str = "applied", because: str = "") -> Sealed:
    return seal(
        Entry(at=NOW, what=what, plan="p1", who="ann", because=because), None
    )
