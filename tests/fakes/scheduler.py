"""A scheduler whose runs happen when a test lets time pass."""

from dataclasses import dataclass

from monitor.ports import Due, Turn
from tests.fakes.clock import FakeClock


@dataclass
class _Job:
    at: float
    turn: Turn
    interval: float | None = None


class FakeScheduler:
    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.jobs: dict[str, _Job] = {}

    def every(
        self, name: str, *, interval: float, first: float, turn: Turn
    ) -> None:
        self.jobs[name] = _Job(first, turn, interval)

    def once(self, name: str, *, at: float, turn: Turn) -> None:
        self.jobs[name] = _Job(at, turn)

    def cancel(self, name: str) -> None:
        self.jobs.pop(name, None)

    async def pass_time(self, seconds: float) -> None:
        end = self.clock.now() + seconds
        while due := [n for n, j in self.jobs.items() if j.at <= end]:
            name = min(due, key=lambda n: self.jobs[n].at)
            job = self.jobs.pop(name)
            self.clock.time = max(self.clock.time, job.at)
            if job.interval is not None:
                self.jobs[name] = _Job(
                    job.at + job.interval, job.turn, job.interval
                )
            await job.turn(Due(at=job.at))
        self.clock.time = end
