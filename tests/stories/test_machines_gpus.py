"""A GPU is lost, the kernel tells of one: on a host, through the daemon."""

from pathlib import Path

import pytest

from tests.machines.host import SystemdHost
from tests.stories.daemon import Scrape
from tests.stories.machine_town import all_well, check_of, series, watched

pytestmark = [
    pytest.mark.machines,
    pytest.mark.slow,
    pytest.mark.usefixtures("place"),
    pytest.mark.timeout(120),
]
LOST = "GPU-aaaaaaaa-0000-0000-0000-000000000001"
KEPT = "GPU-bbbbbbbb-0000-0000-0000-000000000002"
READINGS = (
    "facefusion_gpu_memory_used_bytes",
    "facefusion_gpu_temperature_celsius",
    "facefusion_gpu_power_draw_watts",
)
XID = (
    "NVRM: Xid (PCI:0000:0a:00): 31, pid='<unknown>', name=<unknown>,"
    " a page was not there"
)


def uuids(scrape: Scrape, name: str) -> set[str]:
    return {labels["uuid"] for labels in series(scrape, name)}


def faults(scrape: Scrape) -> set[tuple[str, str]]:
    """Return the faults that hold, each with its GPU."""
    return {
        (labels["uuid"], labels["fault"])
        for labels in series(scrape, "facefusion_gpu_fault")
    }


def xids(scrape: Scrape, xid: str) -> float:
    name = "facefusion_gpu_xid_errors_total"
    return scrape.value(name, uuid=LOST, xid=xid) or 0


async def test_one_lost_gpu_of_two_hides_nothing_of_the_other(
    tmp_path: Path,
) -> None:
    with SystemdHost() as host:
        async with watched(host, tmp_path) as daemon:
            before = await all_well(daemon)
            host.nvidia_smi.lose_gpu(0)

            lost = await daemon.until(lambda s: bool(faults(s)), within=20)
            told = await check_of(daemon, f"hosts/{host.name}", "gpu")
            host.nvidia_smi.well()
            after = await daemon.until(lambda s: not faults(s), within=20)

    for name in READINGS:
        assert uuids(before, name) >= {KEPT}, name
        assert KEPT in uuids(lost, name), name
        assert LOST not in uuids(lost, name), name
    assert faults(lost) == {(LOST, "gpu_lost")}
    assert uuids(lost, "facefusion_gpu_info") == {LOST, KEPT}
    assert LOST in uuids(after, "facefusion_gpu_memory_used_bytes")
    assert "0A:00" in told["last"]["because"].upper()


async def test_an_xid_counts_by_one_and_once(tmp_path: Path) -> None:
    with SystemdHost() as host:
        async with watched(host, tmp_path) as daemon:
            await all_well(daemon)
            host.write_kernel_line(XID)
            first = await daemon.until(lambda s: xids(s, "31") > 0, within=20)
            runs = _looks(first)
            later = await daemon.until(
                lambda s: _looks(s) >= runs + 4, within=20
            )
            host.write_kernel_line(XID.replace(": 31,", ": 13,"))
            other = await daemon.until(lambda s: xids(s, "13") > 0, within=20)

    assert xids(first, "31") == 1
    assert xids(later, "31") == 1
    assert xids(other, "13") == 1


async def test_a_frozen_nvidia_smi_hides_nothing_but_the_gpus(
    tmp_path: Path,
) -> None:
    with SystemdHost() as host:
        async with watched(host, tmp_path) as daemon:
            await all_well(daemon)
            host.nvidia_smi.freeze()

            scrape = await daemon.until(
                lambda s: ("", "gpu_wedged") in faults(s), within=60
            )
            others = {
                name: (await check_of(daemon, "targets/studio", name))
                for name in ("process", "logs", "jobs")
            }
            stuck = host.processes_named("nvidia-smi")
            host.nvidia_smi.thaw()

    assert uuids(scrape, "facefusion_gpu_memory_used_bytes") == set()
    assert len(stuck) == 1
    for name, check in others.items():
        assert not check["last"]["reason"], name


def _looks(scrape: Scrape) -> float:
    name = "facefusion_probe_runs_total"
    return scrape.value(name, probe="host", host="gpu1") or 0
