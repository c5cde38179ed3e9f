"""Which paths `files` touches, and how it opens them without being led."""

from __future__ import annotations

import contextlib
import errno
import os
import posixpath
import re
import stat
from collections.abc import Iterator

from monitor.gate.protocol import Refused

_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}\Z")
_FOLDER_MODE = 0o755
"""FaceFusion runs as another user: it must come through to the files."""

_DEEPEST = 8
_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_DENIED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ELOOP)


def file_name(value: object) -> str:
    """Return a name of one file in our directory. Raises `Refused`."""
    if isinstance(value, str) and _FILE_NAME.match(value):
        return value
    raise Refused(
        "bad_request",
        "cannot use name: it is 1 to 120 of A-Z a-z 0-9 . _ -",
    )


def make_folder(directory: str) -> None:
    """Make our directory, unless something is there. Raises `OSError`."""
    with contextlib.suppress(FileExistsError):
        os.mkdir(directory, _FOLDER_MODE)
        os.chmod(directory, _FOLDER_MODE)


@contextlib.contextmanager
def opened_folder(path: str, below: int | None = None) -> Iterator[int]:
    """Open a directory in which nobody else can change our files.

    Raises `OSError`, and `Refused` for one that everybody may write.
    """
    folder = os.open(path, _FOLDER_FLAGS, dir_fd=below)
    try:
        mode = os.fstat(folder).st_mode
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            raise Refused(
                "forbidden",
                f"cannot use {path}: it may be written by everybody; "
                "`chmod o-w` it",
            )
        yield folder
    finally:
        os.close(folder)


@contextlib.contextmanager
def opened_parent(directory: str, path: str) -> Iterator[tuple[int, str]]:
    """Yield the open folder of a file below our directory, and its name.

    No step on the way may be a link. Raises `OSError` and `Refused`.
    """
    parts = steps_below(directory, path)
    if parts is None:
        raise Refused(
            "forbidden", f"cannot touch {path}: it is not below {directory}"
        )
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(opened_folder(directory))
        for part in parts[:-1]:
            folder = stack.enter_context(opened_folder(part, folder))
        yield folder, parts[-1]


def steps_below(directory: str, path: str) -> list[str] | None:
    """Return the way from our directory to a file, None if it is outside."""
    start = posixpath.normpath(directory).rstrip("/") + "/"
    if not path.startswith(start):
        return None
    parts = posixpath.normpath(path)[len(start) :].split("/")
    return parts if 0 < len(parts) <= _DEEPEST and parts[0] else None


def regular(found: os.stat_result, path: str) -> os.stat_result:
    """Return `found` when it is a regular file. Raises `Refused`."""
    if stat.S_ISREG(found.st_mode):
        return found
    raise Refused("forbidden", f"cannot touch {path}: it is no regular file")


@contextlib.contextmanager
def told(what: str) -> Iterator[None]:
    """Turn what the system refuses into a `Refused`."""
    try:
        yield
    except OSError as error:
        said = (error.strerror or str(error)).lower()
        denied = error.errno in _DENIED
        help_ = "; give our user access there" if denied else ""
        raise Refused(
            "forbidden" if denied else "bad_request",
            f"cannot {what}: {said}{help_}",
        ) from error
