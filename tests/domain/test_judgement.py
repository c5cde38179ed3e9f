"""When many looks become one opinion."""

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.health import Health
from monitor.domain.judgement import (
    RECENT,
    Patience,
    Track,
    Transition,
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
PATIENCE = Patience()
healths = st.sampled_from(Health)


def after(*looks: Health, patience: Patience = PATIENCE) -> Track:
    return reduce(
        lambda track, health: judge(track, seen(health), patience)[0],
        looks,
        Track(),
    )


def watched(
    track: Track, *looks: Health, patience: Patience = PATIENCE
) -> Track:
    for health in looks:
        track, _ = judge(track, seen(health), patience)
    return track


def test_the_first_good_look_is_believed_at_once() -> None:
    assert after(GOOD).health is GOOD


def test_two_bad_looks_are_not_yet_an_opinion() -> None:
    assert after(GOOD, BAD, BAD).health is GOOD


def test_three_bad_looks_in_a_row_make_it_unhealthy() -> None:
    assert after(GOOD, BAD, BAD, BAD).health is BAD


def test_a_good_look_between_bad_ones_starts_the_count_again() -> None:
    assert after(GOOD, BAD, BAD, GOOD, BAD, BAD).health is GOOD


def test_one_good_look_does_not_heal_and_two_do() -> None:
    sick = (GOOD, BAD, BAD, BAD)

    assert after(*sick, GOOD).health is BAD
    assert after(*sick, GOOD, GOOD).health is GOOD


def test_three_slow_looks_of_the_last_five_make_it_degraded() -> None:
    assert after(GOOD, SLOW, GOOD, SLOW, GOOD).health is GOOD
    assert after(GOOD, SLOW, GOOD, SLOW, GOOD, SLOW).health is SLOW


def test_slow_looks_outside_the_window_are_forgotten() -> None:
    assert after(SLOW, SLOW, GOOD, GOOD, GOOD, GOOD, SLOW).health is GOOD


def test_an_unhealthy_check_that_gets_slow_is_degraded_after_two() -> None:
    sick = (GOOD, BAD, BAD, BAD)

    assert after(*sick, SLOW).health is BAD
    assert after(*sick, SLOW, SLOW).health is SLOW


def test_an_unhealthy_check_with_one_slow_and_one_good_look_stays() -> None:
    assert after(GOOD, BAD, BAD, BAD, SLOW, GOOD).health is BAD


def test_a_look_that_could_not_tell_changes_nothing() -> None:
    before = after(GOOD, BAD, BAD)

    track, changed = judge(before, seen(DARK), PATIENCE)

    assert track == before
    assert changed is None


def test_the_transition_says_what_changed_when_and_why() -> None:
    track = after(GOOD, BAD, BAD)
    last = seen(BAD, at=77.0)

    after_it, changed = judge(track, last, PATIENCE)

    assert changed == Transition(
        key=last.key,
        at=77.0,
        before=GOOD,
        after=BAD,
        because="it is unhealthy",
    )
    assert after_it.since == 77.0
    assert after_it.because == "it is unhealthy"


def test_nothing_seen_is_no_doubt() -> None:
    assert not is_changing(Track(), PATIENCE)


def test_a_look_that_agrees_is_no_doubt() -> None:
    assert not is_changing(after(GOOD), PATIENCE)


def test_a_look_that_disagrees_is_doubt_until_it_is_decided() -> None:
    assert is_changing(after(GOOD, BAD), PATIENCE)
    assert is_changing(after(GOOD, BAD, BAD), PATIENCE)
    assert not is_changing(after(GOOD, BAD, BAD, BAD), PATIENCE)
    assert is_changing(after(GOOD, BAD, BAD, BAD, GOOD), PATIENCE)


def test_healing_that_takes_longer_than_failing_is_asked_for_as_long() -> None:
    patience = Patience(failures=1, successes=4)

    assert is_changing(after(BAD, GOOD, GOOD, patience=patience), patience)
    assert is_changing(
        after(BAD, GOOD, GOOD, GOOD, patience=patience), patience
    )
    healed = after(BAD, GOOD, GOOD, GOOD, GOOD, patience=patience)
    assert healed.health is GOOD


def test_a_disagreement_that_lasts_is_no_doubt_any_more() -> None:
    patience = Patience(failures=1, successes=5, degraded_of=(9, 9))

    track = after(BAD, *[SLOW] * 5, patience=patience)

    assert track.health is BAD
    assert not is_changing(track, patience)


@given(st.lists(healths, max_size=40))
def test_what_is_kept_is_bounded(looks: list[Health]) -> None:
    assert len(after(*looks).recent) <= RECENT


@given(st.lists(healths, max_size=40))
def test_unhealthy_always_rests_on_enough_bad_looks(
    looks: list[Health],
) -> None:
    track, known = Track(), []
    for health in looks:
        if health is not DARK:
            known.append(health)
        track, changed = judge(track, seen(health), PATIENCE)

        if changed is not None and changed.after is BAD:
            assert known[-3:] == [BAD, BAD, BAD]
        if changed is not None and changed.after is GOOD:
            assert known[-1] is GOOD


@given(st.lists(healths, max_size=40))
def test_a_calm_check_heals_and_falls_ill_as_fast_as_it_should(
    looks: list[Health],
) -> None:
    track = after(*looks)

    for health, enough in ((GOOD, 2), (BAD, 3)):
        later = watched(track, *[health] * enough)
        assert later.flapping or later.health is health


@given(st.lists(healths, max_size=40), st.sampled_from([GOOD, SLOW, BAD]))
def test_enough_equal_looks_are_always_believed(
    looks: list[Health], health: Health
) -> None:
    assert after(*looks, *[health] * 6).health is health
