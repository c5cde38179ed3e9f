"""What is known, and until when."""

from monitor.domain.fleet import Host, Target
from monitor.domain.gpu.reading import Gpu, GpuReading
from monitor.domain.health import Health
from monitor.domain.judgement import Track
from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.domain.status import StatusReading
from monitor.engine.board import Board
from tests.fakes.clock import FakeClock
from tests.fakes.probe import STUDIO, FakeProbe, check_of, seen

GPU1 = CheckKey(kind=Kind.HOST, subject="gpu1", check="gpu")
SWAP = CheckKey(kind=Kind.TARGET, subject="studio", check="canary.swap")
GOOD = Track(health=Health.HEALTHY)
CHECKS = {
    key: check_of(FakeProbe(FakeClock(), key)) for key in (STUDIO, SWAP, GPU1)
}
TOO_OLD = 2 * 30 + 5


def board() -> Board:
    target = Target(name="studio", url="http://x", dialect="rest")
    return Board([target], [Host(name="gpu1")], CHECKS.values())


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


def _gpu(uuid: str) -> Gpu:
    return Gpu(uuid=uuid, index=0, name="RTX 3090", pci_bus_id="01:00.0")


def _gpus(*gpus: Gpu) -> Observation:
    reading = GpuReading(gpus=gpus, driver_version="570.0")
    return seen(key=GPU1, at=100, reading=reading, probe="gpu")
