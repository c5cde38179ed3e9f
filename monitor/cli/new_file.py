"""Writes a file that was not there: whole or not at all, never over one."""

import os
import secrets
from pathlib import Path

from monitor.domain.errors import MonitorError

_MODE = 0o644
"""Less the umask: it names files with secrets, and holds none."""
_ELSEWHERE = "name another file with --output, or - to print it"


class NotWritten(MonitorError):
    """The file is there already, or cannot be."""


def refuse_existing(path: Path) -> None:
    """Raise `NotWritten` when there is anything, if only a link."""
    if os.path.lexists(path):
        raise NotWritten(
            f"cannot write {path}: it is there already, and nothing is"
            f" overwritten; {_ELSEWHERE}"
        )


def write_new(path: Path, text: str) -> None:
    """Write the file, and give it its name when it is whole.

    Raises `NotWritten` also for a file that came meanwhile.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        try:
            _write(draft, text)
            os.link(draft, path)  # unlike a rename it never replaces
        finally:
            draft.unlink(missing_ok=True)
    except FileExistsError:
        refuse_existing(path)
        raise
    except OSError as error:
        raise NotWritten(
            f"cannot write {path}: {error.strerror}; {_ELSEWHERE}"
        ) from None


def _write(path: Path, text: str) -> None:
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    with os.fdopen(opened, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(opened)
