"""Where tables go: as wide as the terminal, or wide when there is none."""

from rich.console import Console

_PIPED = 200
"""Columns for a file or a pipe, which folds lines by itself if it must."""


def console() -> Console:
    """Return the console for standard output."""
    made = Console()
    return made if made.is_terminal else Console(width=_PIPED)
