"""A gate's answer about a machine is read, as far as it can be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.kernel.event import KernelReading
from monitor.domain.machine.answered import GAP_LIMIT, Answered
from monitor.domain.machine.reader import Through, read_machine
from monitor.domain.machine.reading import (
    Disk,
    DriverProcess,
    Gap,
    MachineReading,
)
from tests.domain.any_json import JSON
from tests.domain.machine_parts import BOOT, GIB, answer, disk, machine

OURS = 2_000_000.0
THROUGH = Through(
    at=OURS, way="installed", gate_version="0.1.0", python="3.9.18"
)
STRANGE = st.dictionaries(
    st.sampled_from(
        ["at", "boot_id", "gaps", "parts", "machine", "disks", "more"]
    ),
    JSON,
)


def read(body: dict[str, object]) -> MachineReading:
    return read_machine(Answered(body), THROUGH, disks=["/"])


def because(reading: MachineReading) -> list[str]:
    return [gap.because for gap in reading.gaps]


def test_a_whole_answer_is_read_without_gaps() -> None:
    body = answer(machine=machine(), disks={"disks": [disk()]})

    reading = read(body)

    assert reading == MachineReading(
        way="installed",
        gate_version="0.1.0",
        python="3.9.18",
        boot_id=BOOT,
        boot_time=OURS - 5000.0,
        uptime=5000.0,
        clock_offset=0.0,
        load1=0.5,
        cpus=16,
        memory_total_bytes=64 * GIB,
        memory_available_bytes=32 * GIB,
        disks=(
            Disk(
                path="/",
                total_bytes=100 * GIB,
                free_bytes=50 * GIB,
                inodes_total=1000,
                inodes_free=900,
            ),
        ),
        drivers=(
            DriverProcess(
                pid=77, name="nvidia-smi", state="D", age=40.0, wchan="os_rpc"
            ),
        ),
        gpus_on_bus=("0000:01:00.0",),
        driver_module="535.161.07",
    )


def test_what_the_kernel_said_is_taken_along() -> None:
    kernel = KernelReading(source="journal", cursor="c", boot_id=BOOT)
    told = Answered(answer(machine=machine()))

    reading = read_machine(told, THROUGH, kernel=kernel)

    assert reading.kernel is kernel
    assert reading.disks == ()
    assert reading.gaps == ()


def test_a_clock_a_year_off_is_told_and_mixed_with_ours_nowhere() -> None:
    year = 365 * 86400.0
    body = answer(OURS + year, machine=machine(now=OURS + year))

    reading = read_machine(Answered(body), THROUGH)

    assert reading.clock_offset == year
    assert reading.boot_time == OURS - 5000.0


def test_an_answer_that_waited_for_a_slow_part_moves_no_boot_time() -> None:
    body = answer(OURS, machine=machine(now=OURS - 6.0))

    reading = read_machine(Answered(body), THROUGH)

    assert reading.boot_time == OURS - 5006.0


@pytest.mark.parametrize("now", [OURS + 5.0, OURS - 61.0])
def test_a_clock_that_was_set_meanwhile_moves_no_boot_time(
    now: float,
) -> None:
    body = answer(OURS, machine=machine(now=now))

    reading = read_machine(Answered(body), THROUGH)

    assert reading.boot_time == OURS - 5000.0


def test_without_the_answers_time_the_machines_own_is_the_hosts_clock() -> (
    None
):
    body = answer(machine=machine(now=OURS + 60))
    del body["at"]

    reading = read_machine(Answered(body), THROUGH)

    assert reading.clock_offset == 60.0
    assert reading.boot_time == OURS - 5000.0


def test_without_any_of_the_hosts_times_nothing_is_guessed() -> None:
    body = answer(machine=machine(now=None, uptime=None))
    del body["at"]

    reading = read_machine(Answered(body), THROUGH)

    assert reading.clock_offset is None
    assert reading.boot_time is None


def test_the_boot_id_of_the_part_does_where_the_answer_has_none() -> None:
    body = answer(machine=machine(boot_id="other"))
    del body["boot_id"]

    assert read_machine(Answered(body), THROUGH).boot_id == "other"


def test_a_missing_part_is_a_gap_and_the_rest_stays() -> None:
    reading = read(answer(disks={"disks": [disk()]}))

    assert because(reading) == ["cannot read machine: it is missing"]
    assert [one.path for one in reading.disks] == ["/"]
    assert reading.uptime is None
    assert reading.drivers is None


def test_missing_disks_hide_no_machine() -> None:
    reading = read(answer(machine=machine()))

    assert because(reading) == ["cannot read disks: it is missing"]
    assert reading.load1 == 0.5


def test_a_part_that_the_gate_explains_is_told_once_in_its_words() -> None:
    told = {"part": "disks", "what": "", "because": "cannot wait any longer"}
    body = answer(machine=machine(), gaps=[told])

    reading = read(body)

    assert reading.gaps == (
        Gap(part="disks", what="", because="cannot wait any longer"),
    )


def test_an_unreadable_field_is_a_gap_of_its_own() -> None:
    body = answer(machine=machine(cpus=0, load="0.5", memory_total=-1))

    reading = read_machine(Answered(body), THROUGH)

    assert [gap.what for gap in reading.gaps] == [
        "memory_total",
        "load",
        "cpus",
    ]
    assert reading.cpus is None
    assert reading.load1 is None
    assert reading.memory_available_bytes == 32 * GIB


def test_more_memory_than_there_is_is_not_believed() -> None:
    body = answer(machine=machine(memory_available=65 * GIB))

    reading = read_machine(Answered(body), THROUGH)

    assert reading.memory_available_bytes is None
    assert reading.memory_total_bytes == 64 * GIB
    assert "more memory is available than there is" in because(reading)[0]


def test_an_empty_list_of_loads_is_not_known() -> None:
    body = answer(machine=machine(load=[]))

    assert read_machine(Answered(body), THROUGH).load1 is None


def test_one_unreadable_disk_hides_no_other() -> None:
    disks = [disk(path="/a", total="x"), disk(path="/b"), 7]

    reading = read(answer(machine=machine(), disks={"disks": disks}))

    assert [one.path for one in reading.disks] == ["/b"]
    assert [gap.what for gap in reading.gaps] == [
        "disks.disks[0]",
        "disks.disks[2]",
    ]


def test_more_room_than_there_is_is_not_believed() -> None:
    disks = [disk(total=10, free=11)]

    reading = read(answer(machine=machine(), disks={"disks": disks}))

    assert reading.disks == ()
    assert "more bytes are free than there are" in because(reading)[0]


@pytest.mark.parametrize("inodes", [(0, 0), (None, None), (0, None)])
def test_a_file_system_without_inodes_lacks_none(
    inodes: tuple[int | None, int | None],
) -> None:
    total, free = inodes
    disks = [disk(inodes_total=total, inodes_free=free)]

    reading = read(answer(machine=machine(), disks={"disks": disks}))

    assert reading.disks[0].inodes_total is None
    assert reading.disks[0].inodes_free is None


@pytest.mark.parametrize(
    "parts", [{"disks": 3}, {}, {"disks": None}, {"disks": {"x": 1}}]
)
def test_disks_that_are_no_list_are_none(parts: dict[str, object]) -> None:
    reading = read(answer(machine=machine(), disks=parts))

    assert reading.disks == ()


def test_half_a_list_of_drivers_is_not_known_at_all() -> None:
    drivers = [{"pid": 7, "state": "S", "age": 1.0}, {"pid": 8, "state": "D"}]
    body = answer(machine=machine(drivers=drivers))

    reading = read_machine(Answered(body), THROUGH)

    assert reading.drivers is None
    assert because(reading) == [
        "cannot read machine.drivers[1].age: it is missing"
    ]


def test_a_driver_that_began_just_now_has_no_age() -> None:
    body = answer(
        machine=machine(drivers=[{"pid": 7, "state": "R", "age": -0.01}])
    )

    reading = read_machine(Answered(body), THROUGH)

    assert reading.drivers == (
        DriverProcess(pid=7, name="", state="R", age=0.0),
    )


def test_drivers_that_nobody_looked_for_are_not_known() -> None:
    body = answer(machine=machine(drivers=None))

    reading = read_machine(Answered(body), THROUGH)

    assert reading.drivers is None
    assert reading.gaps == ()


@pytest.mark.parametrize("parts", [None, 3, [], "x"])
def test_an_answer_without_parts_is_all_gaps(parts: object) -> None:
    body = {**answer(), "parts": parts}

    reading = read(body)

    assert reading.boot_id == BOOT
    assert {gap.part for gap in reading.gaps} == {
        "answer",
        "machine",
        "disks",
    }


def test_a_part_of_another_type_is_a_gap() -> None:
    reading = read_machine(Answered(answer(machine=3)), THROUGH)

    assert because(reading) == [
        "cannot read machine: it is a whole number, not an object"
    ]


def test_gaps_of_the_gate_are_told_without_secrets_or_control_characters() -> (
    None
):
    gap = {
        "part": "disks",
        "what": "/data",
        "because": "cannot look\x1b[31m: password=hunter2 is no file",
    }

    reading = read_machine(
        Answered(answer(machine=machine(), gaps=[gap])), THROUGH
    )

    assert reading.gaps == (
        Gap(
            part="disks",
            what="/data",
            because="cannot look [31m: password=*** is no file",
        ),
    )


def test_gaps_that_cannot_be_read_are_gaps() -> None:
    body = answer(machine=machine(), gaps=[{"part": "x"}, 3])

    reading = read_machine(Answered(body), THROUGH)

    assert [gap.what for gap in reading.gaps] == ["gaps[0]", "gaps[1]"]
    assert {gap.part for gap in reading.gaps} == {"answer"}


def test_gaps_that_are_no_list_are_one_gap() -> None:
    body = {**answer(machine=machine()), "gaps": 3}

    reading = read_machine(Answered(body), THROUGH)

    assert [gap.what for gap in reading.gaps] == ["gaps"]


def test_gaps_are_bounded() -> None:
    told = [{"part": "x", "what": str(n), "because": "no"} for n in range(99)]

    reading = read_machine(
        Answered(answer(machine=machine(), gaps=told)), THROUGH
    )

    assert len(reading.gaps) == GAP_LIMIT


def test_what_is_beyond_the_limit_of_a_list_is_told() -> None:
    disks = [disk(path=f"/{n}") for n in range(65)]

    reading = read(answer(machine=machine(), disks={"disks": disks}))

    assert len(reading.disks) == 64
    assert because(reading) == ["cannot keep more than 64 of 65 disks"]


@given(
    STRANGE,
    st.dictionaries(st.sampled_from(["machine", "disks"]), STRANGE | JSON),
)
def test_any_answer_is_read_and_never_raises(
    body: dict[str, object], parts: dict[str, object]
) -> None:
    reading = read({**body, "parts": parts})

    assert reading.way == "installed"
    assert len(reading.gaps) <= GAP_LIMIT


@given(st.sampled_from(sorted(machine())), JSON)
def test_any_value_of_a_field_hides_no_other_field(
    key: str, value: object
) -> None:
    body = answer(machine={**machine(), key: value})

    reading = read_machine(Answered(body), THROUGH)

    if key not in {"load", "memory_total", "memory_available"}:
        assert reading.load1 == 0.5
        assert reading.memory_available_bytes == 32 * GIB
