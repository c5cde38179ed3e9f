"""What is seen on a host, in a scrape: machine, process, log and jobs."""

from dataclasses import replace

import pytest

from monitor.domain.gpu.reading import GpuReading
from monitor.domain.health import Health
from monitor.domain.kernel.event import KernelReading
from monitor.domain.machine.reading import Gap
from monitor.domain.service.reading import (
    Manager,
    ServiceReading,
    Unit,
)
from monitor.outputs.metrics.hosts import GRAVE
from tests.outputs.house import (
    CARD,
    GPUS,
    HOST,
    JOBS,
    LOG,
    LOGS,
    MACHINE,
    NOW,
    PROCESS,
    SERVER,
    SERVICE,
    House,
)

HIDDEN = (Gap(part="service", what="processes", because="cannot see them"),)
GONE = replace(SERVICE, processes=())
RUNNING = "facefusion_process_running"
SPENT = "facefusion_process_cpu_seconds_total"
START = "facefusion_process_start_time_seconds"
XIDS = "facefusion_gpu_xid_errors_total"
EVENTS = "facefusion_log_events_total"


def values(house: House, name: str) -> list[str]:
    """Return what a scrape says of a metric, series by series."""
    lines = house.metrics.render().decode().splitlines()
    return [line.removeprefix(name) for line in lines if line.startswith(name)]


def unit(manager: Manager = "systemd", *, exists: bool = True) -> Unit:
    return Unit(manager=manager, name="facefusion.service", exists=exists)


def test_an_xid_is_that_of_the_gpu_in_its_slot() -> None:
    house = House()
    seen = GpuReading(gpus=(replace(CARD, pci_bus_id="0000:0a:00.0"),))
    house.saw(GPUS, Health.HEALTHY, seen)
    kernel = KernelReading(
        source="dmesg",
        cursor=None,
        boot_id="b1",
        counts=(("0000:0A:00", 79, 1), ("0000:01:00", 45, 2)),
    )

    house.saw(HOST, Health.HEALTHY, replace(MACHINE, kernel=kernel))

    lines = values(house, XIDS)
    assert '{host="gpu1",uuid="GPU-aaaa",xid="79"} 1.0' in lines
    assert '{host="gpu1",uuid="",xid="45"} 2.0' in lines
    zeros = [line for line in lines if line.endswith(" 0.0")]
    assert len(zeros) == len(GRAVE) - 1


def test_an_xid_gets_its_gpu_when_that_is_identified() -> None:
    house = House()
    house.saw(HOST, Health.HEALTHY, MACHINE)
    before = values(house, XIDS)

    house.saw(GPUS, Health.HEALTHY, GpuReading(gpus=(CARD,)))

    assert '{host="gpu1",uuid="",xid="79"} 1.0' in before
    assert '{host="gpu1",uuid="GPU-aaaa",xid="79"} 1.0' in values(house, XIDS)


def test_xids_of_cards_that_nobody_knows_add_up() -> None:
    house = House()
    kernel = KernelReading(
        source="dmesg",
        cursor=None,
        boot_id="b1",
        counts=(("0000:01:00", 79, 1), ("0000:0A:00", 79, 2)),
    )

    house.saw(HOST, Health.HEALTHY, replace(MACHINE, kernel=kernel))

    assert values(house, XIDS) == ['{host="gpu1",uuid="",xid="79"} 3.0']


def test_xids_stay_when_a_look_fails_and_when_it_is_too_old() -> None:
    house = House()
    house.fill()
    before = values(house, XIDS)

    house.saw(HOST, Health.UNKNOWN, None, reason="timeout")
    house.saw(HOST, Health.HEALTHY, replace(MACHINE, kernel=None))
    house.clock.pass_time(3600)

    assert values(house, XIDS) == before
    assert values(house, "facefusion_host_") == []


def test_what_a_machine_does_not_say_is_no_series(
    capsys: pytest.CaptureFixture[str],
) -> None:
    house = House()

    house.saw(HOST, Health.HEALTHY, replace(MACHINE, load1=None, kernel=None))

    assert values(house, "facefusion_host_load1") == []
    assert values(house, "facefusion_host_cpus") == ['{host="gpu1"} 16.0']
    assert values(house, XIDS) == []
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (SERVICE, ["1.0"]),
        (replace(SERVICE, processes=(replace(SERVER, state="Z"),)), ["0.0"]),
        (replace(SERVICE, gaps=HIDDEN), ["1.0"]),
        (replace(GONE, unit=unit()), ["0.0"]),
        (replace(GONE, unit=replace(unit(), main_pid=7)), ["1.0"]),
        (replace(GONE, unit=replace(unit(), active_state="failed")), ["0.0"]),
        (
            replace(
                GONE,
                gaps=HIDDEN,
                unit=replace(unit(), active_state="inactive"),
            ),
            ["0.0"],
        ),
        (replace(GONE, unit=unit(), gaps=HIDDEN), []),
        (replace(GONE, unit=unit(exists=False)), []),
        (
            replace(
                GONE, unit=replace(unit(exists=False), active_state="inactive")
            ),
            [],
        ),
        (GONE, []),
        (replace(GONE, manager="process"), ["0.0"]),
        (replace(GONE, manager="process", gaps=HIDDEN), []),
        (None, []),
    ],
)
def test_a_process_runs_or_not_or_nobody_can_tell(
    seen: ServiceReading | None, said: list[str]
) -> None:
    house = House()

    house.saw(PROCESS, Health.HEALTHY, seen)

    told = values(house, RUNNING)
    assert told == [f'{{target="studio"}} {value}' for value in said]


@pytest.mark.parametrize(
    ("now", "start"),
    [
        (None, NOW - 3600),
        (NOW - 2, NOW - 3600),
        (NOW, NOW - 3600),
        (NOW + 98.125, NOW - 3700),
        (NOW - 86400 + 98.125, NOW - 3700 + 86400),
    ],
)
def test_a_process_started_by_our_clock(
    now: float | None, start: float
) -> None:
    house = House()

    house.saw(PROCESS, Health.HEALTHY, replace(SERVICE, now=now))

    (line,) = values(house, START)
    assert float(line.split()[-1]) == start


def test_the_start_of_one_process_does_not_tremble() -> None:
    house = House()
    house.saw(PROCESS, Health.HEALTHY, SERVICE)
    before = values(house, START)

    later = replace(SERVER, started_at=SERVER.started_at + 1.5)
    house.saw(PROCESS, Health.HEALTHY, replace(SERVICE, processes=(later,)))
    same = values(house, START)
    moved = replace(SERVER, started_at=SERVER.started_at + 60)
    house.saw(PROCESS, Health.HEALTHY, replace(SERVICE, processes=(moved,)))
    clock_set = values(house, START)
    other = replace(later, pid=5)
    house.saw(PROCESS, Health.HEALTHY, replace(SERVICE, processes=(other,)))

    assert same == before
    assert clock_set != before
    assert values(house, START) not in (before, clock_set)


def test_cpu_time_stays_while_nobody_can_tell_and_goes_with_its_process() -> (
    None
):
    house = House()
    house.saw(PROCESS, Health.HEALTHY, SERVICE)
    first = values(house, SPENT)

    house.saw(PROCESS, Health.UNKNOWN, None, reason="timeout")
    house.saw(PROCESS, Health.UNKNOWN, replace(GONE, gaps=HIDDEN))
    silent = replace(SERVER, cpu_seconds=None)
    house.saw(PROCESS, Health.HEALTHY, replace(SERVICE, processes=(silent,)))
    house.clock.pass_time(3600)
    kept = values(house, SPENT)
    house.saw(PROCESS, Health.UNHEALTHY, replace(GONE, manager="process"))

    assert first == kept == ['{target="studio"} 12.5']
    assert values(house, SPENT) == []


def test_another_process_does_not_inherit_cpu_time() -> None:
    house = House()
    house.saw(PROCESS, Health.HEALTHY, SERVICE)
    other = replace(SERVER, start_ticks=9, cpu_seconds=None)

    house.saw(PROCESS, Health.HEALTHY, replace(SERVICE, processes=(other,)))

    assert values(house, SPENT) == []


def test_log_events_are_counted_from_nought_and_never_too_old() -> None:
    house = House()
    before = values(house, EVENTS)

    house.saw(LOGS, Health.HEALTHY, LOG)
    house.saw(LOGS, Health.UNKNOWN, None, reason="timeout")
    house.clock.pass_time(3600)

    assert {line.split()[-1] for line in before} == {"0.0"}
    changed = set(values(house, EVENTS)) - set(before)
    assert changed == {'{kind="job_succeeded",target="studio"} 1.0'}


def test_a_reload_keeps_what_was_counted_but_not_the_process() -> None:
    house = House()
    house.fill()
    before = values(house, EVENTS), values(house, XIDS)
    for key in (LOGS, HOST, PROCESS):
        house.checks[key] = replace(house.checks[key], interval=10.0)

    house.rewire()

    assert (values(house, EVENTS), values(house, XIDS)) == before
    assert values(house, SPENT) == []


def test_jobs_that_could_not_be_counted_are_no_series() -> None:
    house = House()
    house.fill()
    assert len(values(house, "facefusion_jobs")) == 4

    house.saw(JOBS, Health.UNKNOWN, None, reason="timeout")

    assert values(house, "facefusion_jobs") == []


def test_memory_of_processes_is_told_by_whose_they_are() -> None:
    house = House()
    house.fill()

    assert values(house, "facefusion_gpu_process_memory_bytes") == [
        '{host="gpu1",owner="studio",uuid="GPU-aaaa"} 8.388608e+09',
        '{host="gpu1",owner="other",uuid="GPU-aaaa"} 1.048576e+09',
    ]
