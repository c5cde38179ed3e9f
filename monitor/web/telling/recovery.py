"""Plans, changes and the audit on the wire."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from monitor.domain.recovery.audit import Sealed
from monitor.domain.recovery.change import Change
from monitor.domain.recovery.identity import Identity
from monitor.domain.recovery.plan import Approval, BreakGlass, PlanRecord
from monitor.domain.recovery.verdict import Verdict
from monitor.schemas import audit as audit_wire
from monitor.schemas import change as change_wire
from monitor.schemas import recovery as wire
from monitor.schemas.wire import maybe_utc, utc
from monitor.web.telling.checks import age
from monitor.web.telling.host_readings import program


def tell_plan(record: PlanRecord, now: float) -> wire.PlanNow:
    """Return one plan."""
    return wire.PlanNow(at=utc(now), **dict(_plan(record, now)))


def tell_plans(records: Iterable[PlanRecord], now: float) -> wire.Plans:
    """Return plans in their order."""
    told = tuple(_plan(record, now) for record in records)
    return wire.Plans(at=utc(now), plans=told)


def tell_change(
    change: Change,
    now: float,
    rungs: Iterable[tuple[PlanRecord, Change | None]] = (),
) -> change_wire.ChangeNow:
    """Return one change; of a recover its rungs, mildest first."""
    return change_wire.ChangeNow(
        at=utc(now),
        rungs=tuple(_rung(plan, rung, now) for plan, rung in rungs),
        **dict(_change(change, now)),
    )


def tell_changes(
    changes: Sequence[Change], limit: int, now: float
) -> change_wire.Changes:
    """Return at most `limit` changes; one more says that there are more."""
    shown_ones = changes[:limit]
    return change_wire.Changes(
        at=utc(now),
        changes=tuple(_change(change, now) for change in shown_ones),
        next_before=shown_ones[-1].id if len(changes) > limit else None,
    )


def tell_audit(
    entries: Sequence[Sealed], limit: int, now: float
) -> audit_wire.Audit:
    """Return at most `limit` entries; one more says that there are more."""
    told = entries[:limit]
    return audit_wire.Audit(
        at=utc(now),
        entries=tuple(_entry(one, now) for one in told),
        next_after=told[-1].sequence if len(entries) > limit else None,
    )


def tell_verification(
    flaws: Iterable[str], entries: int, last: Sealed | None, now: float
) -> audit_wire.AuditVerification:
    """Return whether the audit is whole."""
    found = tuple(map(shown, flaws))
    return audit_wire.AuditVerification(
        at=utc(now),
        ok=not found,
        entries=entries,
        head=last
        and audit_wire.AuditHead(sequence=last.sequence, hash=last.hash),
        flaws=found,
    )


def tell_gates(verdicts: Iterable[Verdict]) -> tuple[wire.GateSaid, ...]:
    """Return what the gates say."""
    return tuple(
        wire.GateSaid(gate=one.gate, word=one.word, because=shown(one.because))
        for one in verdicts
    )


def shown(text: str) -> str:
    """Return a text as one printable line.

    Steps and reasons may name what a host calls its own: neither control
    characters nor half characters reach a terminal or break an answer.
    """
    return "".join(c if c.isprintable() else " " for c in text)


def _plan(record: PlanRecord, now: float) -> wire.Plan:
    plan, aim = record.plan, record.plan.aim
    state, because = _state(record, now)
    return wire.Plan(
        id=plan.id,
        digest=plan.digest,
        state=state,
        outcome=record.outcome,
        because=shown(because),
        target=aim.target,
        host=aim.host,
        action=aim.action,
        reason=shown(plan.reason),
        asked_by=plan.by.who,
        trigger=plan.by.trigger,
        cause=plan.cause,
        steps=tuple(map(shown, aim.steps)),
        gates=tell_gates(plan.gates),
        processes=tuple(map(_process, aim.processes)),
        in_flight=tuple(map(shown, plan.in_flight)),
        cards=tuple(map(shown, aim.cards)),
        bystanders=tuple(map(shown, aim.bystanders)),
        notes=tuple(map(shown, plan.notes)),
        by_hand=tuple(map(shown, plan.by_hand)),
        parent=plan.parent or None,
        break_glass=_break_glass(aim.break_glass),
        approvals=_approvals(record, now),
        confirm=plan.confirm,
        change=record.change or None,
        created_at=utc(plan.created_at),
        age_seconds=age(plan.created_at, now),
        expires_at=utc(plan.expires_at),
        remaining_seconds=max(0.0, round(plan.expires_at - now, 3)),
    )


def _state(record: PlanRecord, now: float) -> tuple[wire.PlanState, str]:
    """Return where a plan is, and why; nobody needs to have noticed."""
    if record.outcome is not None:
        return wire.PlanState.OVER, record.because
    if record.change:
        because = record.because or "it was applied"
        return wire.PlanState.APPLIED, because
    if now >= record.plan.expires_at:
        return wire.PlanState.OVER, "it expired before it was applied"
    return wire.PlanState.OPEN, record.because or "it waits to be applied"


def _process(one: Identity) -> wire.Process:
    return wire.Process(
        pid=one.pid,
        user_id=one.uid,
        start_ticks=one.start_ticks,
        program=shown(program(one.cmdline)),
        is_server=one.is_server,
    )


def _break_glass(given: BreakGlass | None) -> wire.SkippedGate | None:
    if given is None:
        return None
    return wire.SkippedGate(gate=given.gate, reason=shown(given.reason))


def _approvals(record: PlanRecord, now: float) -> wire.Approvals:
    return wire.Approvals(
        needed=record.plan.approvals,
        given=tuple(_approved(one, now) for one in record.approvals),
    )


def _approved(one: Approval, now: float) -> wire.Approved:
    return wire.Approved(
        who=one.by.who, at=utc(one.at), age_seconds=age(one.at, now)
    )


def _change(change: Change, now: float) -> change_wire.Change:
    return change_wire.Change(
        id=change.id,
        plan=change.plan,
        target=change.target,
        host=change.host,
        action=change.action,
        state=change.state,
        outcome=change.outcome,
        because=shown(change.because),
        progress=shown(change.progress),
        asked_by=change.by.who,
        trigger=change.by.trigger,
        cancel_asked_by=change.cancel_asked_by or None,
        created_at=utc(change.created_at),
        age_seconds=age(change.created_at, now),
        updated_at=utc(change.updated_at),
        updated_age_seconds=age(change.updated_at, now),
        intent_at=maybe_utc(change.intent_at),
        expires_at=utc(change.expires_at),
        done=change.done,
        parent=change.parent or None,
    )


def _rung(
    record: PlanRecord, change: Change | None, now: float
) -> change_wire.Rung:
    plan = record.plan
    because = change.progress if change else _state(record, now)[1]
    return change_wire.Rung(
        id=change.id if change else None,
        plan=plan.id,
        action=plan.aim.action,
        state=change.state if change else None,
        outcome=change.outcome if change else record.outcome,
        because=shown(because),
        approvals=_approvals(record, now),
        confirm=plan.confirm,
    )


def _entry(sealed: Sealed, now: float) -> audit_wire.AuditEntry:
    """Return an entry word for word: its hash is of these."""
    entry = sealed.entry
    said = {
        name: _sendable(value)
        for name, value in asdict(entry).items()
        if isinstance(value, str)
    }
    return audit_wire.AuditEntry(
        **said,
        sequence=sealed.sequence,
        at=utc(entry.at),
        at_unix=entry.at,
        age_seconds=age(entry.at, now),
        detail=tuple((_sendable(k), _sendable(v)) for k, v in entry.detail),
        before=sealed.before,
        hash=sealed.hash,
    )


def _sendable(text: str) -> str:
    """Return a text as UTF-8 can say it."""
    return text.encode(errors="replace").decode()
