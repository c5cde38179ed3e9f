"""An alert sets off the first rule of its name, for a server that we know."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.alerts.alert import Outcome, Received
from monitor.domain.alerts.rules import (
    STALE_AFTER,
    Judged,
    Rule,
    judged,
    rule_for,
)
from monitor.domain.recovery.words import Action
from tests.fakes.alerts import HUNG

NOW = 1_000.0
RESTART = Rule(action=Action.RESTART, applies=True, alert="FaceFusionPage")
FREE = Rule(action=Action.FREE_GPU_MEMORY, applies=False, diagnosis="hung")
RULES = (FREE, RESTART, replace(RESTART, action=Action.REBOOT))
TARGETS = {"studio", "attic"}


def one(at: float = NOW, **about: object) -> Received:
    alert = replace(HUNG, **about)  # type: ignore[arg-type] # by name
    return Received(number=1, alert=alert, at=at)


def test_the_first_rule_of_its_name_is_set_off() -> None:
    assert judged(one(), RULES, TARGETS, NOW) == Judged(rule=RESTART)


@pytest.mark.parametrize(
    ("received", "outcome"),
    [
        (one(name="FaceFusionSlow"), Outcome.NO_RULE),
        (one(name=""), Outcome.NO_RULE),
        (one(name="facefusionpage"), Outcome.NO_RULE),
        (one(target=""), Outcome.NO_TARGET),
        (one(target="studio; reboot"), Outcome.UNKNOWN_TARGET),
        (one(at=NOW - STALE_AFTER - 0.1), Outcome.STALE),
        (one(at=NOW + 0.1), Outcome.STALE),
    ],
)
def test_what_sets_nothing_off_says_why(
    received: Received, outcome: Outcome
) -> None:
    said = judged(received, RULES, TARGETS, NOW)

    assert (said.rule, said.outcome) == (None, outcome)
    assert said.because


def test_one_that_waited_just_long_enough_counts() -> None:
    said = judged(one(at=NOW - STALE_AFTER), RULES, TARGETS, NOW)

    assert said.rule is RESTART


@given(name=st.text(), target=st.text())
def test_no_text_sets_off_what_is_not_configured(
    name: str, target: str
) -> None:
    said = judged(one(name=name, target=target), RULES, TARGETS, NOW)

    known = name == "FaceFusionPage" and target in TARGETS
    assert (said.rule is not None) is known


def test_a_diagnosis_sets_off_its_own_rule_only() -> None:
    assert rule_for("hung", RULES) is FREE
    assert rule_for("", RULES) is None
    assert rule_for("FaceFusionPage", RULES) is None


def test_a_rule_is_named_by_what_sets_it_off() -> None:
    assert RESTART.name == "automation: alert FaceFusionPage"
    assert FREE.name == "automation: diagnosis hung"
