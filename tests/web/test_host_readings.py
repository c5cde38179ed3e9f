"""What is seen on a host, on the wire: with units, and nothing private."""

import json

import pytest

from monitor.domain.joblog.reading import (
    JobsReading,
    LogEvent,
    LogReading,
    StartedJob,
)
from monitor.domain.kernel.event import KernelReading, OomKill, XidEvent
from monitor.domain.machine.reading import (
    Disk,
    DriverProcess,
    Gap,
    MachineReading,
)
from monitor.domain.observation import Reading
from monitor.domain.service.reading import (
    GpuShare,
    Listener,
    Process,
    ServiceReading,
    Unit,
)
from monitor.schemas.observation import Observation
from monitor.web.telling.host_readings import program
from monitor.web.telling.readings import tell

DAY = 86400.0
GAP = Gap(part="service", what="cwd", because="cannot see it")
XID = XidEvent(boot_id="b", at=DAY, pci_bus_id="0000:01:00", xid=79)
MACHINE = MachineReading(
    way="stdin",
    gate_version="0.1.0",
    python="3.9.18",
    boot_id="b",
    boot_time=DAY,
    uptime=60.0,
    clock_offset=-0.5,
    load1=1.5,
    cpus=16,
    memory_total_bytes=64,
    memory_available_bytes=32,
    disks=(Disk(path="/", total_bytes=10, free_bytes=5, inodes_free=3),),
    drivers=(DriverProcess(pid=9, name="nvidia-smi", state="D", age=70.0),),
    gpus_on_bus=("0000:01:00.0",),
    driver_module="535.161.07",
    kernel=KernelReading(
        source="journal",
        cursor="s=1",
        boot_id="b",
        xids=(XID,),
        ooms=(OomKill(boot_id="b", at=DAY, pid=7, process="python"),),
        counts=(("0000:01:00", 79, 1),),
    ),
    gaps=(GAP,),
)
SERVER = Process(
    pid=7,
    start_ticks=6000,
    started_at=DAY,
    ppid=1,
    user="ff",
    state="S",
    name="python",
    cmdline=(
        "/opt/venv/bin/python",
        "-u",
        "/opt/facefusion/facefusion.py",
        "run",
        "--source-paths",
        "/home/ann/secret.png",
    ),
    cwd="/home/ann",
    cpu_seconds=1.5,
    resident_bytes=1024,
    is_server=True,
)
SERVICE = ServiceReading(
    manager="systemd",
    port=9002,
    unit=Unit(
        manager="systemd",
        name="facefusion.service",
        exists=True,
        active_state="active",
        since=DAY,
        restarts=0,
    ),
    processes=(SERVER,),
    listeners=(Listener(address="192.0.2.10", port=9002, pid=7),),
    cpu_ratio=0.25,
    gpu_shares=(GpuShare(gpu=0, pid=7, ratio=0.5),),
)
EVENT = LogEvent(kind="cuda_fault", at=DAY, evidence="CUDA failure 700")
JOB = StartedJob(id="ui-1", updated_at=DAY, steps=2, steps_done=1)


def said(reading: Reading) -> object:
    return json.loads(json.dumps(tell(reading)))


def test_a_machine_is_told_with_its_kernel_and_gaps() -> None:
    assert said(MACHINE) == {
        "way": "stdin",
        "gate_version": "0.1.0",
        "python": "3.9.18",
        "boot_id": "b",
        "booted_at": "1970-01-02T00:00:00+00:00",
        "uptime_seconds": 60.0,
        "clock_offset_seconds": -0.5,
        "load1": 1.5,
        "cpus": 16,
        "memory_total_bytes": 64,
        "memory_available_bytes": 32,
        "disks": [
            {
                "path": "/",
                "total_bytes": 10,
                "free_bytes": 5,
                "inodes_free": 3,
            }
        ],
        "drivers": [
            {
                "pid": 9,
                "name": "nvidia-smi",
                "state": "D",
                "age_seconds": 70.0,
                "wchan": "",
            }
        ],
        "gpus_on_bus": ["0000:01:00.0"],
        "driver_module": "535.161.07",
        "kernel": {
            "source": "journal",
            "xids": [
                {
                    "at": "1970-01-02T00:00:00+00:00",
                    "pci_bus_id": "0000:01:00",
                    "xid": 79,
                }
            ],
            "oom_kills": [
                {
                    "at": "1970-01-02T00:00:00+00:00",
                    "pid": 7,
                    "process": "python",
                }
            ],
            "xid_counts": [
                {"pci_bus_id": "0000:01:00", "xid": 79, "count": 1}
            ],
            "lost": False,
        },
        "gaps": [
            {"part": "service", "what": "cwd", "because": "cannot see it"}
        ],
    }


def test_what_a_machine_does_not_say_is_left_out() -> None:
    assert said(MachineReading(way="plain", boot_time=1e15)) == {
        "way": "plain",
        "disks": [],
        "gaps": [],
    }


def test_only_the_newest_events_of_the_kernel_are_told() -> None:
    kernel = KernelReading(
        source="dmesg",
        cursor=None,
        boot_id="b",
        xids=tuple(
            XidEvent(boot_id="b", at=float(n), pci_bus_id="", xid=n)
            for n in range(200)
        ),
    )

    told = said(MachineReading(way="plain", kernel=kernel))

    assert isinstance(told, dict)
    xids = [one["xid"] for one in told["kernel"]["xids"]]
    assert xids == [*range(150, 200)]


def test_a_service_is_told_without_what_is_private() -> None:
    told = said(SERVICE)

    assert told == {
        "manager": "systemd",
        "port": 9002,
        "unit": {
            "manager": "systemd",
            "name": "facefusion.service",
            "exists": True,
            "active_state": "active",
            "restarts": 0,
            "since": "1970-01-02T00:00:00+00:00",
        },
        "processes": [
            {
                "pid": 7,
                "ppid": 1,
                "started_at": "1970-01-02T00:00:00+00:00",
                "user": "ff",
                "state": "S",
                "program": "python facefusion.py",
                "cpu_seconds": 1.5,
                "resident_bytes": 1024,
                "is_server": True,
            }
        ],
        "listeners": [
            {
                "address": "192.0.2.10",
                "port": 9002,
                "pid": 7,
                "in_container": False,
            }
        ],
        "cpu_ratio": 0.25,
        "gpu_shares": [{"gpu": 0, "pid": 7, "ratio": 0.5}],
        "gaps": [],
    }
    assert "ann" not in json.dumps(told)


def test_a_service_that_nobody_could_see_is_told_as_such() -> None:
    reading = ServiceReading(manager="process", port=9002, gaps=(GAP,))

    assert said(reading) == {
        "manager": "process",
        "port": 9002,
        "processes": [],
        "listeners": [],
        "gaps": [
            {"part": "service", "what": "cwd", "because": "cannot see it"}
        ],
    }


@pytest.mark.parametrize(
    ("cmdline", "told"),
    [
        ((), ""),
        (("",), ""),
        (("python",), "python"),
        (("/a/python3", "run.py", "other.py"), "python3 run.py"),
        (("python", "-m", "http.server"), "python"),
        (("gradio: worker /home/ann/x.png",), "gradio:"),
        (("python facefusion.py -s /home/ann/x.png",), "python"),
    ],
)
def test_a_program_is_its_name_and_its_script(
    cmdline: tuple[str, ...], told: str
) -> None:
    assert program(cmdline) == told


def test_a_log_is_told_with_its_evidence() -> None:
    old = LogEvent(kind="disk_full", at=DAY, evidence="full", undated=True)
    reading = LogReading(
        source="journal",
        cursor="s=1",
        lines=3,
        events=(EVENT,),
        recent=(old, EVENT),
        counts=(("cuda_fault", 1),),
        last_lines=("hello",),
    )

    assert said(reading) == {
        "source": "journal",
        "lines": 3,
        "events": [
            {
                "kind": "cuda_fault",
                "at": "1970-01-02T00:00:00+00:00",
                "evidence": "CUDA failure 700",
            }
        ],
        "recent": [
            {"kind": "disk_full", "evidence": "full"},
            {
                "kind": "cuda_fault",
                "at": "1970-01-02T00:00:00+00:00",
                "evidence": "CUDA failure 700",
            },
        ],
        "counts": {"cuda_fault": 1},
        "last_lines": ["hello"],
        "skipped_bytes": 0,
        "rotated": False,
        "first": False,
        "gaps": [],
    }


def test_jobs_are_told_by_their_ids_only() -> None:
    reading = JobsReading(
        directory="/opt/facefusion/.jobs",
        counts=(("queued", 2),),
        started=(JOB, StartedJob(id="ui-2")),
        orphans=(JOB,),
        unreadable=1,
    )

    job = {
        "id": "ui-1",
        "updated_at": "1970-01-02T00:00:00+00:00",
        "steps": 2,
        "steps_done": 1,
    }
    assert said(reading) == {
        "directory": "/opt/facefusion/.jobs",
        "counts": {"queued": 2},
        "started": [job, {"id": "ui-2"}],
        "orphans": [job],
        "stuck": [],
        "unreadable": 1,
        "more": False,
        "gaps": [],
    }


@pytest.mark.parametrize(
    "reading",
    [
        MACHINE,
        SERVICE,
        LogReading(source="file", cursor=None),
        JobsReading(directory="/"),
    ],
    ids=lambda reading: type(reading).__name__,
)
def test_every_word_of_a_reading_is_described(reading: Reading) -> None:
    field = Observation.model_fields["reading"]
    described = (field.description or "").replace(
        "memory_{total,available}_bytes",
        "memory_total_bytes, memory_available_bytes",
    )

    assert [word for word in tell(reading) if word not in described] == []
