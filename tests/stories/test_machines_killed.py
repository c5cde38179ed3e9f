"""FaceFusion ends on a host with a real systemd, and we know at once."""

import json
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.machines.host import DIRECTORY, SystemdHost
from tests.machines.waiting import until
from tests.stories.machine_town import (
    SERVICE,
    TARGET,
    all_well,
    check_of,
    failed,
    is_running,
    serving,
    watched,
)

pytestmark = [
    pytest.mark.machines,
    pytest.mark.slow,
    pytest.mark.usefixtures("place"),
    pytest.mark.timeout(120),
]
KNOWN_WITHIN = 5.0
"""Seconds from the kill to the verdict at default settings (DESIGN §6)."""


async def test_a_kill_is_known_in_five_seconds_at_default_settings(
    tmp_path: Path,
) -> None:
    with SystemdHost() as host:
        async with watched(host, tmp_path, hurry=False) as daemon:
            await all_well(daemon, within=60)
            await daemon.until(serving(1, "healthy"), within=40)

            killed = host.kill_facefusion()
            await daemon.until(serving(0, "unhealthy"), within=20)
            took = time.clock_gettime(time.CLOCK_REALTIME) - killed

            check = await check_of(daemon, f"targets/{TARGET}", "process")

    assert took < KNOWN_WITHIN
    assert check["health"] == "unhealthy"
    assert check["last"]["reason"]


async def test_a_server_that_systemd_brings_back_is_green_again(
    tmp_path: Path,
) -> None:
    with SystemdHost(restart="on-failure") as host:
        async with watched(host, tmp_path) as daemon:
            before = await all_well(daemon)
            host.kill_facefusion()
            await daemon.until(lambda s: is_running(s) == 0, within=20)

            after = await daemon.until(serving(1, "healthy"), within=30)

    name = "facefusion_process_start_time_seconds"
    born = [scrape.value(name, target=TARGET) for scrape in (before, after)]
    assert None not in born
    assert born[1] > born[0] + 0.5  # type: ignore[operator]  # not None


async def test_a_process_without_a_unit_is_watched_alike(
    tmp_path: Path,
) -> None:
    service = {"manager": "process", "directory": SERVICE["directory"]}
    service |= {"log": "file:/tmp/nohup.out"}
    with SystemdHost(autostart=False) as host:
        pid = host.start_bare()
        # Who is not its user cannot see its working directory.
        async with watched(
            host, tmp_path, more={"service": service}, user="faceops"
        ) as daemon:
            await all_well(daemon)
            await daemon.until(serving(1, "healthy"), within=20)

            host.run(f"kill -9 {pid}")
            await daemon.until(serving(0, "unhealthy"), within=20)


async def test_a_job_of_a_killed_server_is_an_orphan(tmp_path: Path) -> None:
    with SystemdHost() as host:
        async with watched(host, tmp_path) as daemon:
            await all_well(daemon)
            host.turn(job=True)
            job = until(lambda: _queued(host), bool)[0]
            host.kill_facefusion()
            await daemon.until(lambda s: is_running(s) == 0, within=20)
            host.turn(job=False)
            _began_an_hour_ago(job)

            host.systemctl("start")
            await daemon.until(serving(1, "healthy"), within=30)
            scrape = await daemon.until(lambda s: failed(s, "jobs"), within=20)

            check = await check_of(daemon, f"targets/{TARGET}", "jobs")

    assert check["last"]["reason"]
    assert "orphan" in str(check["last"]).lower()
    assert scrape.value("facefusion_jobs", target=TARGET, status="queued") == 1


def _queued(host: SystemdHost) -> list[Path]:
    return list(host.path(f"{DIRECTORY}/.jobs/queued").glob("*.json"))


def _began_an_hour_ago(job: Path) -> None:
    """Let it be older than what a start may be told too late by."""
    told = json.loads(job.read_text())
    began = datetime.fromisoformat(told["date_updated"]) - timedelta(hours=1)
    told["date_updated"] = began.isoformat()
    job.write_text(json.dumps(told))
