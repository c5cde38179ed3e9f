"""The verb `files`: canary images in one directory, and outputs."""

from __future__ import annotations

import base64
import contextlib
import os
import re

from monitor.gate.fetching import get_file
from monitor.gate.filepaths import (
    file_name,
    make_folder,
    opened_folder,
    opened_parent,
    regular,
    told,
)
from monitor.gate.finding import absolute_path
from monitor.gate.gaps import Gaps
from monitor.gate.protocol import Refused

_LISTED = 1000
_MODE = re.compile(r"[0-7]{3}\Z")
_NEVER_IN_MODE = 0o113
"""Nothing that we put may be run, or be written by everybody."""

_OURS_AT_MOST = 1000
_OURS_BYTES = 256 << 20
"""What may lie in our directory: whoever has the key cannot fill the disk."""


def files_verb(
    request: dict[str, object], directory: str | None, gaps: Gaps
) -> dict[str, object]:
    """Do one thing with a file, as README.md says. Raises `Refused`.

    `directory` is where we may write; None where we may not.
    """
    del gaps  # it is done, or it is refused
    verbs = {"put": _put, "get": get_file, "remove": _remove, "list": _list}
    do = verbs.get(str(request.get("do")))
    if do is None:
        raise Refused(
            "bad_request", "cannot use do: it is put, get, remove or list"
        )
    below = (
        None if directory is None else absolute_path(directory, "directory")
    )
    return do(request, below)


def _ours(directory: str | None) -> str:
    if directory is None or directory == "/":
        raise Refused(
            "forbidden",
            "cannot do this without a directory of our own; name one that "
            "is not /",
        )
    return directory


def _put(
    request: dict[str, object], directory: str | None
) -> dict[str, object]:
    """Write a new file beside its place, then link it there.

    A link never takes the place of a file that is there, a rename would.
    """
    folder_path = _ours(directory)
    name, data = file_name(request.get("name")), _data(request.get("data"))
    mode = _file_mode(request.get("mode", "640"))
    half = f"{name}.part"
    with told(f"put {name} into {folder_path}"):
        make_folder(folder_path)
        with opened_folder(folder_path) as folder:
            _remove_half(half, folder)
            _check_room(folder, len(data))
            try:
                found = _write_new(half, data, mode, folder)
                os.link(half, name, src_dir_fd=folder, dst_dir_fd=folder)
            finally:
                _remove_half(half, folder)
    return {"mtime": found.st_mtime, "size": found.st_size}


def _write_new(
    name: str, data: bytes, mode: int, folder: int
) -> os.stat_result:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    file = os.open(name, flags | os.O_CLOEXEC, 0o600, dir_fd=folder)
    with open(file, "wb") as writing:
        writing.write(data)
        writing.flush()
        os.fchmod(file, mode)
        return os.fstat(file)


def _check_room(folder: int, more: int) -> None:
    """Refuse a file for which there is no more room in our directory."""
    count, held = 1, more
    with os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                found = entry.stat(follow_symlinks=False)
                if found.st_uid == os.geteuid():
                    count, held = count + 1, held + found.st_size
    if count > _OURS_AT_MOST or held > _OURS_BYTES:
        raise Refused(
            "too_large",
            f"cannot put more: {count - 1} files of ours are there already; "
            "remove old ones",
        )


def _remove_half(name: str, folder: int) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)


def _data(value: object) -> bytes:
    text = value if isinstance(value, str) else "?"
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        raise Refused(
            "bad_request", "cannot use data: it is no base64"
        ) from None


def _file_mode(value: object) -> int:
    if isinstance(value, str) and _MODE.match(value):
        mode = int(value, 8)
        if not mode & _NEVER_IN_MODE:
            return mode
    raise Refused(
        "bad_request", "cannot use mode: 640, 644, 600, 660 or the like"
    )


def _remove(
    request: dict[str, object], directory: str | None
) -> dict[str, object]:
    path = absolute_path(request.get("path"), "path")
    with told(f"remove {path}"):
        try:
            with opened_parent(_ours(directory), path) as (folder, name):
                regular(os.lstat(name, dir_fd=folder), path)
                os.unlink(name, dir_fd=folder)
        except FileNotFoundError:
            return {"removed": False}
    return {"removed": True}


def _list(
    _request: dict[str, object], directory: str | None
) -> dict[str, object]:
    """List the regular files of our directory, at most 1,000."""
    entries: list[dict[str, object]] = []
    path = _ours(directory)
    with told(f"list {path}"), opened_folder(path) as folder:
        for name in sorted(os.listdir(folder))[:_LISTED]:
            with contextlib.suppress(OSError, Refused):
                found = regular(os.lstat(name, dir_fd=folder), name)
                entries.append(
                    {
                        "name": name,
                        "size": found.st_size,
                        "mtime": found.st_mtime,
                    }
                )
    return {"entries": entries}
