"""A gate's answer to `observe`, read part by part.

What is missing or cannot be read becomes a gap with its because, and the
rest stays: half an answer is better than none, and better than a wrong one.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar

from monitor.domain.errors import Unreadable
from monitor.domain.machine.reading import Gap
from monitor.domain.quote import quote
from monitor.domain.wire import Part

T = TypeVar("T")

GAP_LIMIT = 64
"""Gaps kept of one answer: nobody reads more, and each is kept in memory."""
_WORD_LIMIT = 64
_BECAUSE_LIMIT = 240


class Answered:
    """One answer, and the gaps found in it so far.

    `at` is the host's clock when it answered (Unix time in seconds), None
    where it cannot be read; `boot_id` is empty then.
    """

    def __init__(self, body: Mapping[str, object]) -> None:
        self._gaps: list[Gap] = []
        whole = Part(body, "")
        self._parts = self.kept("answer", "parts", lambda: _parts(whole))
        self.at = self.kept("answer", "at", lambda: whole.maybe_number("at"))
        self.boot_id = self.text(whole, "boot_id", "answer")
        for name, gap in self._told_gaps(whole):
            self._tell(name, gap)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Return the gaps in the order in which they were found."""
        return tuple(self._gaps)

    def part(self, name: str) -> Part | None:
        """Return a part of the answer; None leaves a gap that says why.

        Where the gate itself said why, its words are enough.
        """
        if self._parts is None or not self._parts.has(name):
            if not self.lacks(name):
                self.lack(name, "", f"cannot read {name}: it is missing")
            return None
        parts = self._parts
        return self.kept(name, "", lambda: parts.part(name))

    def kept(self, part: str, what: str, read: Callable[[], T]) -> T | None:
        """Return what `read` reads, None and a gap where it cannot."""
        try:
            return read()
        except Unreadable as error:
            self.lack(part, what, str(error))
            return None

    def each(
        self, part: Part, key: str, read: Callable[[Part], T], *, most: int
    ) -> tuple[T, ...] | None:
        """Return what `read` makes of each object in a list.

        A member that cannot be read becomes a gap, and so does what is
        beyond the first `most`. None where there is no list.
        """
        if not part.has(key):
            return None
        items = self.kept(part.name, key, lambda: part.items(key))
        if items is None:
            return None
        if len(items) > most:
            because = f"cannot keep more than {most} of {len(items)} {key}"
            self.lack(part.name, key, because)
        found = (self._one(part.name, one, read) for one in items[:most])
        return tuple(one for one in found if one is not None)

    def _one(
        self, part: str, item: tuple[str, object], read: Callable[[Part], T]
    ) -> T | None:
        name, given = item
        return self.kept(part, name, lambda: read(Part(given, name)))

    def text(self, part: Part, key: str, name: str = "") -> str:
        """Return a short text to compare, empty and a gap for a bad one."""
        given = self.kept(
            name or part.name,
            key,
            lambda: part.maybe_text(key, limit=_WORD_LIMIT),
        )
        return given or ""

    def lack(self, part: str, what: str, because: str) -> None:
        """Note a gap; above `GAP_LIMIT` of them nothing is noted."""
        if len(self._gaps) < GAP_LIMIT:
            self._gaps.append(Gap(part=part, what=what, because=because))

    def lacks(self, part: str) -> bool:
        """Return whether there is a gap in a part already."""
        return any(gap.part == part for gap in self._gaps)

    def _told_gaps(self, whole: Part) -> tuple[tuple[str, object], ...]:
        if not whole.has("gaps"):
            return ()
        read = self.kept(
            "answer", "gaps", lambda: whole.items("gaps", cut=True)
        )
        return read or ()

    def _tell(self, name: str, given: object) -> None:
        gap = self.kept("answer", name, lambda: _gap(given, name))
        if gap is not None:
            self.lack(gap.part, gap.what, gap.because)


def _parts(whole: Part) -> Part:
    return whole.part("parts").called("")


def _gap(given: object, name: str) -> Gap:
    gap = Part(given, name)
    return Gap(
        part=quote(gap.text("part", cut=True), _WORD_LIMIT),
        what=quote(gap.maybe_text("what", cut=True) or ""),
        because=quote(gap.text("because", cut=True), _BECAUSE_LIMIT),
    )
