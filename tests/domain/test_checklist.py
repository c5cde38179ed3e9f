"""A line says what its look says, and what was read beside it."""

import pytest

from monitor.domain.canary.reading import CanaryReading, Operation, Result
from monitor.domain.certificate import Certificate
from monitor.domain.checklist.cards import cuda_facts, gpu_facts
from monitor.domain.checklist.facts import facts_of
from monitor.domain.checklist.line import Line, line_of, not_configured
from monitor.domain.checklist.machine import machine_facts, machine_lines
from monitor.domain.checklist.service import (
    jobs_facts,
    log_facts,
    service_facts,
)
from monitor.domain.checklist.way import network_lines, tls_line
from monitor.domain.cuda.reading import CudaReading, Package
from monitor.domain.errors import CannotReach
from monitor.domain.gpu.reading import Gpu, GpuFault, GpuProcess, GpuReading
from monitor.domain.health import Health
from monitor.domain.joblog.reading import (
    JobsReading,
    LogEvent,
    LogReading,
    StartedJob,
)
from monitor.domain.kernel.event import KernelReading, OomKill, XidEvent
from monitor.domain.machine.reading import Disk, MachineReading
from monitor.domain.network import NetworkSeen, Pinged, judge_network
from monitor.domain.observation import CheckKey, Kind, Observation, Reading
from monitor.domain.service.reading import (
    Listener,
    PortHolder,
    Process,
    ServiceReading,
    Unit,
)

AT = 1_763_830_000.0
STAMP = "2025-11-22 16:46:40 UTC"
GIB = 2**30
REFUSED = CannotReach("cannot reach it: refused", reason="refused")
HIDDEN = CannotReach("cannot ping: not permitted", reason="forbidden")


def seen(
    check: str,
    reading: Reading | None = None,
    *,
    health: Health = Health.HEALTHY,
    because: str = "all is well",
    reason: str = "",
) -> Observation:
    return Observation(
        key=CheckKey(kind=Kind.TARGET, subject="studio", check=check),
        probe=check,
        at=AT,
        duration=0.25,
        health=health,
        because=because,
        reason=reason,
        reading=reading,
    )


def network(found: NetworkSeen) -> Observation:
    verdict = judge_network(found, AT)
    return seen(
        "network",
        verdict.reading,
        health=verdict.health,
        because=verdict.because,
        reason=verdict.reason,
    )


def way(
    tcp: float | CannotReach = 0.002,
    ping: Pinged | CannotReach = HIDDEN,
    certificate: Certificate | CannotReach | None = None,
) -> Observation:
    return network(
        NetworkSeen(host="ff", tcp=tcp, ping=ping, certificate=certificate)
    )


def test_a_line_takes_over_what_its_look_says() -> None:
    look = seen(
        "status", health=Health.UNHEALTHY, because="no", reason="refused"
    )

    assert line_of(look, ["a fact"]) == Line(
        check="status",
        health=Health.UNHEALTHY,
        because="no",
        reason="refused",
        seconds=0.25,
        facts=("a fact",),
    )


def test_what_nobody_asked_for_says_how_to() -> None:
    line = not_configured("backend", "targets[].backend.url")

    assert line.health is Health.UNKNOWN
    assert line.because == "not configured: set targets[].backend.url"


@pytest.mark.parametrize(
    ("ping", "health", "because"),
    [
        (Pinged(round_trip=0.004, loss=0), Health.HEALTHY, "takes 4.0 ms"),
        (
            Pinged(round_trip=0.004, loss=1 / 3),
            Health.HEALTHY,
            "takes 4.0 ms, 33% lost",
        ),
        (
            Pinged(round_trip=None, loss=1),
            Health.UNKNOWN,
            "no answer, which some hosts never give",
        ),
        (HIDDEN, Health.UNKNOWN, "cannot ping: not permitted"),
    ],
)
def test_a_ping_proves_a_way_and_never_that_there_is_none(
    ping: Pinged | CannotReach, health: Health, because: str
) -> None:
    line, _ = network_lines(way(ping=ping), "ff:9002")

    assert (line.health, line.because) == (health, because)


def test_a_ping_without_a_reason_is_unknown() -> None:
    look = seen("network", way().reading)

    assert network_lines(look, "ff:9002")[0].because == "cannot ping"


def test_a_port_that_connects_is_well_whatever_else_is_wrong() -> None:
    expired = Certificate(not_before=0, not_after=1, names=("ff",))

    _, line = network_lines(way(certificate=expired), "ff:9002")

    assert (line.health, line.reason) == (Health.HEALTHY, "")
    assert line.because == "TCP ff:9002 connects in 2.0 ms"


def test_a_port_that_does_not_says_why_and_nothing_of_pings() -> None:
    _, line = network_lines(way(tcp=REFUSED), "ff:9002")

    assert (line.health, line.reason) == (Health.UNHEALTHY, "refused")
    assert line.because == "cannot reach it: refused"


def test_a_way_that_was_not_looked_at_is_one_line() -> None:
    look = seen("network", health=Health.UNHEALTHY, reason="timeout")

    assert network_lines(look, "ff:9002") == (line_of(look),)


@pytest.mark.parametrize(
    ("found", "health", "reason"),
    [
        (way(certificate=REFUSED), Health.UNHEALTHY, "refused"),
        (
            way(certificate=Certificate(not_before=0, not_after=1)),
            Health.UNHEALTHY,
            None,
        ),
        (
            way(
                certificate=Certificate(
                    not_before=0, not_after=AT * 2, names=("ff",)
                )
            ),
            Health.HEALTHY,
            "",
        ),
        (way(tcp=REFUSED, certificate=REFUSED), Health.UNKNOWN, "unseen"),
        (seen("network", health=Health.UNHEALTHY), Health.UNHEALTHY, ""),
    ],
)
def test_a_certificate_is_what_its_look_says(
    found: Observation, health: Health, reason: str | None
) -> None:
    line = tls_line(found)

    assert (line.check, line.health) == ("certificate", health)
    assert reason is None or line.reason == reason


def test_a_machine_that_answers_has_two_lines() -> None:
    reading = MachineReading(way="stdin", gate_version="0.1", python="3.9.18")

    ssh, host = machine_lines(
        seen("host", reading, health=Health.DEGRADED, reason="oom")
    )

    assert (ssh.check, ssh.health, ssh.reason) == ("ssh", Health.HEALTHY, "")
    assert ssh.because == "answers; the gate is sent along 0.1, Python 3.9.18"
    assert (host.check, host.health) == ("host", Health.DEGRADED)


def test_a_machine_by_plain_commands_says_so() -> None:
    ssh, _ = machine_lines(seen("host", MachineReading(way="plain")))

    assert "no Python 3.8 or newer" in ssh.because


def test_a_machine_that_ssh_does_not_reach_has_one_line() -> None:
    look = seen("host", health=Health.UNHEALTHY, reason="refused")

    assert machine_lines(look) == (line_of(look, check="ssh"),)


def test_a_machines_figures_are_told() -> None:
    kernel = KernelReading(
        source="journal",
        cursor=None,
        boot_id="b",
        xids=(XidEvent(boot_id="b", at=AT, pci_bus_id="0000:01:00", xid=79),),
        ooms=(
            OomKill(boot_id="b", at=AT, pid=7, process="python"),
            OomKill(boot_id="b", at=AT, pid=8),
        ),
    )
    reading = MachineReading(
        way="installed",
        boot_time=AT,
        load1=4.25,
        cpus=16,
        memory_total_bytes=64 * GIB,
        memory_available_bytes=51 * GIB,
        disks=(Disk(path="/", total_bytes=2 * GIB, free_bytes=GIB),),
        kernel=kernel,
    )

    assert list(machine_facts(reading)) == [
        f"booted {STAMP}",
        "load 4.25 on 16 CPUs",
        "memory: 51.0 GiB of 64.0 GiB available",
        "disk /: 1.0 GiB of 2.0 GiB free",
        f"kernel, {STAMP}: Xid 79 of 0000:01:00",
        f"kernel, {STAMP}: killed python (out of memory)",
        f"kernel, {STAMP}: killed a process (out of memory)",
    ]


def test_figures_that_are_not_known_are_not_told() -> None:
    reading = MachineReading(
        way="plain", load1=1.0, memory_available_bytes=GIB
    )

    assert list(machine_facts(reading)) == ["load 1.00"]


def test_a_service_tells_unit_process_and_port() -> None:
    reading = ServiceReading(
        manager="systemd",
        port=9002,
        unit=Unit(
            manager="systemd",
            name="ff.service",
            exists=True,
            active_state="active",
            sub_state="running",
            since=AT,
        ),
        processes=(
            Process(
                pid=70,
                start_ticks=1,
                started_at=AT,
                user="ff",
                resident_bytes=GIB,
                is_server=True,
            ),
        ),
        listeners=(
            Listener(address="127.0.0.1", port=7861, pid=70),
            Listener(address="0.0.0.0", port=7860, in_container=True),  # noqa: S104 - what a machine says
        ),
        port_holder=PortHolder(name="nginx", pid=9),
        cpu_ratio=0.5,
    )

    assert facts_of(seen("process", reading)) == (
        f"ff.service: active, running since {STAMP}",
        f"pid 70: started {STAMP}, as ff, 1.0 GiB resident, 50% CPU",
        "listens on 127.0.0.1:7861 by pid 70",
        "listens on 0.0.0.0:7860 in its container",
        "port 9002 is held by nginx (pid 9)",
    )


def test_a_service_of_which_little_is_known_tells_that() -> None:
    reading = ServiceReading(
        manager="docker",
        port=9002,
        unit=Unit(manager="docker", name="ff", exists=True),
        processes=(
            Process(pid=70, start_ticks=1, started_at=AT, is_server=True),
        ),
        port_holder=PortHolder(),
    )

    assert list(service_facts(reading)) == [
        "ff: unknown",
        f"pid 70: started {STAMP}",
        "port 9002 is held by somebody whom we may not see",
    ]


def test_a_bare_service_that_is_not_there_has_no_facts() -> None:
    assert (
        facts_of(seen("process", ServiceReading(manager="process", port=1)))
        == ()
    )


def test_a_log_tells_what_means_something_and_its_end() -> None:
    reading = LogReading(
        source="journal",
        cursor=None,
        recent=(
            LogEvent(kind="cuda_fault", at=AT, evidence="CUDA failure 700"),
            LogEvent(
                kind="crashed", at=AT, evidence="token=geheim", undated=True
            ),
        ),
        last_lines=tuple(f"line {n}\x1b" for n in range(7)),
    )

    told = facts_of(seen("logs", reading))

    assert told[:2] == (
        f'cuda_fault, {STAMP}: "CUDA failure 700"',
        'crashed, undated: "token=***"',
    )
    assert told[2:] == tuple(f"| line {n}" for n in range(2, 7))
    assert tuple(log_facts(reading)) == told


def test_jobs_in_work_are_told() -> None:
    reading = JobsReading(
        directory="/opt/ff/.jobs",
        started=(StartedJob(id="ui-1", updated_at=AT), StartedJob(id="ui-2")),
    )

    assert facts_of(seen("jobs", reading)) == tuple(jobs_facts(reading))
    assert list(jobs_facts(reading)) == [
        f"in work: ui-1, changed last {STAMP}",
        "in work: ui-2",
    ]


def card(**more: object) -> Gpu:
    return Gpu(
        uuid="GPU-1",
        index=0,
        name="RTX 3090",
        pci_bus_id="00000000:01:00.0",
        **more,  # type: ignore[arg-type]  # a test's own words
    )


def test_cards_faults_and_who_holds_memory_are_told() -> None:
    reading = GpuReading(
        driver_version="590.48",
        cuda_version="13.1",
        gpus=(
            card(
                memory_used_bytes=2 * GIB,
                memory_total_bytes=24 * GIB,
                temperature_celsius=71.0,
                utilization_ratio=0.5,
                clock_events=(
                    ("gpu_idle", True),
                    ("sw_power_cap", True),
                    ("hw_slowdown", False),
                ),
            ),
        ),
        faults=(GpuFault(fault="gpu_lost", because="GPU 1 is lost"),),
        owners=(
            ("GPU-1", "studio", GIB),
            ("GPU-1", "other", GIB),
            ("GPU-2", "other", GIB),
        ),
    )

    assert facts_of(seen("gpu", reading)) == (
        "driver 590.48, CUDA 13.1",
        (
            "GPU 0 RTX 3090: 2.0 GiB of 24.0 GiB memory used, 71 °C, 50% busy,"
            " clock events: sw_power_cap"
        ),
        "GPU 0 memory is held by studio 1.0 GiB, other 1.0 GiB",
        "gpu_lost: GPU 1 is lost",
    )


def test_without_owners_processes_are_named() -> None:
    held = GpuProcess(pid=7, name="python", kind="C", memory_bytes=GIB)
    hidden = GpuProcess(pid=8, name="x", kind="C", memory_bytes=None)
    reading = GpuReading(
        driver_version="590.48", gpus=(card(processes=(held, hidden)),)
    )

    assert list(gpu_facts(reading)) == [
        "driver 590.48, CUDA unknown",
        "GPU 0 RTX 3090: no figures",
        "GPU 0 memory is held by pid 7 1.0 GiB",
    ]


def test_a_card_that_nobody_uses_has_one_line() -> None:
    assert len(list(gpu_facts(GpuReading(gpus=(card(),))))) == 1


@pytest.mark.parametrize(
    ("devices", "told"),
    [
        (("/dev/nvidia0",), "yes (/dev/nvidia0)"),
        ((), "no"),
        (None, "not permitted to see"),
    ],
)
def test_whether_the_process_has_the_gpu_open_is_told(
    devices: tuple[str, ...] | None, told: str
) -> None:
    facts = list(cuda_facts(CudaReading(pid=70, devices=devices)))

    assert f"the process has the GPU open: {told}" in facts


@pytest.mark.parametrize(
    ("loaded", "told"),
    [
        (("libcudnn",), "libcudnn"),
        ((), "none"),
        (None, "not permitted to see"),
    ],
)
def test_what_the_process_has_loaded_is_told(
    loaded: tuple[str, ...] | None, told: str
) -> None:
    facts = list(cuda_facts(CudaReading(pid=70, loaded=loaded)))

    assert f"GPU libraries that it has loaded: {told}" in facts


def test_what_is_installed_is_told() -> None:
    reading = CudaReading(
        nvcc="12.8.93",
        python="/opt/ff/bin/python",
        packages=(Package(name="torch", version="2.9.1"),),
        providers=(),
    )

    assert list(cuda_facts(reading)) == [
        "nvcc 12.8.93",
        "python: /opt/ff/bin/python",
        "torch 2.9.1",
        "provider libraries beside onnxruntime: none",
    ]
    assert list(cuda_facts(CudaReading())) == ["nvcc: not found"]


def test_a_canary_needs_no_facts() -> None:
    run = CanaryReading(
        canary="enhance",
        operation=Operation.ENHANCE,
        model="",
        result=Result.OK,
    )

    assert facts_of(seen("canary.enhance", run)) == ()
