"""What a look at a machine suggests, the deepest cause first."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.health import Health
from monitor.domain.kernel.event import KernelReading, OomKill, XidEvent
from monitor.domain.machine.driver import is_well
from monitor.domain.machine.finding import Finding, add_up
from monitor.domain.machine.judgement import judge
from monitor.domain.machine.reading import (
    Disk,
    DriverProcess,
    Gap,
    MachineReading,
)
from monitor.domain.machine.words import length, share, size

MIB = 1024**2
GIB = 1024**3
NOW = 1_763_830_000.0
WELL = MachineReading(
    way="installed",
    boot_id="b",
    boot_time=NOW - 90061,
    uptime=90061.0,
    clock_offset=0.0,
    load1=0.5,
    cpus=8,
    memory_total_bytes=64 * GIB,
    memory_available_bytes=32 * GIB,
)


def disk(free: int, total: int = 100 * GIB, path: str = "/data") -> Disk:
    return Disk(path=path, total_bytes=total, free_bytes=free)


def kernel(*ooms: OomKill, xid: int = 0) -> KernelReading:
    xids = (XidEvent(boot_id="b", at=NOW, pci_bus_id="0:1", xid=xid),)
    return KernelReading(
        source="journal",
        cursor=None,
        boot_id="b",
        xids=xids if xid else (),
        ooms=ooms,
    )


def oom(at: float, process: str = "python") -> OomKill:
    return OomKill(boot_id="b", at=at, pid=812, process=process)


def driver(state: str, age: float, wchan: str = "") -> DriverProcess:
    return DriverProcess(
        pid=int(age) + 1, name="nvidia-smi", state=state, age=age, wchan=wchan
    )


def outcome(reading: MachineReading) -> tuple[Health, str]:
    verdict = judge(reading, NOW)
    return verdict.health, verdict.reason


def test_a_machine_without_trouble_is_healthy_and_says_how_it_is() -> None:
    verdict = judge(WELL, NOW)

    assert (verdict.health, verdict.reason) == (Health.HEALTHY, "")
    assert verdict.because == (
        "up 1 d 1 h, load 0.5, 32.0 GiB memory available"
    )


@pytest.mark.parametrize(
    ("free", "total", "reason"),
    [
        (256 * MIB, 100 * GIB, "disk_full"),
        (GIB - 1, 100 * GIB, "disk_full"),
        (GIB, 100 * GIB, "disk_low"),
        (5 * GIB - 1, 100 * GIB, "disk_low"),
        (5 * GIB, 100 * GIB, ""),
        (256 * MIB - 1, 3 * GIB, "disk_full"),
        (256 * MIB, 3 * GIB, ""),
        (100 * MIB, 200 * MIB, ""),
        (MIB, 200 * MIB, "disk_full"),
        (8 * MIB, 200 * MIB, "disk_low"),
        (10 * GIB, 20_000 * GIB, ""),
        (10 * GIB - 1, 20_000 * GIB, "disk_full"),
        (0, 0, ""),
    ],
)
def test_a_disk_is_full_or_low_by_share_and_size(
    free: int, total: int, reason: str
) -> None:
    health = {
        "disk_full": Health.UNHEALTHY,
        "disk_low": Health.DEGRADED,
        "": Health.HEALTHY,
    }[reason]

    assert outcome(replace(WELL, disks=(disk(free, total),))) == (
        health,
        reason,
    )


def test_a_disk_without_inodes_is_full_whatever_room_it_has() -> None:
    full = replace(disk(50 * GIB), inodes_total=1000, inodes_free=0)

    verdict = judge(replace(WELL, disks=(full,)), NOW)

    assert (verdict.health, verdict.reason) == (Health.UNHEALTHY, "disk_full")
    assert verdict.because == "/data has no inode left for a new file"


def test_a_full_disk_goes_before_a_low_one_and_both_are_told() -> None:
    disks = (disk(4 * GIB, path="/low"), disk(0, path="/full"))

    verdict = judge(replace(WELL, disks=disks), NOW)

    assert (verdict.health, verdict.reason) == (Health.UNHEALTHY, "disk_full")
    assert verdict.because == (
        "/full has 0 B of 100.0 GiB free (0.0 %); "
        "/low has 4.0 GiB of 100.0 GiB free (4.0 %)"
    )


@pytest.mark.parametrize(
    ("available", "reason"),
    [(1966 * MIB, "memory_low"), (1967 * MIB, ""), (0, "memory_low")],
)
def test_memory_is_low_below_three_per_cent(
    available: int, reason: str
) -> None:
    reading = replace(WELL, memory_available_bytes=available)

    assert judge(reading, NOW).reason == reason


@pytest.mark.parametrize(
    ("load", "reason"), [(32.0, ""), (32.1, "overloaded")]
)
def test_load_is_too_much_above_four_a_cpu(load: float, reason: str) -> None:
    assert judge(replace(WELL, load1=load), NOW).reason == reason


def test_a_driver_that_waits_in_the_kernel_is_wedged() -> None:
    drivers = (driver("D", 20.0), driver("D", 700.0, "os_rpc"))

    verdict = judge(replace(WELL, drivers=drivers), NOW)

    assert (verdict.health, verdict.reason) == (
        Health.DEGRADED,
        "wedged_driver",
    )
    assert verdict.because == (
        "nvidia-smi (pid 701) waits in the kernel in os_rpc since 11 min and "
        "cannot be killed (2 of them)"
    )


@pytest.mark.parametrize(
    "drivers", [(driver("D", 19.9),), (driver("S", 900.0),), (), None]
)
def test_a_driver_that_starts_or_sleeps_is_not(
    drivers: tuple[DriverProcess, ...] | None,
) -> None:
    assert outcome(replace(WELL, drivers=drivers)) == (Health.HEALTHY, "")


def test_one_stuck_driver_is_told_without_a_number() -> None:
    verdict = judge(replace(WELL, drivers=(driver("D", 60.0),)), NOW)

    assert verdict.because == (
        "nvidia-smi (pid 61) waits in the kernel since 1 min and cannot be "
        "killed"
    )


@pytest.mark.parametrize(
    ("age", "reason"), [(0, "oom"), (600, "oom"), (600.1, ""), (-0.1, "")]
)
def test_a_kill_for_memory_is_told_for_ten_minutes(
    age: float, reason: str
) -> None:
    reading = replace(WELL, kernel=kernel(oom(NOW - age)))

    assert judge(reading, NOW).reason == reason


def test_a_kill_is_judged_by_the_hosts_clock_and_told_by_ours() -> None:
    ahead = 86400.0
    killed = kernel(
        oom(NOW + ahead - 900),
        oom(NOW + ahead - 60),
        oom(NOW + ahead - 30, ""),
    )
    reading = replace(WELL, clock_offset=ahead, kernel=killed)

    verdict = judge(reading, NOW)

    assert verdict.because == (
        "the kernel killed a process (pid 812) at 2025-11-22 16:46:10 UTC to "
        "get memory back, 2 in 10 min; its clock is 1 d 0 h ahead of ours"
    )


def test_a_kill_without_the_hosts_clock_is_of_no_known_age() -> None:
    reading = replace(WELL, clock_offset=None, kernel=kernel(oom(NOW)))

    assert outcome(reading) == (Health.HEALTHY, "")


def test_causes_are_told_deepest_first() -> None:
    reading = replace(
        WELL,
        disks=(disk(4 * GIB), disk(0)),
        drivers=(driver("D", 60.0),),
        kernel=kernel(oom(NOW)),
        memory_available_bytes=0,
        load1=99.0,
    )
    steps = (
        reading,
        reading := replace(reading, disks=(disk(4 * GIB),)),
        reading := replace(reading, drivers=()),
        reading := replace(reading, kernel=None),
        reading := replace(reading, memory_available_bytes=32 * GIB),
        reading := replace(reading, load1=0.1),
    )

    reasons = [judge(step, NOW).reason for step in steps]

    assert reasons == [
        "disk_full",
        "wedged_driver",
        "oom",
        "memory_low",
        "overloaded",
        "disk_low",
    ]


@pytest.mark.parametrize(
    ("offset", "words"),
    [
        (31.0, "; its clock is 31 s ahead of ours"),
        (-7200.0, "; its clock is 2 h 0 min behind ours"),
        (30.0, ""),
        (None, ""),
    ],
)
def test_a_wrong_clock_is_told_and_no_fault(
    offset: float | None, words: str
) -> None:
    verdict = judge(replace(WELL, clock_offset=offset), NOW)

    assert verdict.health is Health.HEALTHY
    assert verdict.because == judge(WELL, NOW).because + words


def test_gaps_are_told_and_no_fault() -> None:
    gaps = (
        Gap(part="disks", what="/data", because="cannot look"),
        Gap(part="kernel", what="", because="cannot read kernel: no"),
        Gap(part="machine", what="", because="cannot ask"),
        Gap(part="machine", what="cpus", because="cannot"),
        Gap(part="machine", what="load", because="cannot"),
    )

    verdict = judge(replace(WELL, gaps=gaps), NOW)

    assert verdict.health is Health.HEALTHY
    assert verdict.because == judge(WELL, NOW).because + (
        "; /data: cannot look; cannot read kernel: no; machine: cannot ask; "
        "and 2 more gaps"
    )


def test_a_machine_that_could_not_be_looked_at_is_unknown() -> None:
    gap = Gap(part="machine", what="", because="cannot read machine: no")
    reading = MachineReading(way="stdin", gaps=(gap,), disks=(disk(90 * GIB),))

    verdict = judge(reading, NOW)

    assert (verdict.health, verdict.reason) == (Health.UNKNOWN, "unseen")
    assert verdict.because == (
        "the machine could not be looked at; cannot read machine: no"
    )


def test_a_full_disk_is_known_without_the_rest_of_the_machine() -> None:
    reading = MachineReading(way="stdin", disks=(disk(0),))

    assert outcome(reading) == (Health.UNHEALTHY, "disk_full")


@pytest.mark.parametrize(
    "reading",
    [
        MachineReading(way="plain", uptime=1.0),
        MachineReading(way="plain", load1=1.0),
        MachineReading(way="plain", memory_available_bytes=1),
    ],
)
def test_any_figure_is_a_look(reading: MachineReading) -> None:
    assert outcome(reading) == (Health.HEALTHY, "")


SICK = replace(WELL, load1=99.0, memory_available_bytes=0)


@pytest.mark.parametrize(
    ("reading", "reason"),
    [
        (replace(SICK, cpus=None), "memory_low"),
        (replace(SICK, load1=None), "memory_low"),
        (replace(SICK, memory_total_bytes=None), "overloaded"),
        (replace(SICK, memory_total_bytes=0), "overloaded"),
        (replace(SICK, uptime=None), "memory_low"),
    ],
)
def test_what_is_not_known_is_no_fault(
    reading: MachineReading, reason: str
) -> None:
    assert judge(reading, NOW).reason == reason


def test_nothing_wrong_among_nothing_known() -> None:
    reading = replace(
        WELL,
        uptime=None,
        load1=None,
        memory_available_bytes=1 * GIB,
        memory_total_bytes=None,
    )

    assert judge(reading, NOW).because == "1.0 GiB memory available"


@given(
    st.lists(st.sampled_from(list(Health)), max_size=4),
)
def test_the_worst_gives_the_health_and_the_deepest_the_reason(
    healths: list[Health],
) -> None:
    findings = [
        Finding(health=health, because=f"b{place}", reason=f"r{place}")
        for place, health in enumerate(healths)
    ]

    verdict = add_up(findings, well="well")

    assert verdict.reason == ("r0" if findings else "")
    if Health.UNHEALTHY in healths:
        assert verdict.health is Health.UNHEALTHY
    assert (verdict.health is Health.HEALTHY) == (
        not set(healths) - {Health.HEALTHY, Health.UNKNOWN}
        and (not healths or Health.HEALTHY in healths)
    )


@pytest.mark.parametrize(
    ("drivers", "xid", "well"),
    [
        ((), 0, True),
        ((driver("S", 9.0),), 31, True),
        (None, 0, False),
        ((driver("D", 0.1),), 0, False),
        ((), 119, False),
        ((), 120, False),
    ],
)
def test_a_driver_is_asked_only_where_nothing_says_that_it_hangs(
    drivers: tuple[DriverProcess, ...] | None,
    xid: int,
    *,
    well: bool,
) -> None:
    assert is_well(drivers, kernel(xid=xid)) is well


def test_a_driver_is_asked_where_the_kernels_log_is_not_known() -> None:
    assert is_well((), None)


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1024**5, "1024.0 TiB"),
    ],
)
def test_sizes_in_words(count: int, words: str) -> None:
    assert size(count) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3660, "1 h 1 min"),
        (90000, "1 d 1 h"),
    ],
)
def test_lengths_in_words(seconds: float, words: str) -> None:
    assert length(seconds) == words


def test_a_share_below_a_limit_never_reads_as_the_limit() -> None:
    assert share(4999, 100_000) == "4.9 %"
