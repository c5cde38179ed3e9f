"""The script's output: sections of lines that begin with a word."""

from collections.abc import Iterable, Sequence

from monitor.domain.errors import Unreadable

Section = Sequence[tuple[str, str]]
"""Words and what follows them, in order."""

LINES = 50_000
"""Lines of an output; a host with 10,000 sockets prints as many."""


def cut(output: bytes, count: int) -> list[Section]:
    """Return `count` sections. Raises `Unreadable` when one is missing."""
    sections: list[list[tuple[str, str]]] = []
    for line in output.decode(errors="replace").split("\n")[:LINES]:
        word, _, value = line.partition(" ")
        if word == "@" and value == "end" and len(sections) == count:
            return [*sections]
        if word == "@" and value == str(len(sections)):
            sections.append([])
        elif sections and word:
            sections[-1].append((word, value))
    raise Unreadable("cannot see the end of what the plain commands print")


def one(section: Section, word: str) -> str | None:
    """Return the first value of a word, None without one."""
    return next((value for name, value in section if name == word), None)


def every(section: Section, word: str) -> list[str]:
    """Return all values of a word."""
    return [value for name, value in section if name == word]


def groups(section: Section, word: str) -> Iterable[Section]:
    """Yield what follows each `word`, with it as the first line."""
    group: list[tuple[str, str]] = []
    for name, value in section:
        if name == word:
            if group:
                yield group
            group = [(name, value)]
        elif group:
            group.append((name, value))
    if group:
        yield group


def whole(text: str | None) -> int | None:
    """Return a whole number, None for what is none."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() else None


def decimal(text: str | None) -> float | None:
    """Return a number of plain digits, None for what is none."""
    text = (text or "").strip()
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return float(text)
    return None
