"""A check whose looks keep disagreeing: what is held, and for how long."""

from dataclasses import replace
from functools import reduce
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.health import Health
from monitor.domain.judgement import (
    CALM_UP_TO,
    FLAPS_ABOVE,
    RECENT,
    Patience,
    Track,
    Transition,
    flapping_score,
    is_changing,
    judge,
)
from tests.fakes.probe import seen

GOOD, SLOW, BAD, DARK = (
    Health.HEALTHY,
    Health.DEGRADED,
    Health.UNHEALTHY,
    Health.UNKNOWN,
)
KNOWN = (GOOD, SLOW, BAD)
PATIENCE = Patience()
patiences = st.builds(
    Patience,
    failures=st.integers(1, 20),
    successes=st.integers(1, 20),
    degraded_of=st.sampled_from([(1, 1), (2, 3), (3, 5)]),
)


def watched(
    track: Track, *looks: Health, patience: Patience = PATIENCE
) -> Track:
    return reduce(
        lambda held, health: judge(held, seen(health), patience)[0],
        looks,
        track,
    )


def after(*looks: Health, patience: Patience = PATIENCE) -> Track:
    return watched(Track(), *looks, patience=patience)


def changed(*ages: int) -> tuple[Health, ...]:
    """Return looks that changed that many looks ago, the last one good."""
    newest_first = [GOOD]
    for age in range(RECENT - 1):
        last = newest_first[-1]
        other = BAD if last is GOOD else GOOD
        newest_first.append(other if age in ages else last)
    return tuple(newest_first[::-1])


WILD = after(*[GOOD, BAD] * 3, GOOD)


def test_looks_that_agree_score_nothing() -> None:
    assert flapping_score(()) == 0.0
    assert flapping_score((BAD,)) == 0.0
    assert flapping_score((BAD,) * RECENT) == 0.0


def test_a_new_change_counts_more_than_an_old_one() -> None:
    new = (GOOD,) * 19 + (BAD,)
    old = (BAD,) + (GOOD,) * 19

    assert flapping_score(new) == pytest.approx(1.18 / 20)
    assert flapping_score(old) == pytest.approx(0.82 / 20)


def test_looks_that_never_agree_score_highest() -> None:
    assert flapping_score((GOOD, BAD) * 10) == pytest.approx(0.95)


def test_a_change_between_slow_and_bad_is_one_as_well() -> None:
    assert flapping_score((SLOW, BAD)) == flapping_score((GOOD, BAD))


def test_the_sixth_change_in_a_row_makes_it_flap() -> None:
    five, six = after(*[GOOD, BAD] * 3), WILD

    assert (five.flapping, six.flapping) == (False, True)
    assert five.score == pytest.approx(0.285)
    assert six.score == pytest.approx(0.339)


def test_it_begins_above_30_percent_and_ends_at_25() -> None:
    recent = WILD.recent
    between = Track(health=GOOD, recent=recent[:-2])
    score = flapping_score((*recent[:-2], recent[-2]))
    assert CALM_UP_TO < score < FLAPS_ABOVE

    begins = watched(between, recent[-2])
    goes_on = watched(
        Track(health=GOOD, recent=recent[:-2], flapping=True), recent[-2]
    )

    assert (begins.flapping, goes_on.flapping) == (False, True)


@pytest.mark.parametrize("flapping", [True, False])
def test_a_score_of_exactly_30_percent_does_not_begin_it(
    *, flapping: bool
) -> None:
    recent = changed(0, 1, 7, 14, 15, 17)
    before = Track(health=GOOD, recent=recent[:-1], flapping=flapping)

    track = watched(before, recent[-1])

    assert track.score == FLAPS_ABOVE
    assert track.flapping is flapping


@pytest.mark.parametrize("flapping", [True, False])
def test_a_score_of_exactly_25_percent_ends_it(*, flapping: bool) -> None:
    recent = changed(0, 1, 11, 16, 17)
    before = Track(health=GOOD, recent=recent[:-1], flapping=flapping)

    track = watched(before, recent[-1])

    assert track.score == CALM_UP_TO
    assert not track.flapping


def test_while_it_flaps_the_opinion_is_held_and_says_so() -> None:
    track, told = WILD, []
    for health in (BAD, BAD, BAD, GOOD, BAD, BAD, BAD, GOOD, GOOD):
        track, change = judge(track, seen(health, at=9.0), PATIENCE)
        told.append(change)

    assert told == [None] * 9
    assert (track.health, track.since, track.flapping) == (GOOD, 0.0, True)
    assert track.because == (
        "flapping, so the opinion is held at healthy; "
        "the last look: it is healthy"
    )


def test_an_outage_shows_after_twice_the_usual_failures() -> None:
    track = watched(WILD, *[BAD] * 5)
    assert (track.health, track.flapping) == (GOOD, True)

    later, change = judge(track, seen(BAD, at=8.0), PATIENCE)

    assert change == Transition(
        key=seen().key,
        at=8.0,
        before=GOOD,
        after=BAD,
        because="it is unhealthy",
    )
    assert (later.health, later.since, later.flapping) == (BAD, 8.0, True)
    assert later.because == "it is unhealthy"


def test_the_slower_of_failing_and_healing_says_what_is_calm() -> None:
    patience = Patience(failures=2, successes=4)
    wild = after(*[GOOD, BAD] * 4, patience=patience)

    assert wild.flapping
    assert watched(wild, *[GOOD] * 7, patience=patience).because.startswith(
        "flapping"
    )
    shown = watched(wild, *[BAD] * 7, patience=patience)
    assert shown.health is BAD


def test_the_longest_patience_does_not_outlast_the_memory() -> None:
    patience = Patience(failures=20, successes=20)
    wild = watched(WILD, patience=patience)

    track = watched(wild, *[BAD] * 20, patience=patience)

    assert track.health is BAD


def test_once_it_is_calm_the_opinion_follows_as_usual() -> None:
    track = WILD
    while track.flapping:
        track = watched(track, GOOD)

    assert track.health is GOOD
    assert track.because == "flapping no more: it is healthy"
    assert watched(track, BAD, BAD, BAD).health is BAD


def test_calm_words_give_way_to_those_of_the_next_look() -> None:
    track = WILD
    while track.flapping:
        track = watched(track, GOOD)

    assert watched(track, GOOD).because == "it is healthy"


def test_a_calm_check_keeps_the_words_of_its_last_change() -> None:
    track = after(GOOD)

    later, _ = judge(track, seen(BAD), PATIENCE)

    assert later.because == track.because == "it is healthy"


def test_an_opinion_that_is_confirmed_gives_the_newest_reason() -> None:
    track = after(GOOD)
    newer = replace(seen(GOOD), because="answered in 0.2 s")

    later, changed = judge(track, newer, PATIENCE)

    assert changed is None
    assert later.because == "answered in 0.2 s"


def test_a_look_that_could_not_tell_does_not_calm_it() -> None:
    assert watched(WILD, *[DARK] * 30) == WILD


def test_doubt_lasts_as_long_as_a_flapping_check_needs() -> None:
    assert is_changing(watched(WILD, *[BAD] * 5), PATIENCE)
    assert not is_changing(watched(WILD, *[BAD] * 6), PATIENCE)
    stubborn = Track(health=GOOD, recent=(BAD,) * 6, flapping=True)
    assert not is_changing(stubborn, PATIENCE)


def test_small_worlds_never_get_stuck() -> None:
    """Every calm and flapping past, then every look, long enough."""
    pasts = [*product(KNOWN, repeat=5), *product([GOOD, BAD], repeat=9)]
    for past, health in product(pasts, KNOWN):
        track = after(*past)
        for _ in range(6):
            track, change = judge(track, seen(health), PATIENCE)
            assert change is None or change.after is track.health
        assert track.health is health, past
        assert not is_changing(track, PATIENCE)


@given(st.lists(st.sampled_from(Health), max_size=60), patiences)
def test_enough_equal_looks_are_believed_with_any_patience(
    looks: list[Health], patience: Patience
) -> None:
    enough = min(20, 2 * max(patience.failures, patience.successes, 5))

    for health in KNOWN:
        track = after(*looks, *[health] * enough, patience=patience)
        assert track.health is health


@given(st.lists(st.sampled_from(Health), max_size=60), patiences)
def test_a_score_is_a_share_and_flapping_follows_it(
    looks: list[Health], patience: Patience
) -> None:
    track = Track()
    for health in looks:
        was = track.flapping
        track = watched(track, health, patience=patience)

        assert 0.0 <= track.score <= 1.0
        assert track.score == flapping_score(track.recent)
        if track.flapping != was:
            assert track.flapping == (track.score > FLAPS_ABOVE)
            assert was == (track.score <= CALM_UP_TO)


@given(st.lists(st.sampled_from(Health), max_size=60), patiences)
def test_a_flapping_check_changes_its_mind_only_after_a_calm_run(
    looks: list[Health], patience: Patience
) -> None:
    calm = min(20, 2 * max(patience.failures, patience.successes))
    track = Track()
    for health in looks:
        track, change = judge(track, seen(health), patience)

        if change is not None and track.flapping:
            assert set(track.recent[-calm:]) == {change.after}
            assert len(track.recent) >= calm
