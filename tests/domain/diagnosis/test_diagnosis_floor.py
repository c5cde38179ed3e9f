from collections.abc import Iterable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.diagnosis.memory.floor import (
    KEPT,
    STRETCH,
    WARM_AFTER,
    Floors,
    Leak,
    leak,
)
from monitor.domain.gpu.reading import GpuReading
from monitor.domain.observation import Observation
from tests.domain.diagnosis.cases import TARGET, seen, service_reading
from tests.domain.machine_parts import GIB
from tests.domain.service_parts import process

START = 600_000.0
WARM = START + WARM_AFTER
MIB = 1 << 20


def serving(at: float = START, **fields: object) -> Observation:
    reading = service_reading(processes=[process(**fields)])
    return seen("process", reading=reading, at=at)


def held(size: int, at: float, owner: str = "studio") -> Observation:
    reading = GpuReading(owners=(("GPU-1", owner, size),))
    return seen("gpu", reading=reading, at=at)


def of(*looks: Observation, floors: Floors | None = None) -> Floors:
    now = floors or Floors()
    for look in looks:
        now = now.learn(TARGET, look)
    return now


def stretches(sizes: Iterable[int]) -> Floors:
    """Return what is known when each size was the least of a stretch."""
    looks = [
        held(size, WARM + STRETCH * place) for place, size in enumerate(sizes)
    ]
    end = WARM + STRETCH * len(looks)
    return of(serving(), *looks, held(10 * GIB, end))


def growing(count: int = 6, step: int = 300 * MIB) -> list[int]:
    return [2 * GIB + step * place for place in range(count)]


def test_memory_that_grows_stretch_by_stretch_is_a_leak() -> None:
    assert leak(stretches(growing())) == Leak(
        first=2 * GIB, last=2 * GIB + 1500 * MIB, seconds=3000.0, steps=5
    )


def test_fewer_than_six_stretches_prove_nothing() -> None:
    assert leak(stretches(growing(5, GIB))) is None
    assert leak(Floors()) is None


def test_the_stretch_that_has_not_ended_does_not_count() -> None:
    """Its least may still be that of a job."""
    floors = stretches([2 * GIB] * 6)

    assert floors.floors[-1].held == 10 * GIB
    assert leak(floors) is None


def test_memory_that_fell_once_is_no_leak() -> None:
    sizes = [*growing(8), 3 * GIB, *growing(3, GIB)]

    assert leak(stretches(sizes)) is None


def test_a_fall_within_the_measure_is_none() -> None:
    sizes = growing(7)
    sizes[3] = sizes[2] - 15 * MIB

    assert leak(stretches(sizes)) is not None


def test_a_step_is_sixteen_mebibytes() -> None:
    def sizes(step: int) -> list[int]:
        first = 2 * GIB
        return [first] * 3 + [first + GIB + step * n for n in range(4)]

    assert leak(stretches(sizes(16 * MIB))) is not None
    assert leak(stretches(sizes(15 * MIB))) is None
    fallen = growing(7)
    fallen[3] = fallen[2] - 16 * MIB
    assert leak(stretches(fallen)) is None


def test_models_that_stay_loaded_are_no_leak() -> None:
    jumps = [2 * GIB, 3 * GIB, 4 * GIB, 5 * GIB, 5 * GIB, 5 * GIB, 5 * GIB]

    assert leak(stretches(jumps)) is None


def test_growth_of_less_than_a_gibibyte_is_no_leak() -> None:
    assert leak(stretches(growing(6, 204 * MIB))) is None
    assert leak(stretches(growing(6, 205 * MIB))) is not None


def test_growth_of_less_than_a_quarter_is_no_leak() -> None:
    sizes = [16 * GIB + 400 * MIB * place for place in range(10)]

    assert leak(stretches(sizes)) is None
    assert leak(stretches([*sizes, 20 * GIB])) is not None


def test_memory_that_rests_for_an_hour_is_no_leak_any_more() -> None:
    grown = growing()

    assert leak(stretches(grown + grown[-1:] * 5)) is not None
    assert leak(stretches(grown + grown[-1:] * 6)) is None


def test_slow_growth_adds_up() -> None:
    sizes = [2 * GIB + 10 * MIB * place for place in range(KEPT + 70)]

    assert leak(stretches(sizes)) is None
    assert leak(stretches([size * 3 for size in sizes])) is None
    assert leak(stretches(growing(KEPT, 30 * MIB))) is not None


def test_the_least_of_a_stretch_counts() -> None:
    floors = of(
        serving(),
        held(5 * GIB, WARM),
        held(2 * GIB, WARM + 15),
        held(6 * GIB, WARM + 30),
    )

    assert [one.held for one in floors.floors] == [2 * GIB]


def test_the_first_hour_does_not_count() -> None:
    """Canaries use their models for the first time in it."""
    floors = of(serving(), held(2 * GIB, WARM - 1))

    assert floors.floors == ()
    assert of(held(2 * GIB, WARM), floors=floors).floors


def test_what_several_cards_hold_is_added_up() -> None:
    owners = (("GPU-1", "studio", 1), ("GPU-2", "studio", 2), ("", "b", 4))
    look = seen("gpu", reading=GpuReading(owners=owners), at=WARM)

    assert of(serving(), look).floors[0].held == 3


def test_a_new_process_begins_anew() -> None:
    floors = stretches(growing())

    again = of(serving(at=WARM + 9000.0, pid=99), floors=floors)

    assert again.floors == ()
    assert again.since == WARM + 9000.0
    same = of(serving(at=WARM + 9000.0), floors=floors)
    assert same == floors


def test_a_process_that_is_not_seen_changes_nothing() -> None:
    floors = stretches(growing())
    gone = seen("process", reading=service_reading(processes=[]))

    assert of(gone, floors=floors) == floors


def test_floors_are_forgotten_when_owners_are_not_known() -> None:
    floors = stretches(growing())

    assert of(held(GIB, WARM, "other"), floors=floors).floors == ()


def test_looks_at_other_things_change_nothing() -> None:
    assert of(seen("status"), floors=stretches(growing())) == stretches(
        growing()
    )
    assert of(held(GIB, WARM)) == Floors()


def test_a_clock_that_was_set_back_begins_anew() -> None:
    floors = stretches(growing())

    back = of(held(GIB, WARM + 10), floors=floors)
    assert [one.held for one in back.floors] == [GIB]
    before = of(held(GIB, START - 10), floors=floors)
    assert before == replace(floors, since=START - 10, floors=())


@given(
    st.lists(
        st.tuples(
            st.floats(min_value=0, max_value=4e9),
            st.integers(min_value=0, max_value=1 << 40),
            st.sampled_from(["studio", "other"]),
        ),
        max_size=80,
    )
)
def test_floors_are_bounded_and_never_fail(
    looks: list[tuple[float, int, str]],
) -> None:
    floors = of(serving(at=0.0), *(held(s, at, who) for at, s, who in looks))

    assert len(floors.floors) <= KEPT + 1
    found = leak(floors)
    assert found is None or found.last - found.first >= GIB
