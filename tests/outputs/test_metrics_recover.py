"""A `recover` in a scrape: counted once, and one change beside its rungs."""

from dataclasses import replace

from monitor.domain.recovery.change import Change
from monitor.domain.recovery.words import Action, Outcome, State
from monitor.engine.events import ChangeTold, PlanTold
from monitor.outputs.metrics import Metrics
from monitor.outputs.metrics.recovery import Standing
from tests.outputs.house import ME, House
from tests.outputs.recovering import change, over, record

ENDS = "facefusion_changes_total"
UNDER_WAY = 'facefusion_change_in_progress{target="studio"}'
RECOVER = change(1, State.CLIMBING, action=Action.RECOVER)
RUNG = replace(change(2, State.SENT), parent="c1")


def scraped(*changes: Change) -> dict[str, float]:
    house = House()
    left = (("recover", 0), ("restart", 3))
    metrics = Metrics(
        house.board,
        house.clock,
        ME,
        standing=lambda: [Standing(target="studio", budgets=left)],
        process=False,
    )
    metrics.heard(PlanTold(record=record(action=Action.RECOVER)))
    for one in changes:
        metrics.heard(ChangeTold(change=one))
    lines = metrics.render().decode().splitlines()
    pairs = (o.rsplit(" ", 1) for o in lines if not o.startswith("#"))
    return {name: float(value) for name, value in pairs}


def ended(series: dict[str, float], action: Action) -> dict[str, float]:
    of = f'{ENDS}{{action="{action.value}"'
    return {k: v for k, v in series.items() if k.startswith(of) and v}


def test_a_climb_and_its_rung_are_one_change_in_progress() -> None:
    climbs = scraped(RECOVER)
    sends = scraped(RECOVER, RUNG)
    between = scraped(RECOVER, RUNG, over(RUNG, Outcome.FAILED))
    healed = over(RUNG, Outcome.SUCCEEDED)
    done = scraped(RECOVER, RUNG, healed, over(RECOVER, Outcome.SUCCEEDED))

    values = [one[UNDER_WAY] for one in (climbs, sends, between, done)]

    assert values == [1.0, 1.0, 1.0, 0.0]


def test_a_rung_whose_climb_is_gone_is_a_change_in_progress() -> None:
    series = scraped(RECOVER, RUNG, over(RECOVER, Outcome.INTERRUPTED))

    assert series[UNDER_WAY] == 1.0


def test_a_climb_is_counted_once_by_its_own_action() -> None:
    end = over(RECOVER, Outcome.GAVE_UP)

    series = scraped(RECOVER, RUNG, over(RUNG, Outcome.FAILED), end, end)

    assert list(ended(series, Action.RECOVER).values()) == [1.0]
    assert 'outcome="gave_up"' in next(iter(ended(series, Action.RECOVER)))
    assert list(ended(series, Action.RESTART).values()) == [1.0]


def test_a_climb_has_no_budget_and_no_length_of_its_own() -> None:
    series = scraped(RECOVER, over(RECOVER, Outcome.GAVE_UP))

    budget = "facefusion_recovery_budget_remaining"
    assert [k for k in series if k.startswith(budget)] == [
        f'{budget}{{action="restart",target="studio"}}'
    ]
    lengths = [k for k in series if "change_duration_seconds" in k]
    assert lengths == []
