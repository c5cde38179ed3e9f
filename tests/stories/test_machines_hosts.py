"""A disk fills up, a host reboots or goes, a log tells of trouble."""

from pathlib import Path

import pytest

from tests.machines.host import DATA, SystemdHost
from tests.machines.waiting import until
from tests.stories.daemon import Scrape
from tests.stories.machine_town import (
    SERVICE,
    TARGET,
    all_well,
    check_of,
    looks,
    serving,
    watched,
)

pytestmark = [
    pytest.mark.machines,
    pytest.mark.slow,
    pytest.mark.usefixtures("place"),
    pytest.mark.timeout(120),
]
LOG = "/var/log/facefusion.log"
FAULT = "CUDA failure 700: an illegal memory access was encountered"


def events(scrape: Scrape, kind: str) -> float:
    name = "facefusion_log_events_total"
    return scrape.value(name, target=TARGET, kind=kind) or 0


def booted_at(scrape: Scrape) -> float:
    name = "facefusion_host_boot_time_seconds"
    return scrape.value(name, host="gpu1") or 0


async def test_a_full_disk_is_named(tmp_path: Path) -> None:
    with SystemdHost() as host:
        async with watched(host, tmp_path) as daemon:
            await all_well(daemon)
            host.fill_disk()
            scrape = await daemon.until(looks({}, {"host": 0}), within=20)
            check = await check_of(daemon, f"hosts/{host.name}", "host")

            host.empty_disk()
            await all_well(daemon)

    free = "facefusion_host_disk_free_bytes"
    assert check["last"]["reason"] == "disk_full"
    assert DATA in check["last"]["because"]
    assert scrape.value(free, host=host.name, path=DATA) == 0
    assert scrape.value(free, host=host.name, path="/") != 0


async def test_after_a_reboot_all_is_green_with_a_new_boot(
    tmp_path: Path,
) -> None:
    with SystemdHost() as host:
        async with watched(host, tmp_path) as daemon:
            before = await all_well(daemon)
            first = host.boot_id()

            host.reboot()
            after = await daemon.until(
                lambda s: booted_at(s) > booted_at(before) + 1, within=40
            )
            await all_well(daemon)
            await daemon.until(serving(1, "healthy"), within=40)

            answer = await daemon.client.get(f"/api/v1/hosts/{host.name}")
            second = host.boot_id()

    assert booted_at(after) > booted_at(before)
    assert second != first
    assert first not in answer.text


async def test_a_host_that_is_off_is_told_and_comes_back_by_its_cable(
    tmp_path: Path,
) -> None:
    with SystemdHost() as host:
        async with watched(host, tmp_path) as daemon:
            await all_well(daemon)

            host.link_down()
            gone = await daemon.until(
                looks({"status": 0}, {"gpu": 0, "host": 0}), within=60
            )
            host.link_up()
            await all_well(daemon, within=60)

    # Nobody has seen it end: whether it runs is not known.
    name = "facefusion_process_running"
    assert gone.value(name, target=TARGET) != 0


async def test_what_the_log_tells_is_counted_once(tmp_path: Path) -> None:
    with SystemdHost() as host:
        async with watched(host, tmp_path) as daemon:
            await all_well(daemon)
            host.log_line(f"[FACEFUSION.INFERENCE_MANAGER] {FAULT}")
            one = await daemon.until(
                lambda s: events(s, "cuda_fault") > 0, within=20
            )
            check = await check_of(daemon, f"targets/{TARGET}", "logs")
            host.log_line(f"[FACEFUSION.INFERENCE_MANAGER] {FAULT}")
            two = await daemon.until(
                lambda s: events(s, "cuda_fault") > 1, within=20
            )

    assert events(one, "cuda_fault") == 1
    assert events(two, "cuda_fault") == 2
    assert "illegal memory access" in str(check["last"])


async def test_a_log_file_that_is_rotated_loses_no_line(
    tmp_path: Path,
) -> None:
    service = {**SERVICE, "log": f"file:{LOG}"}
    with SystemdHost(log=f"file:{LOG}") as host:
        async with watched(
            host, tmp_path, more={"service": service}
        ) as daemon:
            await all_well(daemon)
            _said(host, FAULT)
            await daemon.until(
                lambda s: events(s, "cuda_fault") == 1, within=20
            )

            # As logrotate's create: the old file keeps its last lines.
            host.run(f"mv {LOG} {LOG}.1; : >{LOG}; chmod 644 {LOG}")
            host.run(f"echo '{FAULT}' >>{LOG}")
            rotated = await daemon.until(
                lambda s: events(s, "cuda_fault") >= 2, within=20
            )

    assert events(rotated, "cuda_fault") == 2


def _said(host: SystemdHost, text: str) -> None:
    host.log_line(text)
    until(lambda: host.run(f"cat {LOG}"), lambda log: text in log)
