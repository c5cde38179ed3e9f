"""What was done to servers, and what may still be done, in a scrape."""

import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.words import Action, Outcome, State
from monitor.engine.events import ChangeTold, PlanTold, Rewired
from monitor.outputs.metrics import Metrics
from monitor.outputs.metrics.recovery import Standing
from tests.outputs.house import ME, House
from tests.outputs.recovering import (
    ANN,
    RULE,
    change,
    closed,
    over,
    record,
)

ENDS = "facefusion_changes_total"
LENGTHS = "facefusion_change_duration_seconds"
UNDER_WAY = 'facefusion_change_in_progress{target="studio"}'
AWAITING = 'facefusion_plans_awaiting_approval{target="studio"}'
LEFT = "facefusion_recovery_budget_remaining"
BREAKER = "facefusion_recovery_breaker_open"
TURNS = 200
STUDIO = Standing(target="studio", budgets=(("reboot", 1), ("restart", 3)))


class Desk:
    """Metrics, and what may still be done."""

    def __init__(self, *standings: Standing) -> None:
        house = House()
        self.clock = house.clock
        self.standings: list[Standing] = list(standings)
        self.error: Exception | None = None
        self.metrics = Metrics(
            house.board, house.clock, ME, standing=self.stand, process=False
        )

    def stand(self) -> Iterable[Standing]:
        if self.error:
            raise self.error
        return self.standings

    def told(self, *events: PlanTold | ChangeTold | Rewired) -> None:
        for event in events:
            self.metrics.heard(event)

    def series(self, part: str) -> dict[str, float]:
        text = self.metrics.render().decode()
        lines = (x for x in text.splitlines() if not x.startswith("#"))
        pairs = (line.rsplit(" ", 1) for line in lines if part in line)
        return {name: float(value) for name, value in pairs}


def ended(by: Principal, outcome: Outcome) -> str:
    return (
        f'{ENDS}{{action="restart",outcome="{outcome.value}",'
        f'target="studio",trigger="{by.trigger.value}"}}'
    )


def test_where_nothing_may_be_done_nothing_is_said() -> None:
    desk = Desk()

    assert desk.series("change") == {}
    assert desk.series("recovery") == {}


def test_counters_of_an_action_begin_at_0_when_it_is_planned() -> None:
    desk = Desk()

    desk.told(PlanTold(record=record(by=RULE)))

    ends = desk.series(ENDS)
    assert len(ends) == len(Outcome)
    assert set(ends.values()) == {0.0}
    assert ended(RULE, Outcome.SUCCEEDED) in ends
    assert desk.series(f"{LENGTHS}_count") == {
        f'{LENGTHS}_count{{action="restart",target="studio"}}': 0.0
    }


@pytest.mark.parametrize("outcome", Outcome)
def test_a_change_is_counted_by_how_it_ended(outcome: Outcome) -> None:
    desk = Desk()
    begun = change()

    desk.told(
        ChangeTold(change=begun), ChangeTold(change=over(begun, outcome))
    )

    assert desk.series(ENDS)[ended(ANN, outcome)] == 1.0
    assert sum(desk.series(ENDS).values()) == 1.0


def test_an_end_that_is_told_twice_counts_once() -> None:
    desk = Desk()
    told = ChangeTold(change=over(change(), Outcome.FAILED, took=3))

    desk.told(told, told)

    assert desk.series(ENDS)[ended(ANN, Outcome.FAILED)] == 1.0
    assert set(desk.series(f"{LENGTHS}_count").values()) == {1.0}


def test_a_plan_without_a_change_is_counted_too_and_one_with_it_is_not() -> (
    None
):
    desk = Desk()
    alone = closed(record(1), Outcome.PLANNED_ONLY)
    applied = record(2)

    desk.told(
        PlanTold(record=alone),
        ChangeTold(change=over(change(2), Outcome.SUCCEEDED, took=1)),
        PlanTold(
            record=replace(applied, change="c2", outcome=Outcome.SUCCEEDED)
        ),
    )

    counted = {k: v for k, v in desk.series(ENDS).items() if v}
    assert counted == {
        ended(ANN, Outcome.PLANNED_ONLY): 1.0,
        ended(ANN, Outcome.SUCCEEDED): 1.0,
    }


def test_a_length_is_that_from_intent_to_outcome() -> None:
    desk = Desk()

    desk.told(
        ChangeTold(change=over(change(1), Outcome.SUCCEEDED, took=5)),
        ChangeTold(change=over(change(2), Outcome.FAILED, took=31)),
        ChangeTold(change=over(change(3), Outcome.DENIED)),
    )

    buckets = {
        bound: value
        for name, value in desk.series(f"{LENGTHS}_bucket").items()
        for bound in re.findall('le="([^"]+)"', name)
    }
    assert buckets == {
        "1.0": 0.0,
        "5.0": 1.0,
        "10.0": 1.0,
        "30.0": 1.0,
        "60.0": 2.0,
        "120.0": 2.0,
        "300.0": 2.0,
        "600.0": 2.0,
        "1800.0": 2.0,
        "+Inf": 2.0,
    }
    assert set(desk.series(f"{LENGTHS}_sum").values()) == {36.0}


def test_a_clock_that_is_set_back_gives_no_length_below_0() -> None:
    desk = Desk()

    desk.told(ChangeTold(change=over(change(), Outcome.FAILED, took=-60)))

    assert set(desk.series(f"{LENGTHS}_sum").values()) == {0.0}


def test_a_change_is_under_way_from_ready_to_its_end() -> None:
    desk, seen = Desk(), []

    for state in (State.WAITING, State.READY, State.SENT, State.UNKNOWN):
        desk.told(ChangeTold(change=change(state=state)))
        seen.append(desk.series(UNDER_WAY)[UNDER_WAY])
    desk.told(ChangeTold(change=over(change(), Outcome.INTERRUPTED)))

    assert seen == [0.0, 1.0, 1.0, 1.0]
    assert desk.series(UNDER_WAY) == {UNDER_WAY: 0.0}


def test_a_plan_awaits_approval_until_all_have_said_so() -> None:
    desk, seen = Desk(), []

    for given in range(3):
        desk.told(PlanTold(record=record(approvals=2, given=given)))
        seen.append(desk.series(AWAITING)[AWAITING])

    assert seen == [1.0, 1.0, 0.0]


def test_a_plan_that_is_denied_expired_or_applied_awaits_nothing() -> None:
    desk = Desk()
    asked = [record(number, approvals=1) for number in (1, 2, 3)]
    desk.told(*(PlanTold(record=one) for one in asked))
    first = desk.series(AWAITING)

    desk.told(
        PlanTold(record=closed(asked[0], Outcome.DENIED)),
        ChangeTold(change=change(2, State.WAITING)),
        ChangeTold(change=over(change(3), Outcome.CANCELLED)),
    )

    assert first == {AWAITING: 3.0}
    assert desk.series(AWAITING) == {AWAITING: 1.0}


def test_a_plan_that_nobody_closed_awaits_nothing_once_it_expired() -> None:
    desk = Desk()
    desk.told(PlanTold(record=record(approvals=1)))

    desk.clock.pass_time(899)
    before = desk.series(AWAITING)
    desk.clock.pass_time(1)

    assert before == {AWAITING: 1.0}
    assert desk.series(AWAITING) == {AWAITING: 0.0}


def test_an_open_plan_told_again_after_a_start_is_one() -> None:
    desk = Desk()
    told = PlanTold(record=record(approvals=1))

    desk.told(told, told, ChangeTold(change=change(2)))
    desk.told(ChangeTold(change=change(2)))

    assert desk.series(AWAITING) == {AWAITING: 1.0}
    assert desk.series(UNDER_WAY) == {UNDER_WAY: 1.0}


def test_budgets_and_breakers_are_as_they_stand_at_each_scrape() -> None:
    desk = Desk(STUDIO)
    first = desk.series("recovery")

    desk.standings = [
        Standing(target="studio", budgets=(("restart", 2),), breaker_open=True)
    ]

    assert first == {
        f'{LEFT}{{action="reboot",target="studio"}}': 1.0,
        f'{LEFT}{{action="restart",target="studio"}}': 3.0,
        f'{BREAKER}{{target="studio"}}': 0.0,
    }
    assert desk.series("recovery") == {
        f'{LEFT}{{action="restart",target="studio"}}': 2.0,
        f'{BREAKER}{{target="studio"}}': 1.0,
    }


def test_a_server_that_may_be_touched_has_its_gauges_at_0() -> None:
    desk = Desk(STUDIO)

    assert desk.series(UNDER_WAY) == {UNDER_WAY: 0.0}
    assert desk.series(AWAITING) == {AWAITING: 0.0}


def test_a_server_that_may_not_be_touched_any_more_keeps_what_was_done() -> (
    None
):
    desk = Desk(STUDIO, Standing(target="attic"))
    desk.told(ChangeTold(change=over(change(), Outcome.SUCCEEDED, took=1)))
    desk.series("")

    desk.standings = []

    assert desk.series("recovery") == {}
    assert desk.series(ENDS)[ended(ANN, Outcome.SUCCEEDED)] == 1.0
    assert desk.series("attic") == Desk().series("attic")


def test_a_server_that_left_takes_its_series_along() -> None:
    desk = Desk()
    desk.told(PlanTold(record=record()), PlanTold(record=record(target="b")))

    desk.told(Rewired(targets=("studio", "unheard of")))

    assert desk.series('target="studio",trigger') == {}
    assert len(desk.series('target="b",trigger')) == len(Outcome)


def test_standings_that_cannot_be_told_hide_nothing_else() -> None:
    desk = Desk(STUDIO)
    desk.told(PlanTold(record=record()))
    before = desk.series("")

    desk.error = ZeroDivisionError("no journal")

    assert desk.series("") == before


def test_scrapes_beside_changes_and_reloads_are_whole() -> None:
    desk = Desk(STUDIO)

    with ThreadPoolExecutor(1) as thread:
        for turn in range(TURNS):
            scraping = thread.submit(desk.metrics.render)
            begun = change(turn)
            desk.told(ChangeTold(change=begun))
            desk.told(ChangeTold(change=over(begun, Outcome.FAILED, took=1)))
            if turn % 10 == 0:
                desk.told(Rewired(targets=("studio",)))
            text = scraping.result(10).decode()

            lines = [x for x in text.splitlines() if not x.startswith("#")]
            series = [line.rsplit(" ", 1)[0] for line in lines]
            assert list(text_string_to_metric_families(text))
            assert len(series) == len(set(series))

    since = (TURNS - 1) % 10 + 1
    assert desk.series(ENDS)[ended(ANN, Outcome.FAILED)] == since - 1


def test_actions_and_triggers_are_counted_apart() -> None:
    desk = Desk()

    desk.told(
        ChangeTold(change=over(change(1, by=RULE), Outcome.FAILED)),
        ChangeTold(
            change=over(change(2, action=Action.REBOOT), Outcome.FAILED)
        ),
    )

    counted = {k: v for k, v in desk.series(ENDS).items() if v}
    assert len(counted) == 2
    assert ended(RULE, Outcome.FAILED) in counted
