"""Turns what is asked into tasks for the lanes."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from monitor.gate.abilities import Abilities
from monitor.gate.gaps import Gaps
from monitor.gate.hello import Way
from monitor.gate.lanes import Task
from monitor.gate.outcome import Outcome, outcome_of
from monitor.gate.protocol import Refused

_MARGIN = 1.0
"""Seconds that a part has less than its child, to tell what it found."""


def part_task(
    abilities: Abilities,
    name: str,
    question: dict[str, object],
    deadline: float,
    done: Callable[[Outcome], None],
) -> Task:
    """Return the task that observes one part."""
    observe = abilities.parts[name]

    def look(seconds: float, stuck: list[str]) -> Outcome:
        within = part_seconds(question, seconds)
        asked = {**question, "within": within, "avoid": stuck}
        return outcome_of(lambda gaps: observe(asked, gaps), name)

    return Task(name, look, deadline, done)


def part_seconds(question: dict[str, object], seconds: float) -> float:
    """Return how long a part may take of its child's `seconds`."""
    has = seconds - min(_MARGIN, seconds / 5)
    wants = question.get("within")
    return min(wants, has) if isinstance(wants, (int, float)) else has


def files_task(
    abilities: Abilities,
    request: dict[str, object],
    way: Way,
    deadline: float,
    done: Callable[[Outcome], None],
) -> Task:
    """Return the task that does something with a file. Raises `Refused`."""
    directory = files_directory(request, way)

    def do(gaps: Gaps) -> dict[str, object]:
        return abilities.files(request, directory, gaps)

    def look(_seconds: float, _stuck: list[str]) -> Outcome:
        return outcome_of(do, "files")

    return Task("files", look, deadline, done)


def files_directory(request: dict[str, object], way: Way) -> str | None:
    """Return where `files` may work; an installed gate is told by its key.

    Raises `Refused` where it may not work at all.
    """
    if way.way != "stdin":
        if way.directory is None:
            raise Refused(
                "forbidden",
                "cannot touch files: this key has no --directory",
            )
        return way.directory
    named = request.get("directory", way.directory)
    if named is not None and not is_folder_name(named):
        raise Refused(
            "bad_request", "cannot use directory: it is absolute and not /"
        )
    return named if isinstance(named, str) else None


def is_folder_name(name: object) -> bool:
    """Whether this may be the folder below which files are touched."""
    return (
        isinstance(name, str)
        and name.startswith("/")
        and bool(posixpath.normpath(name).strip("/"))
        and ".." not in name.split("/")
        and "\0" not in name
    )
