"""Whose work fills a GPU's memory."""

from monitor.domain.gpu.owners import owners
from monitor.domain.gpu.reading import Gpu, GpuProcess

MIB = 2**20


def gpu(uuid: str, *held: tuple[int, str, int | None]) -> Gpu:
    return Gpu(
        uuid=uuid,
        index=0,
        name="x",
        pci_bus_id="",
        processes=tuple(
            GpuProcess(pid=pid, name="python", kind=kind, memory_bytes=size)
            for pid, kind, size in held
        ),
    )


def owner(pid: int) -> str:
    return {1: "studio", 2: "studio", 3: "annex"}.get(pid, "other")


def test_memory_is_added_up_by_owner() -> None:
    card = gpu(
        "GPU-a",
        (1, "C", 100 * MIB),
        (9, "G", 5 * MIB),
        (2, "C+G", 10 * MIB),
        (3, "C", MIB),
        (8, "G", 7 * MIB),
    )

    assert owners([card], owner) == (
        ("GPU-a", "studio", 110 * MIB),
        ("GPU-a", "other", 12 * MIB),
        ("GPU-a", "annex", MIB),
    )


def test_a_process_on_two_gpus_counts_on_each() -> None:
    cards = [gpu("GPU-a", (1, "C", 3)), gpu("GPU-b", (1, "C", 4))]

    assert owners(cards, owner) == (
        ("GPU-a", "studio", 3),
        ("GPU-b", "studio", 4),
    )


def test_memory_that_is_not_reported_is_no_zero() -> None:
    assert owners([gpu("GPU-a", (1, "C", None))], owner) == ()
    assert owners([gpu("GPU-a", (1, "C", 0))], owner) == (
        ("GPU-a", "studio", 0),
    )
