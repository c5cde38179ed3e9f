"""The machine as its files tell it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.gate.driver import gpus_on_bus
from monitor.gate.gaps import Gaps
from monitor.gate.machine import _cpus, observe_machine
from tests.gate.conftest import Tree

STAT = (
    "{pid} ({name}) {state} 1 2 3 0 -1 0 0 0 0 0 5 6 0 0 20 0 4 0 {start} 0 7"
)


def a_machine(tree: Tree) -> None:
    tree.write("proc/sys/kernel/random/boot_id", "b-1\n")
    tree.write("proc/uptime", "1000.50 3000.00\n")
    tree.write("proc/loadavg", "0.50 1.25 2.00 1/200 4242\n")
    tree.write("proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 400 kB\n\n")
    tree.write("sys/devices/system/cpu/online", "0-3,8\n")
    tree.write("sys/module/nvidia/version", "535.161.07\n")
    tree.write("proc/1/comm", "systemd\n")
    tree.write("proc/locks", "")
    (tree.folder / "run/systemd/sessions").mkdir(parents=True)
    device(tree, "0000:01:00.0", "0x10de", "0x030000")


def device(tree: Tree, name: str, vendor: str, kind: str) -> None:
    tree.write(f"sys/bus/pci/devices/{name}/vendor", f"{vendor}\n")
    tree.write(f"sys/bus/pci/devices/{name}/class", f"{kind}\n")


def process(
    tree: Tree, pid: int, name: str, *, state: str, start: int
) -> None:
    tree.write(f"proc/{pid}/comm", f"{name}\n")
    text = STAT.format(pid=pid, name=name, state=state, start=start)
    tree.write(f"proc/{pid}/stat", text)
    tree.write(f"proc/{pid}/wchan", "rpc" if state == "D" else "0")


def observed() -> tuple[dict[str, object], list[str]]:
    gaps = Gaps("machine")
    answer = observe_machine({}, gaps)
    return answer, [gap["what"] for gap in gaps.entries]


def test_a_healthy_machine_has_no_gaps(tree: Tree) -> None:
    a_machine(tree)

    answer, gaps = observed()

    assert gaps == []
    now = answer.pop("now")
    assert isinstance(now, float)
    assert abs(now - time.time()) < 5  # noqa: TID251 - the gate's own clock
    assert answer.pop("boot_time") == pytest.approx(now - 1000.5, abs=0.01)
    assert answer == {
        "boot_id": "b-1",
        "uptime": 1000.5,
        "load": [0.5, 1.25, 2.0],
        "cpus": 5,
        "memory_total": 1_024_000,
        "memory_available": 409_600,
        "gpus_on_bus": ["0000:01:00.0"],
        "drivers": [],
        "driver_module": "535.161.07",
        "people": [],
        "packages": [],
        "inhibitors": [],
    }


@pytest.mark.usefixtures("tree")
def test_what_cannot_be_read_is_null_and_a_gap() -> None:
    answer, gaps = observed()

    assert gaps == [
        "boot_id",
        "boot_time",
        "uptime",
        "load",
        "cpus",
        "memory_total",
        "memory_available",
        "gpus_on_bus",
        "people",
        "packages",
    ]
    assert all(answer[what] is None for what in gaps)
    assert answer["driver_module"] is None


@pytest.mark.parametrize(
    ("path", "text", "what"),
    [
        ("proc/uptime", "soon", "uptime"),
        ("proc/loadavg", "0.1 0.2", "load"),
        ("proc/loadavg", "a b c", "load"),
        ("proc/meminfo", "MemTotal:\nnonsense\n", "memory_total"),
        ("sys/devices/system/cpu/online", "3-1", "cpus"),
        ("sys/devices/system/cpu/online", "0-x", "cpus"),
    ],
)
def test_nonsense_is_a_gap_and_never_a_value(
    tree: Tree, path: str, text: str, what: str
) -> None:
    a_machine(tree)
    tree.write(path, text)

    answer, gaps = observed()

    assert what in gaps
    assert answer[what] is None


def test_only_nvidia_gpus_count(tree: Tree) -> None:
    device(tree, "0000:00:02.0", "0x8086", "0x030000")
    device(tree, "0000:01:00.1", "0x10de", "0x040300")
    device(tree, "0000:41:00.0", "0x10de", "0x030200")

    assert gpus_on_bus() == ["0000:41:00.0"]


@pytest.mark.parametrize(
    ("driver", "counts"),
    [("nvidia", True), ("vfio-pci", False), ("nouveau", False)],
)
def test_a_gpu_of_another_driver_is_not_missed(
    tree: Tree, driver: str, *, counts: bool
) -> None:
    device(tree, "0000:41:00.0", "0x10de", "0x030200")
    link = tree.folder / "sys/bus/pci/devices/0000:41:00.0/driver"
    link.symlink_to(f"../../drivers/{driver}")

    assert bool(gpus_on_bus()) is counts


def test_every_nvidia_smi_is_seen_with_what_it_waits_in(tree: Tree) -> None:
    a_machine(tree)
    process(tree, 40, "nvidia-smi", state="D", start=90_050)
    process(tree, 41, "nvidia-smi", state="R", start=100_000)
    process(tree, 42, "python", state="R", start=100_000)
    process(tree, 43, "nvidia-smi", state="Z", start=100_000)

    answer, _ = observed()

    assert answer["drivers"] == [
        {
            "pid": 40,
            "name": "nvidia-smi",
            "state": "D",
            "age": 100.0,
            "wchan": "rpc",
        },
        {
            "pid": 41,
            "name": "nvidia-smi",
            "state": "R",
            "age": 0.5,
            "wchan": "",
        },
    ]


def test_a_process_that_ends_while_it_is_read_is_left_out(tree: Tree) -> None:
    tree.write("proc/40/comm", "nvidia-smi\n")
    (tree.folder / "proc/41/comm").mkdir(parents=True)
    (tree.folder / "proc/42").mkdir()

    answer, _ = observed()

    assert answer["drivers"] == []


def test_without_uptime_the_age_is_unknown(tree: Tree) -> None:
    process(tree, 40, "nvidia-smi", state="D", start=90_050)

    answer, _ = observed()

    drivers = answer["drivers"]
    assert isinstance(drivers, list)
    assert drivers[0]["age"] is None


@given(text=st.text(alphabet="0123456789,- \nx", max_size=20))
def test_any_list_of_processors_is_a_number_or_unknown(text: str) -> None:
    found = _cpus(text)

    assert found is None or found > 0
