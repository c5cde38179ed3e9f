"""Paths as jobs and answers carry them: opaque, but never dangerous."""

import unicodedata

LONGEST = 4096
"""Characters of a path or address (PATH_MAX of Linux)."""

_UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}
"""Control characters, lone surrogates, line and paragraph separators."""


def flaw(path: object) -> str | None:
    """Return what makes this no usable path or address, None if nothing."""
    if not isinstance(path, str) or not path.strip():
        return "it is empty"
    if len(path) > LONGEST:
        return f"it is longer than {LONGEST} characters"
    if any(unicodedata.category(char) in _UNPRINTABLE for char in path):
        return "it contains control characters"
    return None
