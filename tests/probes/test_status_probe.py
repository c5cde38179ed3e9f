"""One look at the status endpoint."""

from monitor.domain.answer import NoAnswer, Phases
from monitor.domain.health import Health
from monitor.domain.observation import CheckKey, Kind
from monitor.domain.status import StatusReading
from monitor.probes.status import StatusProbe
from tests.fakes.clock import FakeClock
from tests.fakes.facefusion import PHASES, FakeFaceFusion, Reply, answer

KEY = CheckKey(kind=Kind.TARGET, subject="studio", check="status")


def probe_of(status_is: Reply | None = None) -> StatusProbe:
    clock = FakeClock(now=1000.0)
    server = FakeFaceFusion(clock, status_is=status_is)
    return StatusProbe(KEY, server, clock, within=5.0)


async def test_a_server_that_answers_is_healthy() -> None:
    said = answer(b'{"version": "3.5.4", "queue_size": 2}', duration=0.5)

    seen = await probe_of(said).look()

    assert (seen.key, seen.probe) == (KEY, "status")
    assert (seen.at, seen.duration) == (1000.0, 0.5)
    assert seen.health is Health.HEALTHY
    assert seen.succeeded
    assert seen.because == "answered 200 in 0.500 s"
    assert seen.reading == StatusReading(
        dialect="rest",
        code=200,
        phases=PHASES,
        version="3.5.4",
        queue_size=2,
    )


async def test_a_server_that_fails_is_unhealthy_with_its_reading() -> None:
    seen = await probe_of(answer(b"", code=500)).look()

    assert seen.health is Health.UNHEALTHY
    assert seen.reason == "status_code"
    assert seen.reading == StatusReading(
        dialect="rest", code=500, phases=PHASES
    )


async def test_a_server_that_refuses_is_unhealthy() -> None:
    error = NoAnswer(
        "cannot reach http://gpu1:9002/: connection refused; start it",
        reason="refused",
        phases=Phases(resolve=0.0),
    )

    seen = await probe_of(error).look()

    assert seen.health is Health.UNHEALTHY
    assert (seen.reason, seen.because) == ("refused", str(error))
    assert seen.reading == StatusReading(
        dialect="rest", phases=Phases(resolve=0.0)
    )


async def test_a_server_that_is_too_slow_takes_the_time_it_is_given() -> None:
    seen = await probe_of(answer(duration=60.0)).look()

    assert seen.health is Health.UNHEALTHY
    assert (seen.reason, seen.duration) == ("timeout", 5.0)


async def test_the_dialect_in_the_reading_is_the_server_s() -> None:
    clock = FakeClock()
    server = FakeFaceFusion(clock, dialect="gradio")

    seen = await StatusProbe(KEY, server, clock, within=5.0).look()

    assert isinstance(seen.reading, StatusReading)
    assert seen.reading.dialect == "gradio"
