"""What `nvidia-smi pmon -c 1` prints: who uses how much of which card."""

from collections.abc import Iterator

from monitor.simulator.nvidia_smi.card import (
    GUEST,
    SERVER,
    Card,
    Occupant,
    Vitals,
)
from monitor.simulator.nvidia_smi.query import Seen

_UNITS = ("sm", "mem", "enc", "dec", "jpg", "ofa")
_UNUSED = ("-",) * 4


def pmon(seen: Seen) -> str:
    """Return one sample; a card without a process has a row of dashes."""
    rows = [
        _row("# gpu", "pid", "type", *_UNITS, "command"),
        _row("# Idx", "#", "C/G", *("%" for _ in _UNITS), "name"),
    ]
    for card, vitals in seen:
        rows += _rows(card, vitals)
    return "".join(f"{row}\n" for row in rows)


def _rows(card: Card, vitals: Vitals) -> Iterator[str]:
    index = str(card.index)
    if not vitals.occupants:
        yield _row(index, "-", "-", *("-" for _ in _UNITS), "-")
    for one in vitals.occupants:
        command = one.name.split()[0].rpartition("/")[2]
        yield _row(index, str(one.pid), "C", *_use(one, vitals), command)


def _use(one: Occupant, vitals: Vitals) -> tuple[str, ...]:
    """Return what a process uses: FaceFusion and a guest, nobody else.

    One of both works at a moment; a card in parts does not tell.
    """
    guest_works = one == GUEST
    server_works = one.name == SERVER and vitals.serves_job
    known = "mig" not in vitals.oddities
    if not (known and vitals.utilization and (guest_works or server_works)):
        return ("-", "-", *_UNUSED)
    return (
        str(vitals.utilization),
        str(vitals.memory_utilization),
        *_UNUSED,
    )


def _row(gpu: str, pid: str, *cells: str) -> str:
    """Return one row: the first two columns are wider than the others."""
    rest = "".join(f"{cell:>7}" for cell in cells[:-1])
    return f"{gpu:>5} {pid:>10} {rest}    {cells[-1]:<15}"
