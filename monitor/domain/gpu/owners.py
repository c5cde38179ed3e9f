"""Whose work fills a GPU's memory."""

from collections.abc import Callable, Iterable

from monitor.domain.gpu.reading import Gpu

Owners = tuple[tuple[str, str, int], ...]


def owners(gpus: Iterable[Gpu], owner_of: Callable[[int], str]) -> Owners:
    """Return (uuid, owner, bytes), added up over each owner's processes.

    A process on two GPUs counts on each with what it holds there. One whose
    memory is not reported (WDDM, missing rights) cannot be counted and adds
    no zero.
    """
    held: dict[tuple[str, str], int] = {}
    for gpu in gpus:
        for process in gpu.processes:
            if process.memory_bytes is not None:
                place = (gpu.uuid, owner_of(process.pid))
                held[place] = held.get(place, 0) + process.memory_bytes
    return tuple((uuid, owner, size) for (uuid, owner), size in held.items())
