"""What the simulated nvidia-smi prints."""

import asyncio
import itertools
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from monitor.domain.gpu.reading import Gpu
from monitor.domain.nvidia_smi.reader import read
from monitor.domain.nvidia_smi.run import interpret
from monitor.simulator.faults import Faults
from monitor.simulator.host import SimulatedHost
from monitor.simulator.nvidia_smi.card import Occupant
from monitor.simulator.nvidia_smi.rack import Work
from monitor.simulator.nvidia_smi.tool import NvidiaSmi
from tests.simulator.visitor import Visitor

MIB = 1 << 20
PID = 4_194_400
STRANGER = Occupant(pid=4_194_500, name="/srv/x/python y.py", mib=1536)


class Bench:
    """An nvidia-smi whose jobs and time a test decides."""

    def __init__(self, folder: Path, gpus: int = 2) -> None:
        self.folder = folder
        self.faults = Faults(lambda _: None)
        self.running = ""
        self.busy = 0.0
        self.server: int | None = PID
        self.tool = NvidiaSmi("bench", gpus, self.faults, self._working)
        self.tool.install(folder, folder)

    def _working(self) -> Work:
        return Work(
            running=self.running,
            busy=self.busy,
            server=self.server,
            stranger=STRANGER,
        )

    def at(self, now: float) -> tuple[Gpu, ...]:
        """Return the GPUs as our own parser reads them."""
        self.tool.publish(now)
        return read((self.folder / "query.xml").read_bytes()).gpus

    def work(self, job: str, *, start: float, end: float) -> tuple[Gpu, ...]:
        """Let a job run and look at its end."""
        self.at(start)
        self.running, self.busy = job, self.busy + end - start
        return self.at(end)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_the_xml_is_complete_and_of_the_cards_of_the_host(
    bench: Bench,
) -> None:
    first, second = bench.at(0.0)

    assert first.name == second.name == "NVIDIA GeForce RTX 3090"
    assert first.uuid != second.uuid
    assert re.fullmatch(
        r"GPU-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", first.uuid
    )
    assert first.pci_bus_id == "00000000:01:00.0"
    assert first.memory_total_bytes == 24576 * MIB
    assert first.power_limit_watts == 350
    assert first.slowdown_temperature_celsius == 95
    assert first.recovery_action == "None"
    assert ("sw_power_cap", False) in first.clock_events


def test_a_host_keeps_its_cards_and_shares_none(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    same = [Bench(folder).at(0.0)[0].uuid for folder in folders]
    other = NvidiaSmi("other", 1, Faults(lambda _: None), Work)
    other.install(tmp_path, tmp_path)
    other.publish(0.0)

    uuid = read((tmp_path / "query.xml").read_bytes()).gpus[0].uuid
    assert same[0] == same[1] != uuid


def test_memory_always_adds_up(bench: Bench) -> None:
    for gpus in (bench.at(0.0), bench.work("swap", start=1.0, end=5.0)):
        for gpu in gpus:
            parts = (
                gpu.memory_reserved_bytes,
                gpu.memory_used_bytes,
                gpu.memory_free_bytes,
            )
            assert sum(part or 0 for part in parts) == gpu.memory_total_bytes


def test_a_card_at_rest_is_cool_and_holds_only_the_context(
    bench: Bench,
) -> None:
    gpu = bench.at(0.0)[0]

    assert gpu.utilization_ratio == 0
    assert gpu.performance_state == 8
    assert gpu.temperature_celsius == 34
    assert (gpu.power_draw_watts or 0) < 40
    assert (gpu.memory_used_bytes or 0) < 700 * MIB
    assert ("gpu_idle", True) in gpu.clock_events


def test_a_card_at_work_warms_up_draws_power_and_fills_its_memory(
    bench: Bench,
) -> None:
    gpu, other = bench.work("codeformer", start=0.0, end=60.0)

    assert (gpu.utilization_ratio or 0) > 0.8
    assert gpu.performance_state == 2
    assert (gpu.temperature_celsius or 0) > 60
    assert 250 < (gpu.power_draw_watts or 0) < 350
    assert (gpu.memory_used_bytes or 0) > 3000 * MIB
    assert other.utilization_ratio == 0
    assert other.temperature_celsius == 34


def test_a_card_cools_down_slowly(bench: Bench) -> None:
    bench.work("swap", start=0.0, end=100.0)
    bench.running = ""

    degrees = [
        bench.at(now)[0].temperature_celsius or 0
        for now in (101.0, 110.0, 150.0, 400.0)
    ]

    assert degrees == sorted(degrees, reverse=True)
    assert degrees[0] > 60
    assert degrees[-1] == 34


def test_values_move_while_a_job_runs(bench: Bench) -> None:
    seen = {
        bench.work("swap", start=now, end=now + 1)[0].power_draw_watts
        for now in (1.0, 2.0, 3.0, 4.0)
    }

    assert len(seen) == 4


def test_facefusion_is_on_the_first_card_and_a_stranger_on_the_last(
    bench: Bench,
) -> None:
    first, second = bench.work("swap", start=0.0, end=1.0)

    (process,) = first.processes
    (stranger,) = second.processes
    assert process.pid == PID
    assert process.kind == "C"
    assert process.name.endswith("facefusion.py run")
    assert (process.memory_bytes or 0) < (first.memory_used_bytes or 0)
    assert stranger.pid == STRANGER.pid
    assert stranger.memory_bytes == 1536 * MIB


def test_memory_is_free_again_when_its_process_is_gone(bench: Bench) -> None:
    bench.work("swap", start=0.0, end=1.0)
    bench.server = None

    first, second = bench.at(2.0)

    assert (first.memory_used_bytes or 0) < 100 * MIB
    assert first.utilization_ratio == 0
    assert first.processes == ()
    assert second.processes != ()


def test_a_full_card_has_next_to_no_memory_left(bench: Bench) -> None:
    bench.faults.switch_on("out_of_memory")

    first, second = bench.at(0.0)

    (process,) = first.processes
    assert (first.memory_free_bytes or 0) < 100 * MIB
    assert (process.memory_bytes or 0) > 20_000 * MIB
    assert (second.memory_free_bytes or 0) > 20_000 * MIB


def test_a_hot_card_slows_down_says_why_and_counts_the_time(
    bench: Bench,
) -> None:
    bench.at(0.0)
    bench.faults.switch_on("thermal_throttle")

    first, second = bench.work("swap", start=1.0, end=3.0)
    counters = (bench.folder / "query.xml").read_text()
    bench.faults.switch_off("thermal_throttle")
    healed = bench.at(4.0)[0]

    reasons = {name for name, is_on in first.clock_events if is_on}
    limit = first.slowdown_temperature_celsius or 0
    assert {"hw_slowdown", "hw_thermal_slowdown", "sw_thermal_slowdown"} <= (
        reasons
    )
    assert 0 < limit - (first.temperature_celsius or 0) < 3
    assert (first.sm_clock_hertz or 0) < 1e9
    assert "sw_therm_slowdown>3000000 us<" in counters
    assert not dict(second.clock_events)["hw_slowdown"]
    assert not dict(healed.clock_events)["hw_slowdown"]


@pytest.mark.parametrize(
    ("name", "code", "fault"),
    [
        ("driver_mismatch", 18, "driver_mismatch"),
        ("container_gpu_lost", 255, "container_gpu_lost"),
    ],
)
@pytest.mark.parametrize("file", ["query.xml", "table.txt", "list.txt"])
def test_a_driver_that_cannot_be_asked_says_so_in_place_of_all_else(
    bench: Bench, name: str, code: int, fault: str, file: str
) -> None:
    bench.faults.switch_on(name)

    bench.tool.publish(0.0)

    text = (bench.folder / file).read_text()
    told = interpret(code=code, stdout=text.encode(), stderr=b"")
    assert (bench.folder / "code").read_text() == str(code)
    assert text.startswith("Failed to initialize NVML: ")
    assert [one.fault for one in told.reading.faults] == [fault]


def test_xid_79_loses_a_card_and_119_hangs_the_tool(bench: Bench) -> None:
    bench.faults.switch_on("xid", 79)
    bench.tool.publish(0.0)
    lost = read((bench.folder / "query.xml").read_bytes())
    bench.faults.switch_on("xid", 119)
    bench.tool.publish(1.0)
    hung = bench.tool.hangs, (bench.folder / "hang").exists()
    bench.faults.switch_on("xid", 31)
    bench.tool.publish(2.0)

    assert [one.fault for one in lost.faults] == ["gpu_lost"]
    assert hung == (True, True)
    assert not bench.tool.hangs
    assert not (bench.folder / "hang").exists()
    assert len(bench.at(3.0)) == 2


def test_pmon_has_a_row_for_a_card_without_a_process(tmp_path: Path) -> None:
    bench = Bench(tmp_path, gpus=3)
    bench.work("swap", start=0.0, end=1.0)

    rows = bench.tool.pmon(2.0).stdout.splitlines()

    assert rows[0].split()[:4] == ["#", "gpu", "pid", "type"]
    assert rows[2].split()[:3] == ["0", str(PID), "C"]
    assert int(rows[2].split()[3]) > 80
    assert rows[3].split() == ["1", *"-" * 9]
    assert rows[4].split()[:4] == ["2", str(STRANGER.pid), "C", "-"]
    assert rows[4].split()[-1] == "python"


def test_most_of_the_xml_is_supported_clocks(bench: Bench) -> None:
    bench.at(0.0)
    text = (bench.folder / "query.xml").read_text()

    cut = re.sub(r"(?s)<supported_clocks>.*?</supported_clocks>", "", text)

    assert 30_000 < len(text) / 2 < 60_000
    assert len(cut) < len(text) / 4


def test_the_xml_has_no_entities_and_one_element_a_line(
    bench: Bench,
) -> None:
    bench.at(0.0)
    text = (bench.folder / "query.xml").read_text()

    assert text.startswith('<?xml version="1.0" ?>\n<!DOCTYPE nvidia_smi_log')
    assert "<!ENTITY" not in text
    assert ET.fromstring(text).tag == "nvidia_smi_log"  # noqa: S314 - our own text
    assert text.count("\n") > 1000


@pytest.mark.parametrize("lost", [0, 1])
def test_a_lost_gpu_is_named_and_the_other_one_stays(
    bench: Bench, lost: int
) -> None:
    every = bench.at(0.0)
    bench.faults.switch_on("gpu_lost", lost)

    bench.tool.publish(1.0)

    reading = read((bench.folder / "query.xml").read_bytes())
    assert [gpu.uuid for gpu in reading.gpus] == [every[1 - lost].uuid]
    assert [fault.fault for fault in reading.faults] == ["gpu_lost"]
    assert reading.attached == 2
    assert (bench.folder / "code").read_text() == "15"


def test_the_only_gpu_may_be_lost_too(tmp_path: Path) -> None:
    bench = Bench(tmp_path, gpus=1)
    bench.faults.switch_on("gpu_lost")

    assert bench.at(0.0) == ()
    assert "GPU0: 0000:01:00.0: GPU is lost" in (
        (tmp_path / "query.xml").read_text()
    )


async def test_the_table_has_straight_edges(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    printed = await visitor.run(studio, "nvidia-smi")

    table = [line for line in printed.splitlines()[1:] if line]
    assert {len(line) for line in table} == {91}
    assert "NVIDIA GeForce RTX 3090" in printed
    assert "|  No running" not in printed


@pytest.mark.parametrize("options", ["-q -x", "-x -q", "--query --xml-format"])
async def test_the_spellings_of_the_query_are_one(
    studio: SimulatedHost, visitor: Visitor, options: str
) -> None:
    printed = await visitor.run(studio, f"nvidia-smi {options}")

    assert read(printed.encode()).attached == 2


async def test_an_option_it_has_not_is_a_usage_error(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    printed = await visitor.run(studio, "nvidia-smi --rest; echo $?")

    assert printed.endswith("\n2\n")


async def test_a_job_is_seen_by_nvidia_smi_while_it_runs(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    studio.faults.switch_on("slow", 8)
    job = asyncio.create_task(visitor.enhance(studio))

    async with visitor.ssh(studio) as connection:
        for _ in itertools.repeat(None, 100):
            done = await connection.run("nvidia-smi -q -x")
            gpu = read(str(done.stdout).encode()).gpus[0]
            if gpu.utilization_ratio:
                break
    answer = await job

    assert (gpu.utilization_ratio or 0) > 0.8
    assert answer.status_code == 200
