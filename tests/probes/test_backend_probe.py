"""One look through the backend."""

from monitor.domain.answer import NoAnswer, Phases
from monitor.domain.backend import BackendReading
from monitor.domain.health import Health
from monitor.domain.observation import CheckKey, Kind
from monitor.probes.backend import BackendProbe
from tests.fakes.backend import FakeBackend
from tests.fakes.clock import FakeClock
from tests.fakes.facefusion import PHASES, Reply, answer

KEY = CheckKey(kind=Kind.TARGET, subject="studio", check="backend")


def backend_of(status_is: Reply, api: str = "v1") -> FakeBackend:
    return FakeBackend(FakeClock(now=1000.0), status_is=status_is, api=api)


def probe_of(backend: FakeBackend) -> BackendProbe:
    return BackendProbe(KEY, backend, backend.clock, within=10.0)


async def test_a_server_that_is_online_there_is_healthy() -> None:
    backend = backend_of(answer(b'{"online": true}', duration=0.5))

    seen = await probe_of(backend).look()

    assert (seen.key, seen.probe) == (KEY, "backend")
    assert (seen.at, seen.duration) == (1000.0, 0.5)
    assert (seen.health, seen.reason) == (Health.HEALTHY, "")
    assert seen.reading == BackendReading(
        api="v1", online=True, code=200, phases=PHASES
    )
    assert backend.patience == [10.0]


async def test_a_server_that_is_offline_there_is_degraded() -> None:
    backend = backend_of(answer(b'{"is_online": false}'), api="legacy")

    seen = await probe_of(backend).look()

    assert (seen.health, seen.reason) == (Health.DEGRADED, "offline")


async def test_a_backend_that_refuses_is_degraded() -> None:
    error = NoAnswer(
        "cannot reach http://localhost:8000/: connection refused",
        reason="refused",
        phases=Phases(resolve=0.0),
    )

    seen = await probe_of(backend_of(error)).look()

    assert (seen.health, seen.reason) == (Health.DEGRADED, "refused")
    assert seen.reading == BackendReading(api="v1", phases=Phases(resolve=0.0))
