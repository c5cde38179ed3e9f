"""Audit entries: what happened to a request, in the audit's words."""

from monitor.domain.recovery.audit import Entry
from monitor.domain.recovery.change import Change
from monitor.domain.recovery.plan import BreakGlass, Plan
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.verdict import Verdict
from monitor.domain.recovery.words import Action, Outcome, Word

Detail = tuple[tuple[str, str], ...]
LONGEST = 500
"""Characters of a reason that are kept: somebody reads them later."""
_LONGEST_NAME = 100


def of_plan(  # noqa: PLR0913 - an entry's own words, one keyword each
    what: str,
    plan: Plan,
    by: Principal,
    at: float,
    *,
    because: str = "",
    outcome: Outcome | None = None,
    change: str = "",
    detail: Detail = (),
) -> Entry:
    """Return what a principal did with a plan at a Unix time."""
    return Entry(
        at=at,
        what=what,
        plan=plan.id,
        who=by.who,
        action=plan.aim.action.value,
        target=plan.aim.target,
        host=plan.aim.host,
        change=change,
        trigger=by.trigger.value,
        outcome=outcome.value if outcome else "",
        because=because,
        detail=(("token", by.name), *detail),
    )


def of_change(
    what: str, change: Change, who: str, at: float, *, detail: Detail = ()
) -> Entry:
    """Return where a change is now, and who brought it there.

    `who` is a person, a token's name or a monitor's.
    """
    return Entry(
        at=at,
        what=what,
        plan=change.plan,
        who=who,
        action=change.action.value,
        target=change.target,
        host=change.host,
        change=change.id,
        trigger=change.by.trigger.value,
        outcome=change.outcome.value if change.outcome else "",
        because=change.because,
        detail=detail,
    )


def of_refusal(  # noqa: PLR0913 - a request that became no plan
    request: str,
    action: Action,
    target: str,
    by: Principal,
    at: float,
    *,
    because: str,
    host: str = "",
    detail: Detail = (),
) -> Entry:
    """Return a request that was refused before it was a plan."""
    return Entry(
        at=at,
        what="refused",
        plan=request,
        who=by.who,
        action=action.value,
        target=target[:_LONGEST_NAME],
        host=host,
        trigger=by.trigger.value,
        outcome=Outcome.REFUSED.value,
        because=because,
        detail=(("token", by.name), *detail),
    )


def told_gates(gates: tuple[Verdict, ...]) -> Detail:
    """Return the gates that do not simply allow, as details."""
    return tuple(
        (f"gate {one.gate}", f"{one.word.value}: {one.because}")
        for one in gates
        if one.word is not Word.ALLOWED
    )


def told_glass(glass: BreakGlass | None) -> Detail:
    """Return the gate that is skipped, and why, as a detail."""
    if glass is None:
        return ()
    return (("break-glass", f"{glass.gate}: {shortened(glass.reason)}"),)


def shortened(text: str) -> str:
    """Return what people wrote, no longer than anybody wants to read."""
    text = text.strip()
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
