"""Each fault shows in the metric that names it, heals, and stays alone."""

from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from monitor.simulator.faults import FAULTS
from monitor.simulator.machine_faults import MACHINE_FAULTS
from monitor.simulator.server_faults import SERVER_FAULTS
from tests.stories.conftest import NAMES, Town, well
from tests.stories.daemon import Scrape

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]

SPARED = 1
"""Looks at the others that a busy test machine may cost, in one story."""
PLACES = {
    # FaceFusion ends in each of these, or is started anew afterwards. Three
    # starts of one server within 10 min are a crash loop: share them out.
    "refused": "studio",
    "disk_full": "studio",
    "process_killed": "cellar",
    "out_of_memory": "cellar",
}
"""Where a fault is switched on when not in the attic."""
LOGGED = {"out_of_memory", "disk_full", "log_error"}
"""Faults that FaceFusion's log tells of, until it is started anew."""
PAST = 4.0
"""Seconds after which a line of the log is one of the process before: a
start may be told two seconds too late, and logs are read every second."""
DISK = "/opt/facefusion"
Shows = Callable[[Scrape, str], bool]


def down(scrape: Scrape, sick: str) -> bool:
    return (
        scrape.value("facefusion_up", target=sick) == 0
        and scrape.health(sick) == "unhealthy"
    )


def down_with(code: float) -> Shows:
    return lambda s, sick: (
        down(s, sick)
        and code == s.value("facefusion_status_code", target=sick)
    )


def is_past(scrape: Scrape, sick: str) -> bool:
    """Return whether the log has complained for long enough to heal it."""
    name = "facefusion_probe_last_{}_timestamp_seconds"
    run, success = (
        scrape.value(name.format(what), target=sick, probe="logs") or 0.0
        for what in ("run", "success")
    )
    return run - success > PAST


def gone(scrape: Scrape, sick: str) -> bool:
    running = scrape.value("facefusion_process_running", target=sick)
    return running == 0 and down(scrape, sick)


def logged(kind: str) -> Shows:
    return lambda s, sick: bool(
        s.value("facefusion_log_events_total", target=sick, kind=kind)
    )


def oom_killed(scrape: Scrape, sick: str) -> bool:
    return gone(scrape, sick) and logged("oom_killed")(scrape, sick)


def complains(scrape: Scrape, sick: str) -> bool:
    """A canary that passes soon disproves it: no diagnosis need come."""
    is_told = logged("cuda_fault")(scrape, sick)
    looked = scrape.value(
        "facefusion_probe_success", target=sick, probe="logs"
    )
    return is_told and looked == 0


def ran(result: str, operation: str = "enhance") -> Shows:
    return lambda s, sick: bool(
        s.value(
            "facefusion_canary_runs_total",
            target=sick,
            operation=operation,
            result=result,
        )
    )


def failing(scrape: Scrape, sick: str) -> bool:
    swapped = scrape.value(
        "facefusion_canary_success", target=sick, operation="swap"
    )
    return swapped == 0 and ran("error", "swap")(scrape, sick)


def out_of_memory(scrape: Scrape, sick: str) -> bool:
    return failing(scrape, sick) and logged("out_of_memory")(scrape, sick)


def disk_full(scrape: Scrape, sick: str) -> bool:
    free = scrape.value(
        "facefusion_host_disk_free_bytes", host=f"{sick}-gpu", path=DISK
    )
    return free == 0 and failing(scrape, sick)


def invalid(scrape: Scrape, sick: str) -> bool:
    return (
        scrape.value(
            "facefusion_canary_output_valid", target=sick, operation="swap"
        )
        == 0
        and ran("invalid_output")(scrape, sick)
        and ran("invalid_output", "swap")(scrape, sick)
        and scrape.health(sick) == "unhealthy"
    )


def null(scrape: Scrape, sick: str) -> bool:
    return (
        ran("error")(scrape, sick)
        and failing(scrape, sick)
        and scrape.health(sick) == "unhealthy"
        and scrape.value("facefusion_up", target=sick) == 1
    )


def slow(scrape: Scrape, sick: str) -> bool:
    ratio = scrape.value(
        "facefusion_canary_benchmark_ratio",
        target=sick,
        operation="enhance",
    )
    return ran("slow")(scrape, sick) and ratio is not None and ratio > 1.5


def loading(scrape: Scrape, sick: str) -> bool:
    took = scrape.value(
        "facefusion_canary_last_duration_seconds",
        target=sick,
        operation="enhance",
    )
    return took is not None and took >= 3.0


def stepped_aside(scrape: Scrape, sick: str) -> bool:
    skipped = [
        s.value
        for s in scrape.samples
        if s.name == "facefusion_canary_skipped_total"
        and (s.labels["target"], s.labels["reason"]) == (sick, "busy")
    ]
    return any(skipped) and scrape.health(sick) == "healthy"


def no_ssh(scrape: Scrape, sick: str) -> bool:
    return (
        scrape.value(
            "facefusion_probe_success", host=f"{sick}-gpu", probe="gpu"
        )
        == 0
        and scrape.value("facefusion_monitor_ssh_connections", state="down")
        == 1
    )


def away(scrape: Scrape, sick: str) -> bool:
    return down(scrape, sick) and no_ssh(scrape, sick)


def fault(name: str) -> Shows:
    return lambda s, sick: (
        s.value("facefusion_gpu_fault", host=f"{sick}-gpu", fault=name) == 1
    )


def of_gpus(
    scrape: Scrape, name: str, sick: str, **labels: str
) -> list[float]:
    wanted = {"host": f"{sick}-gpu", **labels}
    return [
        s.value
        for s in scrape.samples
        if s.name == name and wanted.items() <= s.labels.items()
    ]


def one_gpu_left(scrape: Scrape, sick: str) -> bool:
    seen = of_gpus(scrape, "facefusion_gpu_temperature_celsius", sick)
    known = of_gpus(scrape, "facefusion_gpu_info", sick)
    lost = fault("gpu_lost")(scrape, sick)
    return lost and (len(seen), len(known)) == (1, 2)


def throttled(scrape: Scrape, sick: str) -> bool:
    held = of_gpus(
        scrape,
        "facefusion_gpu_clock_event_active",
        sick,
        reason="hw_thermal_slowdown",
    )
    heat = of_gpus(scrape, "facefusion_gpu_temperature_celsius", sick)
    return sorted(held) == [0, 1] and max(heat) > 90


def xid_counted(scrape: Scrape, sick: str) -> bool:
    name = "facefusion_gpu_xid_errors_total"
    return sorted(of_gpus(scrape, name, sick, xid="31")) == [0, 1]


def not_from_a_page(scrape: Scrape, sick: str) -> bool:
    name = "facefusion_probe_success"
    return (
        scrape.value(name, target=sick, probe="browser") == 0
        and scrape.value("facefusion_up", target=sick) == 1
    )


STORIES: dict[str, tuple[float | None, Shows]] = {
    "refused": (None, down),
    "hang": (None, down),
    "slow": (8.5, slow),
    "cold": (None, loading),
    "busy": (None, stepped_aside),
    "cors": (None, not_from_a_page),
    "error_500": (None, down_with(500)),
    "null_result": (None, null),
    "unchanged_image": (None, invalid),
    "blank_image": (None, invalid),
    "not_found": (None, down_with(404)),
    "bad_gateway": (None, down_with(200)),
    "ssh_down": (None, no_ssh),
    "gpu_lost": (None, one_gpu_left),
    "nvidia_smi_hang": (None, fault("gpu_wedged")),
    "driver_mismatch": (None, fault("driver_mismatch")),
    "container_gpu_lost": (None, fault("container_gpu_lost")),
    "thermal_throttle": (None, throttled),
    "out_of_memory": (None, out_of_memory),
    "xid": (31, xid_counted),
    "process_killed": (None, gone),
    "oom_killed": (None, oom_killed),
    "disk_full": (None, disk_full),
    "log_error": (None, complains),
    "rebooting": (None, away),
}


@pytest_asyncio.fixture(loop_scope="module")
async def healed(town: Town) -> AsyncIterator[Town]:
    await town.all_well()
    yield town
    for host in town.fleet.hosts.values():
        for name in host.faults.active():
            host.faults.switch_off(name)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", STORIES)
async def test_a_fault_shows_heals_and_is_noticed_by_nobody_else(
    healed: Town, name: str
) -> None:
    value, shows = STORIES[name]
    sick = PLACES.get(name, "attic")
    others = [n for n in NAMES if n != sick]
    before = await healed.daemon.scrape()

    healed.host(sick).faults.switch_on(name, value)
    broken = await healed.daemon.until(
        lambda scrape: (
            shows(scrape, sick)
            and (name not in LOGGED or is_past(scrape, sick))
        ),
        within=45,
    )
    healed.host(sick).faults.switch_off(name)
    after = await healed.all_well()

    for other in others:
        assert broken.health(other) == "healthy"
        assert well(broken, other)
        more = _failures(after, other) - _failures(before, other)
        assert more <= SPARED, [
            look for look in healed.failed_looks() if other in str(look[1])
        ]


def _failures(scrape: Scrape, target: str) -> float:
    """Return how many looks at a server and its machine failed."""
    name = "facefusion_probe_failures_total"
    status = scrape.value(name, target=target, probe="status")
    gpu = scrape.value(name, host=f"{target}-gpu", probe="gpu")
    return (status or 0) + (gpu or 0)


async def test_every_fault_of_the_simulator_has_a_story() -> None:
    told_elsewhere = {one.name for one in (*SERVER_FAULTS, *MACHINE_FAULTS)}

    assert set(STORIES) == set(FAULTS) - told_elsewhere
