"""Any evidence at all: cases of real words and of odd readings."""

from typing import TypeVar

from hypothesis import strategies as st

from monitor.domain.answer import Phases
from monitor.domain.canary.reading import CanaryReading, Operation, Result
from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.memory import Memory, learn
from monitor.domain.fleet import Target
from monitor.domain.gpu.reading import GpuFault, GpuReading
from monitor.domain.health import Health
from monitor.domain.joblog.kinds import KINDS
from monitor.domain.joblog.reading import JobsReading, LogEvent, LogReading
from monitor.domain.kernel.event import KernelReading, OomKill, XidEvent
from monitor.domain.machine.reading import DriverProcess, MachineReading
from monitor.domain.network import NetworkReading
from monitor.domain.observation import Observation, Reading
from monitor.domain.service.reading import (
    GpuShare,
    Listener,
    Process,
    ServiceReading,
    Unit,
)
from monitor.domain.status import StatusReading
from tests.domain.diagnosis.cases import ALONE, GPU, NOW, READINGS, TARGET, key

T = TypeVar("T")
OF_REACH = [
    *("resolve", "refused", "unreachable", "timeout", "reset", "tls"),
    *("protocol", "too_large", "auth", "host_key", "busy", "closed"),
    *("forbidden", "failed", "gate_missing", "gate_refused"),
    *("gate_version", "unreadable"),
]
OF_CHECK = {
    "status": [
        *("status_code", "error_page", "bad_body", "reports_trouble"),
        "redirect",
    ],
    "network": [
        *("tls_expired", "tls_not_yet_valid", "tls_name"),
        *("tls_untrusted", "tls_expiring"),
    ],
    "process": [
        *("unit_missing", "unseen", "stopped", "crash_loop", "starting"),
        *("process_down", "zombie", "suspended", "uninterruptible"),
        *("port_taken", "port_drift", "bound_to_loopback", "not_listening"),
    ],
    "logs": [*(kind.word for kind in KINDS), "log_missing"],
    "jobs": ["jobs_missing", "orphaned_jobs"],
    "backend": [
        *("offline", "no_such_api", "not_found", "request_refused"),
        *("credentials", "redirect", "unavailable", "backend_error"),
        *("status_code", "error_page", "bad_body"),
    ],
    "browser": ["cors_blocked", "mixed_content", "server_error"],
    "host": [
        *("disk_full", "wedged_driver", "oom", "memory_low", "overloaded"),
        *("disk_low", "unseen"),
    ],
    "gpu": [
        *("gpu_lost", "gpu_wedged", "gpu_reset_required"),
        *("driver_mismatch", "container_gpu_lost", "gpu_hardware"),
    ],
    "control": ["blind"],
    "canary": [
        *("slow", "unverified", "declined", "too_fast", "files"),
        *("invalid_job", "input_rejected", "processing_failed"),
        *("error_page", "bad_body", "unexpected_code", "server_offline"),
        *("unchanged", "blank", "wrong_size"),
    ],
}
CANARIES = ("canary.age", "canary.enhance-gfpgan_1.4", "canary.swap")
CHECKS = (*(one for one in OF_CHECK if one != "canary"), *CANARIES)

times = st.one_of(
    st.sampled_from([NOW, NOW - 1, NOW - 30, NOW - 299, NOW - 3600, 0.0]),
    st.floats(NOW - 1e5, NOW + 1e5),
    st.floats(allow_nan=False, allow_infinity=False),
)
numbers = st.one_of(
    st.sampled_from([0.0, 0.01, 0.5, 1.0, 31.0, 3000.0]),
    st.floats(allow_nan=False, allow_infinity=False),
)
amounts = st.integers(0, 2**40)
pids = st.sampled_from([1, 77, 812, 813])
texts = st.sampled_from(
    ["", "running", "starting", "dead", "facefusion", "é\n", "out of memory"]
)
healths = st.sampled_from(list(Health))
maybe_times = st.one_of(st.none(), times)
maybe_numbers = st.one_of(st.none(), numbers)
maybe_amounts = st.one_of(st.none(), amounts)
maybe_pids = st.one_of(st.none(), pids)
flags = st.sampled_from([None, True, False])
targets = st.builds(
    Target,
    name=st.just("studio"),
    url=st.sampled_from([TARGET.url, "https://gpu", "nowhere"]),
    dialect=st.sampled_from(["rest", "gradio", "storycanvas"]),
    host=st.sampled_from([TARGET.host, ALONE.host]),
    gpus=st.sampled_from([(), (0,), ("GPU-1",), ("GPU-2", 7)]),
    manager=st.sampled_from(["", "systemd", "docker", "process"]),
    start_grace=st.sampled_from([0.0, 60.0, 1e6]),
    busy_limit=st.sampled_from([0.0, 1800.0]),
)


def _process() -> st.SearchStrategy[Process]:
    return st.builds(
        Process,
        pid=pids,
        start_ticks=amounts,
        started_at=times,
        ppid=maybe_pids,
        state=st.sampled_from(["S", "R", "D", "Z", "T", ""]),
        name=texts,
        cpu_seconds=maybe_numbers,
        resident_bytes=maybe_amounts,
        is_server=st.booleans(),
    )


def _unit() -> st.SearchStrategy[Unit]:
    states = ["active", "activating", "deactivating", "inactive", "failed"]
    return st.builds(
        Unit,
        manager=st.sampled_from(["systemd", "docker"]),
        name=st.just("facefusion.service"),
        exists=st.booleans(),
        load_state=st.sampled_from(["loaded", "masked", "not-found"]),
        active_state=st.sampled_from(["", *states]),
        state=st.sampled_from(["", "running", "restarting", "exited"]),
        result=st.sampled_from(
            ["", "success", "oom-kill", "signal", "start-limit-hit"]
        ),
        main_pid=maybe_pids,
        since=maybe_times,
        job=st.sampled_from(["", "start", "stop", "restart"]),
        oom_killed=flags,
        stop_asked=flags,
    )


def _service() -> st.SearchStrategy[ServiceReading]:
    listener = st.builds(
        Listener,
        address=st.sampled_from(["0.0.0.0", "127.0.0.1", "::"]),  # noqa: S104
        port=st.sampled_from([9002, 9003, 80]),
        pid=maybe_pids,
    )
    share = st.builds(GpuShare, gpu=st.integers(0, 3), pid=pids, ratio=numbers)
    return st.builds(
        ServiceReading,
        manager=st.sampled_from(["systemd", "docker", "process"]),
        port=st.just(9002),
        now=maybe_times,
        unit=st.one_of(st.none(), _unit()),
        processes=_few(_process()),
        listeners=_few(listener),
        port_taken_by=texts,
        cpu_ratio=maybe_numbers,
        gpu_shares=st.one_of(st.none(), _few(share)),
    )


def _kernel() -> st.SearchStrategy[KernelReading]:
    kill = st.builds(
        OomKill,
        boot_id=texts,
        at=times,
        pid=pids,
        cgroup=st.sampled_from(["", "/system.slice/facefusion.service"]),
    )
    xid = st.builds(
        XidEvent,
        boot_id=texts,
        at=times,
        pci_bus_id=st.sampled_from(["0000:01:00", "0000:02:00"]),
        xid=st.sampled_from([13, 31, 43, 48, 63, 79, 119]),
        pid=maybe_pids,
    )
    return st.builds(
        KernelReading,
        source=st.just("kmsg"),
        cursor=st.none(),
        boot_id=texts,
        xids=_few(xid),
        ooms=_few(kill),
    )


def _machine() -> st.SearchStrategy[MachineReading]:
    driver = st.builds(
        DriverProcess,
        pid=pids,
        name=st.just("nvidia-smi"),
        state=st.sampled_from(["D", "S"]),
        age=numbers,
    )
    return st.builds(
        MachineReading,
        way=st.just("installed"),
        uptime=maybe_numbers,
        clock_offset=maybe_numbers,
        load1=maybe_numbers,
        cpus=st.one_of(st.none(), st.integers(0, 256)),
        memory_total_bytes=maybe_amounts,
        memory_available_bytes=maybe_amounts,
        drivers=st.one_of(st.none(), _few(driver)),
        kernel=st.one_of(st.none(), _kernel()),
    )


def _gpus() -> st.SearchStrategy[GpuReading]:
    gpu = st.builds(
        type(GPU),
        uuid=st.sampled_from(["GPU-1", "GPU-2"]),
        index=st.integers(0, 3),
        name=texts,
        pci_bus_id=st.just("00000000:01:00.0"),
        utilization_ratio=maybe_numbers,
        memory_total_bytes=maybe_amounts,
        memory_used_bytes=maybe_amounts,
        memory_free_bytes=maybe_amounts,
        clock_events=_few(
            st.tuples(
                st.sampled_from(["hw_thermal_slowdown", "sw_power_cap"]),
                st.booleans(),
            )
        ),
        processes=_few(st.sampled_from(GPU.processes)),
    )
    fault = st.builds(
        GpuFault,
        fault=st.sampled_from(OF_CHECK["gpu"]),
        because=st.sampled_from(["cannot see a card", "é\n"]),
        uuid=st.sampled_from(["", "GPU-1", "GPU-2"]),
        health=st.sampled_from([Health.DEGRADED, Health.UNHEALTHY]),
        advice=st.sampled_from(["", "reboot", "reset", "replace"]),
    )
    owner = st.tuples(
        st.sampled_from(["GPU-1", "GPU-2"]),
        st.sampled_from(["studio", "other"]),
        amounts,
    )
    return st.builds(
        GpuReading,
        gpus=_few(gpu),
        faults=_few(fault),
        owners=_few(owner),
    )


def _log() -> st.SearchStrategy[LogReading]:
    words = [kind.word for kind in KINDS]
    event = st.builds(
        LogEvent,
        kind=st.sampled_from(words),
        at=times,
        evidence=texts,
        undated=st.booleans(),
    )
    return st.builds(
        LogReading,
        source=st.just("journal"),
        cursor=st.none(),
        events=_few(event),
        recent=_few(event),
        counts=_few(st.tuples(st.sampled_from(words), amounts)),
    )


def _canary() -> st.SearchStrategy[CanaryReading]:
    return st.builds(
        CanaryReading,
        canary=texts,
        operation=st.sampled_from(list(Operation)),
        model=texts,
        result=st.sampled_from(list(Result)),
        duration=maybe_numbers,
        output_valid=flags,
        ratio=maybe_numbers,
        baseline=maybe_numbers,
    )


def _few(some: st.SearchStrategy[T]) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(some, max_size=3).map(tuple)


READ: dict[str, st.SearchStrategy[Reading]] = {
    "status": st.builds(
        StatusReading,
        dialect=st.just("rest"),
        code=st.sampled_from([None, 200, 404, 500, 502]),
        phases=st.builds(Phases, connect=maybe_numbers),
        queue_size=maybe_amounts,
    ),
    "network": st.builds(
        NetworkReading,
        tcp_round_trip=maybe_numbers,
        ping_round_trip=maybe_numbers,
        ping_loss=maybe_numbers,
    ),
    "process": _service(),
    "host": _machine(),
    "gpu": _gpus(),
    "logs": _log(),
    "jobs": st.builds(
        JobsReading,
        directory=st.just("/jobs"),
        counts=_few(
            st.tuples(st.sampled_from(["queued", "completed"]), amounts)
        ),
    ),
    "canary": _canary(),
}


@st.composite
def observations(draw: st.DrawFn, check: str) -> Observation:
    """Return one look at a check, in the words that it has."""
    probe = check.partition(".")[0]
    words = ["", *OF_CHECK[probe], *OF_REACH]
    reading = READ.get(probe, st.none())
    usual = st.just(READINGS.get(check))
    return Observation(
        key=key(check),
        probe=probe,
        at=draw(times),
        duration=draw(st.sampled_from([0.0, 0.1, 40.0])),
        health=draw(healths),
        because=f"seen: {draw(texts)}",
        reason=draw(st.sampled_from(words)),
        reading=draw(st.one_of(st.none(), reading, usual)),
    )


@st.composite
def looks(draw: st.DrawFn, check: str) -> Look:
    """Return what is known of a check, any opinion beside any looks."""
    seen = draw(st.one_of(st.none(), observations(check)))
    grounds = draw(st.one_of(st.none(), st.just(seen), observations(check)))
    own = grounds.health if grounds else Health.UNKNOWN
    return Look(
        key=key(check),
        probe=check.partition(".")[0],
        health=draw(st.one_of(st.just(own), healths)),
        seen=seen,
        grounds=grounds,
        since=draw(maybe_times),
        last_success=draw(maybe_times),
        flapping=draw(st.booleans()),
    )


@st.composite
def memories(draw: st.DrawFn, target: Target) -> Memory:
    """Return what is remembered after some looks."""
    memory = Memory()
    for check in draw(st.lists(st.sampled_from(CHECKS), max_size=6)):
        memory = learn(memory, target, draw(observations(check)))
    return memory


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Return a server of which anything may be known."""
    chosen = draw(st.lists(st.sampled_from(CHECKS), unique=True))
    known = {check: draw(looks(check)) for check in chosen}
    target = draw(targets)
    return Case(
        now=draw(st.one_of(st.just(NOW), times)),
        target=target,
        looks={
            name: one
            for name, one in known.items()
            if name not in {"host", "gpu", "control"}
        },
        host={
            name: one for name, one in known.items() if name in {"host", "gpu"}
        },
        control=known.get("control"),
        memory=draw(memories(target)),
        loop_lag=draw(st.sampled_from([0.0, 4.9, 5.0, 1e9])),
    )
