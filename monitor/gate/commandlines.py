"""Tells by its command line whether a process is FaceFusion.

Not by a word in it: an editor, a tail, an ssh and a shell carry the same
words (facts/facefusion.md §3.8).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

_PYTHON = re.compile(r"(python|pypy)[0-9]*(\.[0-9]+)?[a-z]*\Z")
_SCRIPTS = ("facefusion.py", "run.py")
_NAMED = tuple(one.encode() for one in _SCRIPTS)
_SERVING = ("run", "api")
"""What serves: `run` in 3.x, `api` in version 4. The rest are jobs."""


def script_of(cmdline: Sequence[str]) -> int | None:
    """Return which argument is the script that a Python runs."""
    if not cmdline or not _PYTHON.match(posixpath.basename(cmdline[0])):
        return None
    place = 1
    while place < len(cmdline) and cmdline[place].startswith("-"):
        taken = _option(cmdline[place])
        if not taken:
            return None
        place += taken
    return place if place < len(cmdline) else None


def _option(text: str) -> int:
    """Return how many arguments an option takes, 0 where no script comes."""
    if text.startswith("--"):
        return 1 + (text == "--check-hash-based-pycs")
    for at, letter in enumerate(text[1:], start=2):
        if letter in "cm":
            return 0
        if letter in "WX":
            return 1 + (at == len(text))
    return int(len(text) > 1)


def facefusion_script(cmdline: Sequence[str]) -> str | None:
    """Return the script, if it is one of FaceFusion's, as it was given."""
    place = script_of(cmdline)
    if place is None or posixpath.basename(cmdline[place]) not in _SCRIPTS:
        return None
    return cmdline[place]


def names_a_script(cmdline: bytes) -> bool:
    """Tell whether a command line may hold a script of FaceFusion's.

    It only spares most processes a closer look.
    """
    return any(one in cmdline for one in _NAMED)


def serves_facefusion(cmdline: Sequence[str]) -> bool:
    """Tell whether this is a server and no job of FaceFusion's."""
    script = facefusion_script(cmdline)
    if script is None:
        return False
    given = cmdline[(script_of(cmdline) or 0) + 1 :]
    if posixpath.basename(script) == "run.py":  # 2.x has no subcommands
        return "--headless" not in given
    return bool(given) and given[0] in _SERVING


def runs_below(
    script: str, cwd: str | None, directories: Sequence[str]
) -> bool | None:
    """Tell whether a script runs in or below one of the directories.

    None when that cannot be told: the script has no absolute path, and we
    may not see the working directory.
    """
    if cwd is not None and _is_below(cwd, directories):
        return True
    return lies_below(script, cwd, directories)


def lies_below(
    script: str, cwd: str | None, directories: Sequence[str]
) -> bool | None:
    """Tell whether a script itself lies in or below one of the directories.

    None when that cannot be told, as by `runs_below`.
    """
    if posixpath.isabs(script):
        return _is_below(posixpath.dirname(script), directories)
    if cwd is None:
        return None
    return _is_below(
        posixpath.dirname(posixpath.join(cwd, script)), directories
    )


def _is_below(path: str, directories: Sequence[str]) -> bool:
    path = posixpath.normpath(path)
    return any(
        path == one or path.startswith(one.rstrip("/") + "/")
        for one in directories
    )
