"""The part `disks`, from what df prints."""

import re

from monitor.adapters.gate.plain.sections import Section, every
from monitor.domain.quote import quote

_KIB = 1024

# A file system and the place it is mounted at may hold spaces: the numbers
# are what stands before the percentage and the path.
_ROW = re.compile(r"\s(\d+)\s+(\d+)\s+(\d+)\s+(?:\d+%|-)\s+/")


def read_disk(path: str, section: Section) -> dict[str, object] | None:
    """Return a disk, None when df did not say how large it is.

    Inodes are None where the file system or df does not count them.
    """
    size = _row(every(section, "size"))
    if size is None or not size[0]:
        return None
    inodes = _row(every(section, "inodes"))
    counted = inodes is not None and inodes[0] > 0
    return {
        "path": path,
        "total": size[0] * _KIB,
        "free": size[2] * _KIB,
        "inodes_total": inodes[0] if inodes and counted else None,
        "inodes_free": inodes[2] if inodes and counted else None,
    }


def _row(lines: list[str]) -> tuple[int, int, int] | None:
    for line in reversed(lines):
        if found := _ROW.search(line):
            total, used, free = (int(number) for number in found.groups())
            return total, used, free
    return None


def why(section: Section) -> str:
    """Return why a size is not known."""
    said = every(section, "size")
    heard = f'df says "{quote(said[-1])}"' if said else "df hangs"
    return f"cannot see its size: {heard}"
