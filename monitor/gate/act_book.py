"""What is kept of acting: the highest token, one nonce, and results."""

from __future__ import annotations

import json
import os
import stat
from typing import NamedTuple

from monitor.gate.act_trust import distrusted, own_folder
from monitor.gate.procfiles import read_whole
from monitor.gate.protocol import Refused
from monitor.gate.roots import ROOT

_STATE = ("var", "lib", "facefusion-monitor-gate")
_RESULTS = 100
_LONGEST_BOOK = 4 << 20
_WORDS = 300
_STEPS = 60


class NonceGiven(NamedTuple):
    """What opens one effect, `verb`; `at` is in seconds of the boot clock."""

    value: str
    token: int
    change: str
    service: str
    boot_id: str
    at: float
    verb: str = "restart"


class ActResult(NamedTuple):
    """What became of a change here: running, done or failed.

    `verb` is what was done; books of older gates know restarts only. `at` is
    its begin in seconds of the boot clock.
    """

    change: str
    service: str
    token: int
    boot_id: str
    state: str
    because: str
    steps: tuple[str, ...] = ()
    verb: str = "restart"
    at: float = 0.0

    def with_step(self, step: str) -> ActResult:
        """Return it with one step more; a long story loses its middle."""
        steps = (*self.steps, step[:_WORDS])
        half = _STEPS // 2
        return self._replace(
            steps=steps
            if len(steps) <= _STEPS
            else steps[:half] + steps[half + 1 :]
        )

    def ended(self, state: str, because: str) -> ActResult:
        """Return it as it ended."""
        return self._replace(state=state, because=because[:_WORDS])


class ActBook(NamedTuple):
    """All that is kept. `change` is whose token is the highest."""

    highest: int = 0
    change: str = ""
    nonce: NonceGiven | None = None
    results: tuple[ActResult, ...] = ()

    def result(self, change: str) -> ActResult | None:
        """Return what became of a change, None where nothing is known."""
        for one in self.results:
            if one.change == change:
                return one
        return None

    def with_result(self, result: ActResult) -> ActBook:
        """Return it with this result as the newest; the oldest is lost."""
        others = [one for one in self.results if one.change != result.change]
        return self._replace(results=(*others, result)[-_RESULTS:])


def load_book(owner: int) -> ActBook:
    """Return what is on disk. Raises `Refused` where that is no book.

    A missing one is empty; a damaged one stops everything, because nobody
    knows any more what was begun.
    """
    path = ROOT.path(*_STATE, "book.json")
    if not os.path.lexists(path):
        return ActBook()
    flaw = distrusted("/" + "/".join((*_STATE, "book.json")), owner)
    try:
        if not flaw and stat.S_ISREG(os.lstat(path).st_mode):
            return parsed_book(read_whole(path, _LONGEST_BOOK))
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        flaw = f"it cannot be read ({type(error).__name__})"
    raise Refused(
        "forbidden",
        f"cannot trust /{'/'.join(_STATE)}/book.json:"
        f" {flaw or 'it is no file'}; look at what was begun here, then"
        " move it away",
    )


def save_book(book: ActBook, owner: int) -> None:
    """Replace what is on disk; when it returns, it is there for good.

    Raises `Refused` where the disk does not take it.
    """
    folder = own_folder(owner, *_STATE)
    path = os.path.join(folder, "book.json")
    text = json.dumps(_written_book(book)).encode("ascii")
    try:
        _write_synced(f"{path}.new", text)
        os.replace(f"{path}.new", path)
        _sync(folder, os.O_DIRECTORY)
    except OSError as error:
        raise Refused(
            "forbidden",
            f"cannot write /{'/'.join(_STATE)}: {error.strerror}",
        ) from None


def _write_synced(path: str, text: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    descriptor = os.open(path, flags | os.O_CLOEXEC, 0o600)
    try:
        rest = memoryview(text)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync(path: str, flags: int) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _written_book(book: ActBook) -> dict[str, object]:
    return {
        **book._asdict(),
        "nonce": book.nonce._asdict() if book.nonce else None,
        "results": [one._asdict() for one in book.results],
    }


def parsed_book(text: bytes) -> ActBook:
    """Read a book; any of the errors that `load_book` knows is possible."""
    found = json.loads(text)
    nonce = found["nonce"]
    book = ActBook(
        highest=found["highest"],
        change=found["change"],
        nonce=NonceGiven(**nonce) if nonce else None,
        results=tuple(
            ActResult(**{**one, "steps": tuple(one["steps"])})
            for one in found["results"]
        ),
    )
    if type(book.highest) is not int:
        raise TypeError(book.highest)
    return book
