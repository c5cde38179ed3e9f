"""What goes on by itself on a simulated machine."""

import pytest

from monitor.domain.joblog.kinds import classify, is_bad
from monitor.simulator.gate import log_parts, service_part
from monitor.simulator.machine.doors import Where
from monitor.simulator.machine.life import LIVES, RESTS
from monitor.simulator.machine.process import CRASH
from monitor.simulator.machine.world import Doing, World
from tests.simulator.gate_client import Body

HOUR = 3600.0


class Bench:
    """A machine whose time a test decides."""

    def __init__(self) -> None:
        self.time = 1_000_000.0
        self.world = World("bench", Doing, lambda: self.time)

    def after(self, seconds: float) -> Body:
        """Return what the gate says of the service then."""
        self.time += seconds
        seen: Body = service_part.service(self.world, {}, self.time)
        return seen

    def fail(self) -> None:
        """Let each start fail from now on."""
        self.world.life.fail(CRASH, "last words")
        self.world.end(CRASH, self.time)
        self.world.start(self.time)


def test_a_start_that_fails_is_tried_again_by_systemd() -> None:
    bench = Bench()
    bench.fail()

    begun = bench.after(LIVES - 1)
    resting = bench.after(2)
    again = bench.after(RESTS)

    assert len(begun["processes"]) == len(again["processes"]) == 1
    assert begun["processes"][0]["pid"] != again["processes"][0]["pid"]
    assert resting["processes"] == []
    assert resting["unit"]["active_state"] == "activating"
    assert resting["unit"]["sub_state"] == "auto-restart"
    assert resting["unit"]["exit_status"] == 1
    assert again["unit"]["restarts"] == 1


def test_what_nobody_saw_has_happened_all_the_same() -> None:
    bench = Bench()
    bench.fail()

    seen = bench.after(HOUR)

    words = [e.text for e in bench.world.log.after(None).entries]
    assert seen["unit"]["restarts"] == HOUR // (LIVES + RESTS)
    assert words.count("last words") == HOUR // (LIVES + RESTS)


def test_a_start_may_succeed_again() -> None:
    bench = Bench()
    bench.fail()
    bench.after(1)

    bench.world.life.go_on()

    assert len(bench.after(HOUR)["processes"]) == 1


def test_an_end_that_systemd_did_not_see_is_the_last() -> None:
    bench = Bench()
    bench.fail()
    bench.world.end(CRASH, bench.time)

    assert bench.after(HOUR)["processes"] == []


def test_a_noisy_log_has_so_many_lines_a_minute_and_none_is_bad() -> None:
    bench = Bench()
    read = log_parts.log(bench.world, {})
    bench.world.life.rustle(30, bench.time)
    bench.time += 120

    said = log_parts.log(bench.world, {"cursor": read["cursor"]})["lines"]

    assert isinstance(said, list)
    assert len(said) == 60
    assert not [one for one in said if is_bad(classify(one["text"]))]


def test_a_log_that_is_quiet_again_stays_so() -> None:
    bench = Bench()
    bench.world.life.rustle(30, bench.time)
    bench.after(60)
    bench.world.life.rustle(0, bench.time)
    read = log_parts.log(bench.world, {})
    bench.after(HOUR)

    said = log_parts.log(bench.world, {"cursor": read["cursor"]})["lines"]

    assert said == []


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("everywhere", "nowhere", ["listener_lost"]),
        ("nowhere", "everywhere", ["listener_back"]),
        ("nowhere", "loopback", []),
        ("everywhere", "everywhere", []),
    ],
)
def test_who_watches_a_port_hears_what_becomes_of_it(
    before: Where, after: Where, told: list[str]
) -> None:
    bench = Bench()
    bench.world.listen(before, bench.time)
    heard: list[str] = []
    bench.world.happenings.listen(lambda one: heard.append(one.event))

    bench.world.listen(after, bench.time)

    assert heard == told
