"""What is known, and until when."""

from dataclasses import replace

import pytest

from monitor.domain.fleet import Host, Target
from monitor.domain.gpu.reading import Gpu, GpuReading
from monitor.domain.health import Health
from monitor.domain.history import Kept
from monitor.domain.judgement import Track
from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.domain.status import StatusReading
from monitor.engine.board import Board
from monitor.engine.events import Rewired, Skipped
from tests.fakes.clock import FakeClock
from tests.fakes.probe import STUDIO, FakeProbe, check_of, seen

GPU1 = CheckKey(kind=Kind.HOST, subject="gpu1", check="gpu")
SWAP = CheckKey(kind=Kind.TARGET, subject="studio", check="canary.swap")
GOOD = Track(health=Health.HEALTHY)
CHECKS = {
    key: check_of(FakeProbe(FakeClock(), key)) for key in (STUDIO, SWAP, GPU1)
}
TOO_OLD = 2 * 30 + 5


TARGET = Target(name="studio", url="http://x", dialect="rest")


def board() -> Board:
    return Board([TARGET], [Host(name="gpu1")], CHECKS.values())


def test_a_check_not_looked_at_yet_is_unknown() -> None:
    assert board().health("studio", 0) is Health.UNKNOWN


def test_a_reading_is_a_fact_for_twice_its_interval_and_timeout() -> None:
    known = board()
    known.post(CHECKS[STUDIO], seen(at=100), GOOD)
    ended = 100 + 0.25

    entry = known.entry(STUDIO)

    assert entry.fresh(ended + TOO_OLD) is not None
    assert entry.fresh(ended + TOO_OLD + 0.01) is None


def test_a_reading_from_the_future_is_no_fact() -> None:
    known = board()
    known.post(CHECKS[STUDIO], seen(at=3700), GOOD)

    assert known.entry(STUDIO).fresh(100) is None


def test_an_opinion_that_rests_on_nothing_fresh_is_unknown() -> None:
    known = board()
    known.post(CHECKS[STUDIO], seen(at=100), GOOD)

    assert known.health("studio", 101) is Health.HEALTHY
    assert known.health("studio", 300) is Health.UNKNOWN


def test_the_last_success_survives_a_failure() -> None:
    known = board()
    known.post(CHECKS[STUDIO], seen(at=100), GOOD)

    known.post(CHECKS[STUDIO], seen(Health.UNHEALTHY, at=130), GOOD)

    assert known.entry(STUDIO).last_success == 100


def test_looks_that_cannot_tell_keep_no_opinion_alive() -> None:
    known = board()
    known.post(CHECKS[STUDIO], seen(at=100), GOOD)

    known.post(CHECKS[STUDIO], seen(Health.UNKNOWN, at=160), GOOD)

    assert known.health("studio", 161) is Health.HEALTHY
    assert known.health("studio", 175) is Health.UNKNOWN
    assert known.entry(STUDIO).fresh(175) is not None


def test_a_check_that_is_not_ours_is_not_found() -> None:
    stranger = CheckKey(kind=Kind.TARGET, subject="x", check="status")

    assert board().find(stranger) is None


def test_a_bad_canary_makes_its_server_unhealthy() -> None:
    known = board()
    known.post(CHECKS[STUDIO], seen(at=100), GOOD)

    bad = Track(health=Health.UNHEALTHY)
    known.post(CHECKS[SWAP], seen(Health.UNHEALTHY, key=SWAP, at=100), bad)

    assert known.health("studio", 101) is Health.UNHEALTHY


@pytest.mark.parametrize(
    ("answered", "health"), [(99, Health.UNHEALTHY), (120, Health.DEGRADED)]
)
def test_a_process_that_is_gone_counts_less_once_its_server_has_answered(
    answered: float, health: Health
) -> None:
    key = CheckKey(kind=Kind.TARGET, subject="studio", check="process")
    check = check_of(FakeProbe(FakeClock(), key), kind="process")
    known = Board([TARGET], [], [CHECKS[STUDIO], check])
    assert known.health("studio", 100) is Health.UNKNOWN
    gone = Track(health=Health.UNHEALTHY, since=100)

    known.post(check, seen(Health.UNHEALTHY, key=key, at=100), gone)
    known.post(CHECKS[STUDIO], seen(at=answered), GOOD)

    assert known.health("studio", 121) is health


def test_a_process_not_looked_at_yet_counts_for_nothing() -> None:
    key = CheckKey(kind=Kind.TARGET, subject="studio", check="process")
    check = check_of(FakeProbe(FakeClock(), key), kind="process")
    known = Board([TARGET], [], [CHECKS[STUDIO], check])

    known.post(CHECKS[STUDIO], seen(at=100), GOOD)

    assert known.health("studio", 101) is Health.HEALTHY


def test_without_a_status_check_the_health_of_a_server_is_that_of_others() -> (
    None
):
    known = Board([TARGET], [], [CHECKS[SWAP]])
    bad = Track(health=Health.UNHEALTHY)

    known.post(CHECKS[SWAP], seen(Health.UNHEALTHY, key=SWAP, at=100), bad)

    assert known.health("studio", 101) is Health.UNHEALTHY


def test_a_host_does_not_change_the_health_of_a_server() -> None:
    known = board()
    known.post(CHECKS[STUDIO], seen(at=100), GOOD)

    bad = Track(health=Health.UNHEALTHY)
    known.post(CHECKS[GPU1], seen(Health.UNHEALTHY, key=GPU1, at=100), bad)

    assert known.health("studio", 101) is Health.HEALTHY


def test_a_gpu_keeps_its_identity_after_it_is_gone() -> None:
    known = board()
    first = _gpu("GPU-a"), _gpu("GPU-b")
    known.post(CHECKS[GPU1], _gpus(*first), GOOD)

    known.post(CHECKS[GPU1], _gpus(first[1]), GOOD)

    assert list(known.gpus("gpu1")) == ["GPU-a", "GPU-b"]
    assert known.gpus("gpu1")["GPU-a"].driver_version == "570.0"


@pytest.mark.parametrize("slot", ["01:00.0", ""])
def test_a_card_whose_place_another_one_took_is_not_there_any_more(
    slot: str,
) -> None:
    known = board()
    old, new = (
        replace(_gpu(uuid), pci_bus_id=slot) for uuid in ("GPU-a", "GPU-b")
    )
    known.post(CHECKS[GPU1], _gpus(old), GOOD)

    known.post(CHECKS[GPU1], _gpus(new), GOOD)

    assert list(known.gpus("gpu1")) == ["GPU-b"]


def test_a_host_never_seen_has_no_gpus() -> None:
    assert board().gpus("gpu1") == {}


def test_a_server_is_what_it_said_when_it_last_answered_well() -> None:
    known = board()
    said = StatusReading(dialect="rest", code=200, version="3.8.1")
    known.post(CHECKS[STUDIO], seen(reading=said), GOOD)

    failed = StatusReading(dialect="rest", code=500)
    known.post(CHECKS[STUDIO], seen(Health.UNHEALTHY, reading=failed), GOOD)

    assert known.server("studio") == said
    assert known.server("attic") is None


def test_a_fleet_with_one_server_changed_keeps_the_others_as_they_were() -> (
    None
):
    known = board()
    known.post(CHECKS[STUDIO], seen(at=100), GOOD)
    known.post(CHECKS[SWAP], seen(key=SWAP, at=100), GOOD)
    before = known.entry(STUDIO)
    other = check_of(FakeProbe(FakeClock(), SWAP), interval=60)

    gone = known.rewire(
        [TARGET], [Host(name="gpu1")], [CHECKS[STUDIO], other, CHECKS[GPU1]]
    )

    assert gone == Rewired(checks=(SWAP,))
    assert known.entry(STUDIO) is before
    changed = known.entry(SWAP)
    assert changed.seen is None
    assert changed.track == GOOD
    assert changed.told_at == 100.25


def test_a_server_at_another_address_is_another_server() -> None:
    known = board()
    said = StatusReading(dialect="rest", code=200, version="3.8.1")
    known.post(CHECKS[STUDIO], seen(at=100, reading=said), GOOD)
    known.post(CHECKS[GPU1], seen(key=GPU1, at=100), GOOD)
    anew = [check_of(FakeProbe(FakeClock(), key)) for key in CHECKS]
    there = Target(name="studio", url="http://y", dialect="rest")

    gone = known.rewire([there], [Host(name="gpu1")], anew)

    assert gone.moved == ("studio",)

    assert known.entry(STUDIO).track == Track()
    assert known.server("studio") is None
    assert known.entry(GPU1).track == GOOD


def test_what_left_the_fleet_leaves_the_board() -> None:
    known = board()
    said = StatusReading(dialect="rest", code=200, version="3.8.1")
    known.post(CHECKS[STUDIO], seen(reading=said), GOOD)
    known.post(CHECKS[GPU1], _gpus(_gpu("GPU-a")), GOOD)

    gone = known.rewire([], [], [])

    assert set(gone.checks) == set(CHECKS)
    assert (gone.targets, gone.hosts) == (("studio",), ("gpu1",))
    assert list(known.entries()) == []
    assert known.gpus("gpu1") == {}
    assert known.server("studio") is None
    assert known.checks_of(Kind.TARGET, "studio") == []


def test_an_opinion_from_before_a_restart_ages_on() -> None:
    known = board()
    bad = Track(health=Health.UNHEALTHY, since=50, because="refused")

    known.restore(Kept(key=STUDIO, track=bad, last_success=40, told_at=100))

    assert known.health("studio", 100 + TOO_OLD) is Health.UNHEALTHY
    assert known.health("studio", 100 + TOO_OLD + 1) is Health.UNKNOWN
    assert known.entry(STUDIO).last_success == 40
    assert known.entry(STUDIO).seen is None


def test_what_was_seen_since_a_restart_is_worth_more_than_a_memory() -> None:
    known = board()
    known.post(CHECKS[STUDIO], seen(at=100), GOOD)

    known.restore(Kept(key=STUDIO, track=Track(health=Health.UNHEALTHY)))

    assert known.entry(STUDIO).track == GOOD


def test_a_memory_of_a_server_at_another_address_is_another_servers() -> None:
    known = board()
    bad = Track(health=Health.UNHEALTHY)

    known.restore(Kept(key=STUDIO, track=bad, told_at=100, url="http://y"))
    elsewhere = known.entry(STUDIO).track
    known.restore(Kept(key=STUDIO, track=bad, told_at=100, url="http://x"))

    assert elsewhere == Track()
    assert known.entry(STUDIO).track == bad
    assert known.url(GPU1) == ""


def test_a_memory_of_a_check_that_is_gone_is_dropped() -> None:
    known = board()
    stranger = CheckKey(kind=Kind.TARGET, subject="x", check="status")

    known.restore(Kept(key=stranger, track=GOOD))

    assert known.find(stranger) is None


def test_a_run_that_did_not_happen_is_noted_until_a_look_and_after() -> None:
    known = board()
    skipped = Skipped(check=CHECKS[SWAP], reason="busy", at=99)

    known.skip(skipped)
    known.post(CHECKS[SWAP], seen(key=SWAP, at=100), GOOD)

    assert known.entry(SWAP).skipped == skipped
    stranger = CheckKey(kind=Kind.TARGET, subject="x", check="status")
    known.skip(
        Skipped(check=check_of(FakeProbe(FakeClock(), stranger)), reason="x")
    )
    assert known.find(stranger) is None


def _gpu(uuid: str, *, slot: str = "") -> Gpu:
    place = slot or f"{uuid}:00.0"
    return Gpu(uuid=uuid, index=0, name="RTX 3090", pci_bus_id=place)


def _gpus(*gpus: Gpu) -> Observation:
    reading = GpuReading(gpus=gpus, driver_version="570.0")
    return seen(key=GPU1, at=100, reading=reading, probe="gpu")
