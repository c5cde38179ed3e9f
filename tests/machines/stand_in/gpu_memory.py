"""Memory of the machine's cards, held as clients of a driver hold it.

Who holds some has locked a file in /run/gpu, CARD-MEGABYTES-ANYTHING. The
kernel takes the lock back when its process ends, however it does, and not
before: /proc/locks tells who has one. Standard library only.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

FOLDER = Path("/run/gpu")
TOTAL = 24576
"""Megabytes of a card."""
_locked: list[int] = []


class Held(NamedTuple):
    """Megabytes of a card; `pid` is None where their process has ended."""

    card: int
    megabytes: int
    pid: int | None
    path: Path


def hold(card: int, megabytes: int) -> None:
    """Hold some until this process ends, or lets go."""
    file, name = tempfile.mkstemp(prefix=".", dir=FOLDER)
    fcntl.lockf(file, fcntl.LOCK_EX)
    # Only now has it a name that counts: it is never there and nobody's.
    path = Path(name)
    path.rename(FOLDER / f"{card}-{megabytes}-{path.name[1:]}")
    _locked.append(file)


def let_go() -> None:
    """Give back all that this process holds."""
    while _locked:
        os.close(_locked.pop())


def all_held() -> list[Held]:
    """Return what is held, and what ended processes held."""
    owners = dict(_owners())
    found = []
    for path in sorted(FOLDER.glob("[0-9]*-*-*")):
        card, megabytes, _ = path.name.split("-", 2)
        try:
            number = path.stat().st_ino
        except FileNotFoundError:
            continue
        found.append(Held(int(card), int(megabytes), owners.get(number), path))
    return found


def free(card: int) -> int:
    """Return the megabytes of a card that nobody holds."""
    held = (one for one in all_held() if one.pid is not None)
    return TOTAL - sum(one.megabytes for one in held if one.card == card)


def _owners() -> Iterator[tuple[int, int]]:
    """Yield the inode and the process of each lock in the folder."""
    device = FOLDER.stat().st_dev
    ours = f"{os.major(device):02x}:{os.minor(device):02x}"
    for line in Path("/proc/locks").read_text().splitlines():
        words = line.split()
        if words[1:2] != ["POSIX"]:
            continue
        major_minor, _, inode = words[5].rpartition(":")
        if major_minor == ours:
            yield int(inode), int(words[4])
