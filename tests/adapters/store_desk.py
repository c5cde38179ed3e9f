"""What the tests of the store have in common."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from monitor.adapters.store import SqliteStore
from monitor.domain.canary.reading import CanaryReading, Operation, Result
from monitor.domain.health import Health
from monitor.domain.judgement import Track, Transition
from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.ports import Clock, Told
from tests.fakes.probe import STUDIO, seen

SWAP = CheckKey(kind=Kind.TARGET, subject="studio", check="canary.swap")
NEW = Track()


@contextmanager
def opened(path: Path, clock: Clock | None = None) -> Iterator[SqliteStore]:
    store = SqliteStore(f"sqlite:///{path}", clock)
    try:
        yield store
    finally:
        store.close()


def run(
    at: float,
    *,
    benchmark: tuple[float, float] | None = None,
    key: CheckKey = SWAP,
) -> Observation:
    reading = CanaryReading(
        canary="swap",
        operation=Operation.SWAP,
        model="inswapper_128",
        result=Result.SLOW,
        duration=8.5,
        output_valid=True,
        benchmark=benchmark,
        ratio=None if benchmark is None else 8.5 / benchmark[1],
        gpu="NVIDIA GeForce RTX 3090",
        version="3.3.2",
        baseline=3.5,
        counted=True,
    )
    return seen(
        Health.DEGRADED, key=key, at=at, reading=reading, probe="canary"
    )


def told(look: Observation | None = None, track: Track = NEW) -> Told:
    return Told(seen=look or seen(), track=track)


def turned(
    at: float = 1.0,
    *,
    key: CheckKey = STUDIO,
    because: str = "it is unhealthy",
) -> Told:
    """Return a look that changed our mind."""
    look = seen(Health.UNHEALTHY, key=key, at=at)
    changed = Transition(
        key=key,
        at=at,
        before=Health.HEALTHY,
        after=Health.UNHEALTHY,
        because=because,
    )
    track = Track(health=Health.UNHEALTHY, since=at, because=because)
    return Told(seen=look, track=track, changed=changed)
