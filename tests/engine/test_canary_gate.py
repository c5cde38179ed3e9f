"""Before a canary runs: whether the server is busy, and what is left."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.canary.budget import Share
from monitor.domain.canary.reading import CanaryReading, Operation, Result
from monitor.domain.fleet import Host, Target
from monitor.domain.gpu.reading import Gpu, GpuReading
from monitor.domain.health import Health
from monitor.domain.judgement import Track
from monitor.domain.observation import CheckKey, Kind
from monitor.domain.status import StatusReading
from monitor.engine.board import Board
from monitor.engine.canary_gate import CanaryGate
from monitor.engine.canary_runs import MOST_RUNS
from monitor.engine.check import Check
from monitor.engine.events import Looked, Rewired, Skipped, Started
from tests.fakes.clock import FakeClock
from tests.fakes.probe import FakeProbe, check_of, seen

HEALTHY, SICK = Health.HEALTHY, Health.UNHEALTHY
SHARES = (
    Share(target="studio", host="gpu1", gpus=(0,), budget=0.05),
    Share(target="annex", host="gpu1", gpus=(0, "GPU-1"), budget=0.05),
    Share(target="lab", budget=0.05),
)
CALM = Track(health=HEALTHY, recent=(HEALTHY,) * 5)


def key(target: str, check: str) -> CheckKey:
    kind = Kind.HOST if check == "gpu" else Kind.TARGET
    return CheckKey(kind=kind, subject=target, check=check)


def check(target: str, name: str, kind: str = "canary") -> Check:
    probe = FakeProbe(FakeClock(), key(target, name))
    return replace(check_of(probe, kind=kind, interval=300), timeout=120.0)


FACE = check("studio", "canary.face")
AGE = check("studio", "canary.age")
THEIRS = check("annex", "canary.face")
ALONE = check("lab", "canary.face")
STATUS = check("studio", "status", "status")
CARDS = check("gpu1", "gpu", "gpu")
CHECKS = (FACE, AGE, THEIRS, ALONE, STATUS, CARDS)


class House:
    """A gate before a board on which a test writes."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        targets = [
            Target(name=s.target, url="http://x", dialect="rest")
            for s in SHARES
        ]
        self.board = Board(targets, [Host(name="gpu1")], CHECKS)
        self.gate = CanaryGate(clock=self.clock, board=self.board)
        self.gate.furnish(SHARES)

    def why(self, canary: Check = FACE) -> str:
        held = self.gate(canary)
        return "" if held is None else held.reason

    def queue(self, size: int | None) -> None:
        reading = StatusReading(dialect="rest", queue_size=size)
        look = seen(key=STATUS.key, at=self.clock.now(), reading=reading)
        self.board.post(STATUS, look, CALM)

    def cards(self, *loads: float | None) -> None:
        gpus = tuple(
            Gpu(
                uuid=f"GPU-{index}",
                index=index,
                name="T4",
                pci_bus_id="",
                utilization_ratio=load,
            )
            for index, load in enumerate(loads)
        )
        look = seen(
            key=CARDS.key, at=self.clock.now(), reading=GpuReading(gpus=gpus)
        )
        self.board.post(CARDS, look, CALM)

    def runs(
        self,
        canary: Check = FACE,
        seconds: float | None = 1.0,
        *,
        track: Track = CALM,
        lasts: float | None = None,
    ) -> None:
        """Let a canary run now, whatever the gate says."""
        lasts = lasts or seconds or 1.0
        begun = self.clock.now()
        self.clock.pass_time(lasts)
        reading = CanaryReading(
            canary="face",
            operation=Operation.ENHANCE,
            model="",
            result=Result.OK,
            duration=seconds,
        )
        look = replace(
            seen(key=canary.key, at=begun, reading=reading, probe="canary"),
            duration=lasts,
        )
        self.board.post(canary, look, track)
        self.gate.heard(
            Looked(check=canary, seen=look, track=track, changed=None)
        )

    def told(self, reason: str, canary: Check = FACE) -> None:
        self.gate.heard(Skipped(check=canary, reason=reason))


def test_a_server_of_which_nothing_is_known_is_not_busy() -> None:
    assert House().why() == ""


def test_only_canaries_of_known_servers_are_held() -> None:
    house = House()
    house.queue(9)

    assert house.gate(STATUS) is None
    house.gate.furnish([])
    assert house.gate(FACE) is None


def test_a_canary_waits_for_jobs_in_the_queue() -> None:
    house = House()
    house.queue(3)

    held = house.gate(FACE)

    assert held is not None
    assert held.reason == "busy"
    assert held.because == "the server is busy: 3 jobs in its queue"
    assert house.why(ALONE) == ""


def test_a_canary_waits_for_a_loaded_gpu() -> None:
    house = House()
    house.cards(0.9)

    assert house.why(FACE) == "busy"
    assert house.why(ALONE) == ""


@pytest.mark.parametrize(
    ("loads", "studio", "annex"),
    [
        ((0.0, 1.0, 1.0), "", ""),  # annex uses both 0 and GPU-1
        ((1.0, 0.0, 1.0), "busy", ""),
        ((1.0, 1.0, 0.0), "busy", "busy"),
    ],
)
def test_only_the_gpus_that_the_server_uses_count(
    loads: tuple[float, ...], studio: str, annex: str
) -> None:
    for canary, why in ((FACE, studio), (THEIRS, annex)):
        house = House()
        house.cards(*loads)
        assert house.why(canary) == why


@pytest.mark.parametrize(
    ("loads", "why"), [((1.0, 0.2), ""), ((1.0, 0.8), "busy")]
)
def test_a_server_on_all_gpus_looks_at_all_of_them(
    loads: tuple[float, ...], why: str
) -> None:
    house = House()
    house.gate.furnish([replace(SHARES[0], gpus=())])
    house.cards(*loads)

    assert house.why() == why


def test_a_gpu_that_tells_no_load_says_nothing() -> None:
    house = House()
    house.cards(None)

    assert house.why() == ""


def test_what_is_too_old_is_no_sign() -> None:
    house = House()
    house.queue(3)
    house.clock.pass_time(STATUS.stale_after + 1)

    assert house.why() == ""


def test_busy_skips_one_run_and_then_lets_one_through() -> None:
    house = House()

    answers = []
    for _ in range(4):
        house.queue(3)
        answers.append(house.why())
        if not answers[-1]:
            assert house.gate.busy(FACE.key) == "3 jobs in its queue"
            house.runs()
            house.clock.pass_time(10.0)

    assert answers == ["busy", "", "busy", ""]


def test_a_run_that_ended_was_not_busy_any_more() -> None:
    house = House()
    house.queue(3)
    house.why()
    house.why()

    house.runs()

    assert house.gate.busy(FACE.key) == ""


def test_a_free_server_forgets_that_it_was_busy() -> None:
    house = House()
    house.queue(3)
    house.why()
    house.queue(0)
    house.why()
    house.told("target_busy")  # it waited too long for its lane
    house.queue(3)

    assert house.why() == "busy"


def test_our_own_canaries_are_nobody_elses_work() -> None:
    house = House()
    assert house.why(FACE) == ""
    house.clock.pass_time(2.0)  # it runs, on the host of annex as well
    house.cards(1.0)
    house.queue(1)

    assert house.why(AGE) == ""
    assert house.why(THEIRS) == ""


def test_a_gpu_shows_our_work_a_little_longer_than_it_lasts() -> None:
    house = House()
    house.runs(seconds=5.0)
    house.clock.pass_time(1.9)
    house.cards(1.0)
    assert house.why(THEIRS) == ""

    house.clock.pass_time(0.2)
    house.cards(1.0)

    assert house.why(ALONE) == ""
    assert house.why(AGE) == ""  # THEIRS was let through and may run now
    house.told("target_busy", THEIRS)
    house.told("target_busy", AGE)
    assert house.why(FACE) == "busy"


def test_a_look_from_before_our_run_still_shows_others() -> None:
    house = House()
    house.queue(3)
    house.clock.pass_time(1.0)
    house.runs(AGE)

    assert house.why(FACE) == "busy"


@pytest.mark.parametrize(("reason", "why"), [("overlap", ""), ("x", "busy")])
def test_a_run_that_was_let_through_counts_until_it_is_over(
    reason: str, why: str
) -> None:
    house = House()
    house.why(AGE)
    house.clock.pass_time(1.0)
    house.told(reason, AGE)
    house.queue(3)

    assert house.why(FACE) == why


def test_a_run_that_never_ends_is_forgotten() -> None:
    house = House()
    house.why(AGE)
    house.clock.pass_time(AGE.deadline + 301.0)
    house.queue(3)

    assert house.why(FACE) == "busy"


def test_a_configuration_that_replaces_a_check_forgets_its_run() -> None:
    house = House()
    house.why(AGE)
    house.gate.heard(Rewired(checks=(AGE.key,)))
    house.queue(3)

    assert house.why(FACE) == "busy"


def test_a_configuration_that_replaces_a_check_forgets_its_skips() -> None:
    house = House()
    house.queue(3)
    assert house.why() == "busy"

    house.gate.heard(Rewired(checks=(FACE.key,)))

    assert house.why() == "busy"


def test_a_run_may_take_as_long_as_its_deadline_and_its_lane() -> None:
    house = House()
    house.why(AGE)
    house.clock.pass_time(AGE.deadline + 299.0)
    house.queue(3)

    assert house.why(FACE) == ""


def test_a_job_counts_its_timeout_at_most() -> None:
    house = House()
    hasty = replace(FACE, timeout=2.0)
    for _ in range(60):
        house.runs(hasty, None, lasts=2.9)

    assert house.why() == ""
    for _ in range(30):
        house.runs(hasty, None, lasts=2.9)
    assert house.why() == "budget"


def test_what_is_remembered_is_bounded() -> None:
    house = House()
    for _ in range(MOST_RUNS):
        house.runs(AGE, 0.5)
    assert house.why(AGE) == "budget"
    for _ in range(MOST_RUNS):
        house.runs(AGE, 0.01)

    assert house.why(AGE) == ""


def test_five_percent_of_an_hour_are_the_budget() -> None:
    house = House()
    house.runs(FACE, 100.0)
    assert house.why(FACE) == ""
    house.runs(AGE, 80.0)

    held = house.gate(FACE)

    assert held is not None
    assert held.reason == "budget"
    assert "180 s" in held.because


def test_what_was_spent_is_forgotten_after_an_hour() -> None:
    house = House()
    house.runs(FACE, 200.0)
    house.runs(FACE, 1.0)
    house.clock.pass_time(3600.0 - 1.0)
    assert house.why() == "budget"

    house.clock.pass_time(0.5)

    assert house.why() == ""


def test_a_canary_that_did_not_run_this_hour_may_run() -> None:
    house = House()
    house.runs(AGE, 500.0)

    assert house.why(FACE) == ""
    assert house.why(AGE) == "budget"


def test_a_canary_that_changes_its_mind_may_confirm_it() -> None:
    house = House()
    doubt = Track(health=HEALTHY, recent=(HEALTHY, SICK))
    house.runs(FACE, 500.0, track=doubt)

    assert house.why() == ""


def test_a_flapping_canary_may_not() -> None:
    house = House()
    wild = Track(health=HEALTHY, recent=(HEALTHY, SICK), flapping=True)
    house.runs(FACE, 500.0, track=wild)

    assert house.why() == "budget"


@pytest.mark.parametrize("health", [SICK, Health.DEGRADED])
def test_a_bad_canary_is_skipped_once_in_a_row_so_that_it_can_heal(
    health: Health,
) -> None:
    house = House()
    bad = Track(health=health, recent=(health,) * 5)
    house.runs(FACE, 500.0, track=bad)

    assert [house.why(), house.why()] == ["budget", ""]
    house.runs(FACE, 500.0, track=bad)
    assert house.why() == "budget"


def test_a_good_canary_is_skipped_as_long_as_it_takes() -> None:
    house = House()
    house.runs(FACE, 500.0)

    assert [house.why() for _ in range(5)] == ["budget"] * 5


def test_servers_on_one_gpu_share_the_budget() -> None:
    house = House()
    house.runs(FACE, 95.0)
    house.runs(THEIRS, 60.0)
    house.runs(AGE, 30.0)

    assert house.why(FACE) == "budget"  # 125 s of 185, more than its half
    assert house.why(THEIRS) == ""  # 60 s, less than its half


def test_servers_on_other_gpus_do_not() -> None:
    house = House()
    house.gate.furnish([SHARES[0], replace(SHARES[1], gpus=(1,))])
    house.runs(FACE, 95.0)
    house.runs(THEIRS, 90.0)

    assert house.why(FACE) == ""


def test_a_job_that_nobody_answered_counts_thirty_seconds_at_most() -> None:
    house = House()
    for _ in range(5):
        house.runs(FACE, None, lasts=120.0)
    assert house.why() == ""

    house.runs(FACE, None, lasts=120.0)

    assert house.why() == "budget"


def test_a_quick_failure_counts_what_it_took() -> None:
    house = House()
    for _ in range(60):
        house.runs(FACE, None, lasts=2.9)
    assert house.why() == ""

    house.runs(FACE, None, lasts=6.0)

    assert house.why() == "budget"


def test_a_server_that_is_gone_takes_its_runs_along() -> None:
    house = House()
    house.runs(FACE, 500.0)
    house.gate.furnish([])
    house.gate.furnish(SHARES)

    assert house.why() == ""


def test_a_check_that_is_not_on_the_board_is_not_confirmed() -> None:
    house = House()
    house.runs(FACE, 500.0)
    house.board.rewire([], [], [])

    assert house.why() == "budget"
    assert house.why() == "budget"


def test_the_clock_may_jump() -> None:
    house = House()
    house.runs(FACE, 500.0)

    house.clock.time -= 7200.0
    assert house.why() == ""
    house.runs(FACE, 1.0)
    house.clock.time += 86400.0

    assert house.why() == ""


def test_other_events_say_nothing() -> None:
    house = House()
    house.gate.heard(Started(check=FACE, lag=0.0, missed=0))
    look = seen(key=STATUS.key)
    house.gate.heard(Looked(check=STATUS, seen=look, track=CALM, changed=None))

    assert house.why() == ""


@given(st.lists(st.integers(1, 59), min_size=1, max_size=150))
@settings(max_examples=50, deadline=None)
def test_no_hour_ever_holds_more_than_the_budget_and_one_run(
    lengths: list[int],
) -> None:
    house = House()
    ran: list[tuple[float, int]] = []
    for length in lengths:
        begun = house.clock.now()
        if not house.why():
            house.runs(FACE, float(length))
            ran.append((house.clock.now(), length))
        house.clock.time = begun + 60.0

        now = house.clock.now()
        spent = [took for ended, took in ran if now - ended <= 3600.0]
        assert sum(spent) < 180.0 + 60.0
    assert ran


@given(st.lists(st.booleans(), min_size=1, max_size=40))
@settings(max_examples=50, deadline=None)
def test_no_canary_is_ever_skipped_twice_in_a_row_for_a_busy_server(
    busy: list[bool],
) -> None:
    house = House()
    answers = [""]
    for loaded in busy:
        house.clock.pass_time(300.0)
        house.queue(3 if loaded else 0)
        answers.append(house.why())
        if not answers[-1]:
            house.runs(FACE, 0.1)

        assert answers[-2:] != ["busy", "busy"]
        assert loaded or answers[-1] == ""
