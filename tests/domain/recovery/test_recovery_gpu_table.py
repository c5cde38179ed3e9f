"""Who holds memory on which card, and whose it is."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.gpu.reading import Gpu, GpuProcess, GpuReading
from monitor.domain.recovery.gpu_table import (
    ends_the_server,
    gpu_table,
    notes,
    program,
    to_end,
)
from monitor.domain.recovery.identity import identities
from monitor.domain.recovery.machine_use import Card, GpuTable, GpuUse, Whose
from monitor.domain.service.reading import Process, ServiceReading
from tests.domain.recovery.situations import BOOT, NOW, SERVER, SERVICE

GIB = 1024**3
STRAY = replace(SERVER, pid=400, start_ticks=90_000)
CHILD = replace(SERVER, pid=813, is_server=False, cmdline=("ffmpeg",))
HOLDS = replace(SERVICE, processes=(SERVER, CHILD), strays=(STRAY,))


def holder(
    pid: int, memory: int | None = GIB, name: str = "python"
) -> GpuProcess:
    return GpuProcess(pid=pid, name=name, kind="C", memory_bytes=memory)


def card(index: int, *processes: GpuProcess, uuid: str | None = None) -> Gpu:
    return Gpu(
        uuid=f"GPU-{index}" if uuid is None else uuid,
        index=index,
        name="T4",
        pci_bus_id=f"00000000:0{index}:00.0",
        utilization_ratio=0.5,
        memory_used_bytes=4 * GIB,
        processes=processes,
    )


def table(
    *cards: Gpu,
    service: ServiceReading = HOLDS,
    named: tuple[int | str, ...] = (),
) -> GpuTable:
    return gpu_table(GpuReading(gpus=cards), service, named=named, at=NOW)


def test_every_process_is_the_services_a_strays_or_somebody_elses() -> None:
    found = table(card(0, holder(812), holder(400), holder(7, 2 * GIB)))

    assert found == GpuTable(
        at=NOW,
        cards=(
            Card(uuid="GPU-0", index=0, used_bytes=4 * GIB, utilization=0.5),
        ),
        uses=(
            GpuUse(
                uuid="GPU-0",
                pid=812,
                name="python",
                whose=Whose.SERVICE,
                memory_bytes=GIB,
                identity=identities(SERVICE)[0],
            ),
            GpuUse(
                uuid="GPU-0",
                pid=400,
                name="python",
                whose=Whose.STRAY,
                memory_bytes=GIB,
                identity=replace(
                    identities(SERVICE)[0], pid=400, start_ticks=90_000
                ),
            ),
            GpuUse(
                uuid="GPU-0",
                pid=7,
                name="python",
                whose=Whose.OTHER,
                memory_bytes=2 * GIB,
            ),
        ),
    )


@pytest.mark.parametrize("state", ["Z", "X"])
def test_a_number_whose_process_has_ended_is_nobodys_we_know(
    state: str,
) -> None:
    gone = replace(
        HOLDS,
        processes=(replace(SERVER, state=state),),
        strays=(replace(STRAY, state=state),),
    )

    found = table(card(0, holder(812), holder(400)), service=gone)

    assert {one.whose for one in found.uses} == {Whose.OTHER}
    assert not to_end(found)


def test_one_that_waits_in_the_kernel_still_lives() -> None:
    waits = replace(HOLDS, processes=(replace(SERVER, state="D"),))

    found = table(card(0, holder(812)), service=waits)

    assert [one.pid for one in to_end(found)] == [812]


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ((), [0, 1, 2]),
        ((1,), [1]),
        (("GPU-2",), [2]),
        ((0, "GPU-2"), [0, 2]),
        ((7, "GPU-9"), []),
    ],
)
def test_only_the_cards_of_the_server_are_looked_at(
    named: tuple[int | str, ...], expected: list[int]
) -> None:
    cards = (card(0, holder(812)), card(1, holder(812)), card(2, holder(812)))

    found = table(*cards, named=named)

    assert [one.index for one in found.cards] == expected
    assert [one.uuid for one in found.uses] == [
        f"GPU-{index}" for index in expected
    ]


def test_a_card_without_a_name_cannot_be_asked_for() -> None:
    assert table(card(0, holder(812), uuid="")).cards == ()


def test_a_process_is_on_a_card_once_with_all_that_it_holds() -> None:
    found = table(card(0, holder(812), holder(7), holder(812, 2 * GIB)))

    assert [(one.pid, one.memory_bytes) for one in found.uses] == [
        (812, 3 * GIB),
        (7, GIB),
    ]


def test_what_is_told_in_part_only_is_not_known() -> None:
    found = table(card(0, holder(812), holder(812, None)))

    assert found.uses[0].memory_bytes is None


def test_whoever_is_on_two_cards_is_ended_once_and_all_in_one_order() -> None:
    both = (card(0, holder(812), holder(400)), card(1, holder(812)))

    found = to_end(table(*both))

    assert [one.pid for one in found] == [400, 812]
    assert found == to_end(table(*both[::-1]))


def test_of_whom_not_all_is_known_is_not_ended() -> None:
    hidden = replace(HOLDS, processes=(replace(SERVER, uid=None),))

    found = table(card(0, holder(812)), service=hidden)

    assert found.ours[0].identity is None
    assert not to_end(found)
    assert not ends_the_server(found)


def test_without_a_boot_nobody_is_known() -> None:
    found = table(card(0, holder(812)), service=replace(HOLDS, boot_id=""))

    assert found.ours
    assert not to_end(found)


def test_where_the_gate_tells_no_strays_they_are_left_alone() -> None:
    found = table(card(0, holder(400)), service=replace(HOLDS, strays=None))

    assert [one.whose for one in found.uses] == [Whose.OTHER]


def test_a_process_in_the_unit_is_no_stray() -> None:
    both = replace(HOLDS, strays=(SERVER,))

    found = table(card(0, holder(812)), service=both)

    assert [one.whose for one in found.uses] == [Whose.SERVICE]


@pytest.mark.parametrize(
    ("pids", "expected"),
    [((812,), True), ((400,), False), ((813,), False), ((7,), False)],
)
def test_only_its_own_serving_process_is_the_server(
    pids: tuple[int, ...],
    expected: bool,  # noqa: FBT001 - a table
) -> None:
    found = table(card(0, *(holder(pid) for pid in pids)))

    assert ends_the_server(found) is expected


def test_others_are_told_by_program_and_memory_and_nothing_private() -> None:
    found = table(
        card(0, holder(812)),
        card(
            1,
            holder(7, 3 * GIB, "/usr/bin/blender -b /home/ann/secret.blend"),
            holder(8, None, ""),
        ),
    )

    assert notes(found) == (
        "left alone on GPU 1: process 7 (blender), which holds 3.0 GiB",
        (
            "left alone on GPU 1: process 8 (no name), which holds an amount"
            " that the driver does not tell"
        ),
    )


@given(st.text())
def test_a_programs_name_is_one_printable_word(name: str) -> None:
    found = program(name)

    assert found
    assert found.isprintable()
    assert "/" not in found


pids = st.integers(1, 9)
living = st.builds(
    Process,
    pid=pids,
    start_ticks=st.integers(0, 3),
    started_at=st.just(NOW),
    uid=st.sampled_from([None, 0, 990]),
    state=st.sampled_from(["", "S", "D", "Z", "X"]),
    is_server=st.booleans(),
)
some = st.lists(living, max_size=4).map(tuple)


@given(
    own=some,
    strays=some,
    on=st.lists(st.tuples(pids, st.sampled_from([0, 1])), max_size=8),
)
def test_nobody_is_ended_who_is_not_a_living_process_of_ours_on_a_card(
    own: tuple[Process, ...],
    strays: tuple[Process, ...],
    on: list[tuple[int, int]],
) -> None:
    service = replace(SERVICE, processes=own, strays=strays)
    cards = [
        card(index, *(holder(pid) for pid, place in on if place == index))
        for index in (0, 1)
    ]

    found = table(*cards, service=service)

    alive = {
        (one.pid, one.start_ticks, one.uid)
        for one in (*own, *strays)
        if one.state not in {"Z", "X"}
    }
    for one in to_end(found):
        assert (one.pid, one.start_ticks, one.uid) in alive
        assert one.pid in {pid for pid, _ in on}
        assert one.boot_id == BOOT
    assert {(one.uuid, one.pid) for one in found.uses} == {
        (f"GPU-{index}", pid) for pid, index in on
    }
