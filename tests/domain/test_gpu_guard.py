"""The guard: at most one nvidia-smi may hang on a host."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.gpu.guard import (
    FRESH,
    GSP_PAUSE,
    LONGEST,
    Guard,
    Held,
    Scene,
    ask,
    came_back,
    hung,
)
from monitor.domain.kernel.event import XidEvent
from monitor.domain.machine.reading import DriverProcess

NEW = Guard()
DARK = Scene()
EVERY = 15.0
STUCK = DriverProcess(
    pid=4242, name="nvidia-smi", state="D", age=300.0, wchan="rwsem_down"
)
LOOP = replace(STUCK, pid=77, state="S", age=9e5)
DEAD = XidEvent(
    boot_id="b1",
    at=1_763_830_000.0,
    pci_bus_id="0000:0a:00",
    xid=119,
    pid=4242,
)


def scene(at: float, *drivers: DriverProcess, boot_id: str = "b1") -> Scene:
    return Scene(boot_id=boot_id, drivers=drivers, drivers_at=at)


def asked(
    guard: Guard, now: float, seen: Scene = DARK
) -> tuple[Guard, Held | None]:
    return ask(guard, seen, now=now, interval=EVERY)


def late(guard: Guard, now: float) -> Guard:
    return hung(guard, now=now, why="it was late")


def pause(guard: Guard, now: float) -> float:
    """Return the seconds until the guard lets one start."""
    step = 1.0
    return next(
        after * step
        for after in range(100_000)
        if asked(guard, now + after * step)[1] is None
    )


def test_a_host_that_nothing_is_known_of_is_asked() -> None:
    assert asked(NEW, 0.0)[1] is None


def test_each_hang_doubles_the_pause_up_to_a_quarter_of_an_hour() -> None:
    guard, pauses, now = NEW, [], 0.0
    for _ in range(9):
        guard = late(guard, now)
        pauses.append(pause(guard, now))
        now += pauses[-1]

    assert pauses == [30, 60, 120, 240, 480, 900, 900, 900, 900]
    assert LONGEST == 900


def test_a_pause_is_never_shorter_than_the_interval() -> None:
    guard = late(NEW, 0.0)

    _, held = ask(guard, DARK, now=3599.0, interval=3600.0)

    assert held is not None


def test_a_thousand_hangs_are_still_a_number() -> None:
    guard = replace(NEW, hangs=100_000, hung="it was late")

    assert asked(guard, 0.0)[1] is not None


def test_one_that_comes_back_ends_the_pause() -> None:
    guard = came_back(late(late(NEW, 0.0), 10.0))

    assert asked(guard, 11.0)[1] is None
    assert pause(late(guard, 20.0), 20.0) == 30


@pytest.mark.parametrize(
    ("hangs", "wedged", "sure"),
    [
        ("late", True, False),
        ("late late", True, True),
        ("line", False, False),
        ("line line line", False, False),
        ("line late", True, False),
        ("late line late", True, True),
    ],
)
def test_one_slow_run_or_a_lost_line_proves_no_hang(
    hangs: str, *, wedged: bool, sure: bool
) -> None:
    guard = NEW
    for kind in hangs.split():
        guard = hung(guard, now=0.0, why="it was late", line=kind == "line")

    _, held = asked(guard, 1.0)

    number = len(hangs.split())
    assert held is not None
    assert (held.wedged, held.sure) == (wedged, sure)
    assert held.because.startswith(f"it was late, {number} in a row; it")


def test_what_is_held_says_when_it_is_tried_again() -> None:
    _, held = asked(late(NEW, 0.0), 5.0)
    _, long = asked(replace(late(NEW, 0.0), hangs=9), 0.0)

    assert held is not None
    assert held.because == "it was late, 1 in a row; it is tried again in 25 s"
    assert long is not None
    assert long.because.endswith("tried again in 15 min")


def test_a_hang_that_is_gone_from_the_host_is_forgiven() -> None:
    guard = late(late(NEW, 0.0), 100.0)
    young = replace(STUCK, state="R", age=5.0)

    forgiven, held = asked(guard, 120.0, scene(115.0, young))

    assert held is None
    assert (forgiven.hangs, forgiven.blamed) == (0, 0)


@pytest.mark.parametrize(
    "seen",
    [
        scene(99.0),  # looked at before it hung
        scene(115.0, replace(STUCK, state="S", age=15.0)),  # still there
        replace(scene(115.0), drivers=None),
        Scene(boot_id="b1", drivers=(), drivers_at=None),
        scene(120.0 + 1),  # from the future
    ],
)
def test_a_hang_that_may_still_be_there_is_not_forgiven(seen: Scene) -> None:
    guard = late(late(NEW, 0.0), 100.0)

    assert asked(guard, 120.0, seen)[1] is not None


def test_none_is_started_beside_one_that_waits_in_the_kernel() -> None:
    guard, held = asked(NEW, 110.0, scene(100.0, STUCK))

    assert held == Held(
        because="nvidia-smi (pid 4242, state D in rwsem_down) has waited in"
        " the kernel for 5 min; none is started beside it, the next one when"
        " it is gone"
    )
    for minute in range(1, 61):
        at = 100.0 + 60 * minute
        older = replace(STUCK, age=300.0 + 60 * minute, wchan="")
        guard, held = asked(guard, at, scene(at, older))
        assert held is not None
        assert held.sure
    assert "for 1 h 5 min" in held.because


def test_a_day_in_the_kernel_is_said_in_hours() -> None:
    _, held = asked(NEW, 100.0, scene(100.0, replace(STUCK, age=90_000.0)))

    assert held is not None
    assert "for 1 d 1 h" in held.because


def test_one_that_is_gone_again_lets_the_next_one_start() -> None:
    guard, _ = asked(NEW, 100.0, scene(100.0, STUCK))

    _, held = asked(guard, 130.0, scene(130.0))

    assert held is None


def test_a_look_at_the_host_that_is_old_holds_nothing() -> None:
    guard, held = asked(NEW, 100.0, scene(100.0, STUCK))

    _, later = asked(guard, 101.0 + FRESH, scene(100.0, STUCK))

    assert held is not None
    assert later is None


@pytest.mark.parametrize(
    "harmless",
    [replace(STUCK, age=1.0), replace(STUCK, state="S"), LOOP],
)
def test_one_that_starts_or_runs_holds_nothing(
    harmless: DriverProcess,
) -> None:
    assert asked(NEW, 100.0, scene(100.0, harmless))[1] is None


def test_a_loop_in_the_kernel_for_a_moment_is_no_hang() -> None:
    moment = replace(LOOP, state="D")
    guard, _ = asked(NEW, 100.0, scene(100.0, LOOP))

    guard, once = asked(guard, 130.0, scene(130.0, moment))
    _, repeated = asked(guard, 132.0, scene(130.0, moment))
    _, twice = asked(guard, 160.0, scene(160.0, moment))
    _, back = asked(guard, 160.0, scene(160.0, LOOP))

    assert once is not None
    assert (once.wedged, once.sure) == (False, False)
    assert repeated is not None
    assert not repeated.wedged
    assert twice is not None
    assert (twice.wedged, twice.sure) == (True, True)
    assert back is None


def test_a_loop_in_the_kernel_after_a_hang_of_ours_is_one() -> None:
    guard, _ = asked(NEW, 100.0, scene(100.0, LOOP))
    guard = late(guard, 110.0)

    _, held = asked(guard, 130.0, scene(130.0, replace(LOOP, state="D")))

    assert held is not None
    assert held.sure


def test_a_dead_gpu_processor_is_asked_once_in_half_an_hour() -> None:
    seen = Scene(boot_id="b1", dead=DEAD)
    guard, tries, now = NEW, [], 0.0
    while now <= 4 * GSP_PAUSE:
        guard, held = asked(guard, now, seen)
        if held is None:
            tries.append(now)
            guard = late(guard, now + 10)
        now += EVERY

    assert tries == [1800.0, 3615.0, 5430.0]


def test_a_dead_gpu_processor_is_named_with_its_time() -> None:
    _, held = asked(NEW, 0.0, Scene(dead=DEAD))
    _, odd = asked(NEW, 0.0, Scene(dead=replace(DEAD, at=1e300)))

    assert held == Held(
        because="no answer came since Xid 119 of GPU 0000:0a:00 at 2025-11-22"
        " 16:46:40 UTC: nvidia-smi would hang; it is tried again in 30 min"
    )
    assert odd is not None


def test_an_answer_since_ends_the_pause_of_a_dead_processor() -> None:
    guard, held = asked(NEW, 0.0, Scene(dead=DEAD))

    guard, after = asked(came_back(guard), 15.0)

    assert held is not None
    assert after is None
    assert guard.pause_until is None


def test_a_new_boot_forgives_at_once() -> None:
    dead = replace(scene(5.0, STUCK), dead=DEAD)
    guard, _ = asked(late(late(NEW, 0.0), 1.0), 5.0, dead)

    guard, held = asked(guard, 20.0, scene(20.0, boot_id="b2"))

    assert held is None
    assert (guard.boot_id, guard.hangs) == ("b2", 0)


def test_a_boot_that_is_not_known_any_more_forgives_nothing() -> None:
    guard, _ = asked(late(NEW, 0.0), 1.0, scene(-1.0))

    guard, held = asked(guard, 2.0, DARK)

    assert held is not None
    assert guard.boot_id == "b1"


DRIVERS = st.lists(
    st.builds(
        DriverProcess,
        pid=st.integers(1, 3),
        name=st.just("nvidia-smi"),
        state=st.sampled_from(["D", "S", "R", "Z"]),
        age=st.floats(0, 1e6),
        wchan=st.sampled_from(["", "x"]),
    ),
    max_size=3,
).map(tuple)
STEPS = st.lists(
    st.tuples(
        st.floats(1, 2000),
        st.none() | DRIVERS,
        st.booleans(),
        st.sampled_from(["back", "late", "line"]),
        st.sampled_from(["", "b1", "b2"]),
    ),
    max_size=20,
)


@given(STEPS)
def test_whatever_happens_none_starts_beside_one_in_the_kernel(
    steps: list[
        tuple[float, tuple[DriverProcess, ...] | None, bool, str, str]
    ],
) -> None:
    guard, now = NEW, 0.0
    for passed, drivers, dead, outcome, boot_id in steps:
        now += passed
        guard, held = asked(
            guard,
            now,
            Scene(
                boot_id=boot_id,
                drivers=drivers,
                drivers_at=now,
                dead=DEAD if dead else None,
            ),
        )
        waits = [d for d in drivers or () if d.state == "D" and d.age >= 5]
        assert held is not None or not waits
        assert held is None or held.because
        if held is None and outcome == "back":
            guard = came_back(guard)
        elif held is None:
            line = outcome == "line"
            guard = hung(guard, now=now, why="x", line=line)


@given(st.integers(1, 60), st.floats(1, 3600))
def test_a_host_without_notes_is_tried_again_within_the_longest_pause(
    hangs: int, interval: float
) -> None:
    guard = NEW
    for _ in range(hangs):
        guard = late(guard, 0.0)

    _, held = ask(guard, DARK, now=max(LONGEST, interval), interval=interval)

    assert held is None
