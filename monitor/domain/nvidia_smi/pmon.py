"""`nvidia-smi pmon -c 1`: which process keeps a GPU's processors busy.

The columns depend on the driver and the options; the line that names them
begins with `# gpu`, or with `#Date` where times were asked for. A dash means
"nothing measured": no share, and no zero. The command stands last and is
whatever a user called it.
"""

from collections.abc import Iterator, Sequence

from monitor.domain.errors import Unreadable
from monitor.domain.nvidia_smi import values
from monitor.domain.nvidia_smi.text import clean, excerpt
from monitor.domain.nvidia_smi.texts import said
from monitor.domain.service.reading import GpuShare

_NEEDED = ("gpu", "pid", "sm")
_MOST_ROWS = 4096


def read_pmon(text: str) -> tuple[GpuShare, ...]:
    """Return each process' share of a GPU, 0 to 1, the largest of several.

    What stands before the names of the columns, and rows that are cut or are
    no rows, are left out. Raises `Unreadable` when there are no names.
    """
    text = clean(text.encode("utf-8", "replace"))
    columns: Sequence[str] = ()
    found: dict[tuple[int, int], float] = {}
    for line in text.split("\n"):
        if names := _names(line):
            columns = names
        for share in _share(columns, line.split()):
            place = share.gpu, share.pid
            found[place] = max(share.ratio, found.get(place, 0.0))
        if len(found) > _MOST_ROWS:
            raise Unreadable(
                "cannot read nvidia-smi pmon: it lists more than"
                f" {_MOST_ROWS} processes"
            )
    if not columns:
        raise Unreadable(f"cannot read nvidia-smi pmon: {_instead(text)}")
    return tuple(
        GpuShare(gpu=gpu, pid=pid, ratio=ratio)
        for (gpu, pid), ratio in found.items()
    )


def _names(line: str) -> list[str]:
    """Return the names of the columns, nothing where a line has none."""
    if not line.startswith("#"):
        return []
    names = [name.lower() for name in line.removeprefix("#").split()]
    return names if all(name in names for name in _NEEDED) else []


def _share(columns: Sequence[str], cells: Sequence[str]) -> Iterator[GpuShare]:
    if not columns or len(cells) < len(columns):
        return
    gpu, pid, busy = (cells[columns.index(name)] for name in _NEEDED)
    index, number = values.count(gpu), values.count(pid)
    ratio = values.ratio(busy)
    if index is not None and number and ratio is not None:
        yield GpuShare(gpu=index, pid=number, ratio=min(ratio, 1.0))


def _instead(text: str) -> str:
    if complaints := said(text):
        return complaints[0].because
    return f'no line names its columns: "{excerpt(text)}"'
