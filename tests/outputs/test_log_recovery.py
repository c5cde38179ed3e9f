"""What is done to a server stands in the log, and secrets do not."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
import structlog

from monitor.domain.recovery.words import Action, Outcome, State
from monitor.engine.events import Audited, ChangeTold, Event, PlanTold
from monitor.outputs import log
from tests.outputs.recovering import (
    RULE,
    change,
    closed,
    over,
    record,
    sealed,
)

WARNED = {
    Outcome.FAILED,
    Outcome.REFUSED,
    Outcome.EXPIRED,
    Outcome.TIMED_OUT,
    Outcome.INTERRUPTED,
    Outcome.GAVE_UP,
}


@pytest.fixture(autouse=True)
def _own_settings() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def said(
    capsys: pytest.CaptureFixture[str],
    event: Event,
    level: log.Level = "info",
) -> list[dict[str, object]]:
    log.set_up(level, "json")
    log.heard(event)
    lines = [json.loads(x) for x in capsys.readouterr().err.splitlines()]
    for line in lines:
        del line["timestamp"]
    return lines


def test_a_plan_that_is_made_says_who_wants_what_and_why(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (line,) = said(capsys, PlanTold(record=record(approvals=1)))

    assert line == {
        "event": "plan made",
        "level": "info",
        "plan": "p1",
        "target": "studio",
        "action": "restart",
        "by": "ann",
        "trigger": "person",
        "digest": "d" * 64,
        "approvals_needed": 1,
        "reason": "it hangs",
    }


def test_an_approval_names_the_person_who_gave_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = PlanTold(record=record(approvals=1, given=1))

    (line,) = said(capsys, told)

    assert (line["event"], line["approved_by"]) == ("plan approved", "ben")


def test_a_plan_that_is_applied_names_its_change(
    capsys: pytest.CaptureFixture[str],
) -> None:
    applied = replace(record(approvals=1, given=1), change="c1")

    (line,) = said(capsys, PlanTold(record=applied))

    assert (line["event"], line["change"]) == ("plan applied", "c1")


def test_a_plan_that_is_over_without_a_change_says_why(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = PlanTold(record=closed(record(), Outcome.EXPIRED, "nobody came"))

    (line,) = said(capsys, told)

    assert (line["event"], line["level"]) == ("plan over: expired", "warning")
    assert (line["outcome"], line["because"]) == ("expired", "nobody came")


def test_each_state_of_a_change_is_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    moved = change(state=State.SENT, progress="the gate has it", by=RULE)

    (line,) = said(capsys, ChangeTold(change=moved, before=State.INTENT))

    assert line == {
        "event": "studio: restart is sent",
        "level": "info",
        "change": "c1",
        "plan": "p1",
        "target": "studio",
        "action": "restart",
        "state": "sent",
        "was": "intent",
        "by": "hung",
        "trigger": "automation",
        "because": "the gate has it",
    }


def test_a_change_that_begins_was_nothing_before(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (line,) = said(capsys, ChangeTold(change=change()))

    assert (line["event"], line["was"]) == ("studio: restart is ready", "")


def test_a_change_of_which_nobody_knows_what_became_is_a_warning(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lost = change(state=State.UNKNOWN)

    (line,) = said(capsys, ChangeTold(change=lost, before=State.SENT))

    assert line["level"] == "warning"


def test_progress_within_a_state_is_for_debugging(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = ChangeTold(
        change=change(state=State.VERIFYING, progress="status 2 of 3"),
        before=State.VERIFYING,
    )

    assert said(capsys, told) == []
    (line,) = said(capsys, told, "debug")
    assert (line["event"], line["because"]) == (
        "change goes on",
        "status 2 of 3",
    )


@pytest.mark.parametrize("outcome", Outcome)
def test_every_end_is_told_and_a_bad_one_is_a_warning(
    capsys: pytest.CaptureFixture[str], outcome: Outcome
) -> None:
    ended = over(change(), outcome, because="no process owns port 9002")

    (line,) = said(capsys, ChangeTold(change=ended, before=State.VERIFYING))

    assert line["event"] == f"studio: restart {outcome.value}"
    assert line["outcome"] == outcome.value
    assert line["because"] == "no process owns port 9002"
    assert (line["level"] == "warning") is (outcome in WARNED)


def test_the_heads_of_the_audit_are_told_and_its_words_are_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    entry = sealed(because="because token=s3cret")

    (line,) = said(capsys, Audited(sealed=entry))

    assert line == {
        "event": "audit",
        "level": "info",
        "sequence": 1,
        "hash": entry.hash,
        "what": "applied",
        "plan": "p1",
    }


@pytest.mark.parametrize(
    "event",
    [
        PlanTold(record=record(reason="password=s3cret")),
        PlanTold(
            record=closed(record(), Outcome.DENIED, "bearer s3cret-of-ours")
        ),
        ChangeTold(change=change(because="token: s3cret")),
        ChangeTold(
            change=over(change(), Outcome.FAILED, because="?token=s3cret")
        ),
        ChangeTold(
            change=change(progress="api_key=s3cret"), before=State.READY
        ),
    ],
)
def test_secrets_in_reasons_are_masked(
    capsys: pytest.CaptureFixture[str], event: Event
) -> None:
    (line,) = said(capsys, event, "debug")

    assert "s3cret" not in json.dumps(line)


def test_a_rung_names_the_recover_that_climbs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = record()
    rung = replace(made, plan=replace(made.plan, parent="c9"))
    moved = replace(change(state=State.SENT), parent="c9")

    lines = [
        *said(capsys, PlanTold(record=rung)),
        *said(capsys, ChangeTold(change=moved, before=State.INTENT)),
    ]

    assert [line["parent"] for line in lines] == ["c9", "c9"]


def test_a_climb_is_one_line_and_its_rungs_are_lines_of_their_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    climbs = change(state=State.CLIMBING, action=Action.RECOVER)

    (line,) = said(capsys, ChangeTold(change=climbs, before=State.READY))
    on = said(capsys, ChangeTold(change=climbs, before=State.CLIMBING))

    assert line["event"] == "studio: recover is climbing"
    assert "parent" not in line
    assert on == []
