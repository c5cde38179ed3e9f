"""The look at the jobs folder, through a gate that a test answers for."""

import math

import pytest

from monitor.domain.errors import CannotReach
from monitor.domain.health import Health
from monitor.domain.joblog.reading import JobsReading
from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.probes.jobs import STUCK_AFTER, JobsProbe
from tests.fakes.clock import FakeClock
from tests.fakes.gate import FakeGate

KEY = CheckKey(kind=Kind.TARGET, subject="studio", check="jobs")
NOW = 1_700_000_000.0
JOBS = "/opt/facefusion/.jobs"


class House:
    """A probe with its gate; a job was begun a minute ago."""

    def __init__(self) -> None:
        self.clock = FakeClock(NOW)
        self.gate = FakeGate(self.clock)
        self.started: float | None = NOW - 3600
        self.working: bool | None = None
        self.probe = JobsProbe(
            KEY,
            self.gate,
            self.clock,
            directory=JOBS,
            server_started=lambda: self.started,
            within=8.0,
            working=lambda: self.working,
        )
        job = {"id": "ui-1", "updated_at": NOW - 60, "steps": 1}
        body = {"counts": {"queued": 1}, "started": [job]}
        self.gate.will_observe("jobs", body)


def reading(seen: Observation) -> JobsReading:
    assert isinstance(seen.reading, JobsReading)
    return seen.reading


async def test_jobs_that_are_worked_on_are_healthy() -> None:
    house = House()

    seen = await house.probe.look()

    assert house.gate.asked == [{"jobs": {"directory": JOBS}}]
    assert (seen.probe, seen.health, seen.reason) == (
        "jobs",
        Health.HEALTHY,
        "",
    )
    assert seen.because == "1 queued; 1 in work"


@pytest.mark.parametrize("started", [NOW, math.inf])
async def test_a_job_older_than_every_process_is_orphaned(
    started: float,
) -> None:
    house = House()
    house.started = started

    seen = await house.probe.look()

    assert (seen.health, seen.reason) == (Health.HEALTHY, "orphaned_jobs")
    assert [job.id for job in reading(seen).orphans] == ["ui-1"]


async def test_where_nobody_knows_the_process_no_job_is_an_orphan() -> None:
    house = House()
    house.started = None

    seen = await house.probe.look()

    assert seen.health is Health.HEALTHY


@pytest.mark.parametrize("ahead", [0.0, STUCK_AFTER])
async def test_a_job_without_a_sign_of_work_is_told_by_the_hosts_clock(
    ahead: float,
) -> None:
    house = House()
    house.working = False
    house.gate.ahead = ahead

    seen = await house.probe.look()

    assert seen.health is Health.HEALTHY
    assert [job.id for job in reading(seen).stuck] == ["ui-1"][: int(ahead)]


async def test_without_the_hosts_clock_ours_must_do() -> None:
    house = House()
    house.working = False
    house.gate.ahead = -1e12
    house.clock.pass_time(STUCK_AFTER)

    seen = await house.probe.look()

    assert [job.id for job in reading(seen).stuck] == ["ui-1"]
    assert [gap.part for gap in reading(seen).gaps] == ["answer"]


@pytest.mark.parametrize(
    "body", [{"counts": {}}, {"counts": {}, "started": 1}]
)
async def test_an_answer_that_is_none_is_unknown(
    body: dict[str, object],
) -> None:
    house = House()
    house.gate.will_observe("jobs", body)

    seen = await house.probe.look()

    assert (seen.health, seen.reason) == (Health.UNKNOWN, "jobs_missing")
    assert seen.because.startswith("cannot read jobs.")


async def test_a_folder_that_is_not_there_is_unknown() -> None:
    house = House()
    house.gate.forgets("jobs")
    house.gate.gap("jobs", "", "cannot read the folder: no such directory")

    seen = await house.probe.look()

    assert (seen.health, seen.reason) == (Health.UNKNOWN, "jobs_missing")
    assert seen.because == "cannot read the folder: no such directory"
    assert reading(seen).counts == ()


async def test_a_gate_that_found_no_folder_says_why() -> None:
    house = House()
    house.gate.will_observe("jobs", {"counts": None, "started": []})
    house.gate.gap("jobs", "directory", "cannot find the jobs folder")

    seen = await house.probe.look()

    assert (seen.health, seen.reason) == (Health.UNKNOWN, "jobs_missing")
    assert seen.because == "cannot find the jobs folder"


async def test_a_host_that_cannot_be_reached_is_unknown() -> None:
    house = House()
    house.gate.fails(CannotReach("cannot reach gpu1", reason="auth"))

    seen = await house.probe.look()

    assert (seen.health, seen.reason) == (Health.UNKNOWN, "auth")
    assert seen.because == "cannot reach gpu1"


async def test_without_more_settings_nothing_is_called_stuck() -> None:
    house = House()
    probe = JobsProbe(
        KEY,
        house.gate,
        house.clock,
        directory=JOBS,
        server_started=lambda: None,
        within=8.0,
    )
    house.clock.pass_time(86400)

    seen = await probe.look()

    assert reading(seen).stuck == ()
