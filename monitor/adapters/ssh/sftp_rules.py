"""Which paths on a server we touch, and which we never do."""

import posixpath
import re
import stat

from monitor.adapters.ssh.sftp import Entry
from monitor.domain.canary.paths import flaw
from monitor.domain.errors import CannotTouch, ConfigurationError
from monitor.domain.quote import quote

UPLOAD = re.compile(r"ffmon-[0-9a-f]{32}\.jpg(\.part)?")
"""Names of our uploads: 128 bits that nobody guesses."""

LEFT_BEHIND = 3600
"""Seconds after which an upload belongs to a run that crashed."""


def upload_name(token: str) -> str:
    """Return the name of an upload."""
    return f"ffmon-{token}.jpg"


def checked_directory(directory: str) -> str:
    """Return the configured directory. Raises ConfigurationError."""
    wrong = _flaw_of(directory)
    if wrong or posixpath.normpath(directory) == "/":
        raise ConfigurationError(
            f"cannot use canary_files.directory {quote(directory)!r}: "
            f"{wrong or 'it is the root'}; name one for the monitor alone, "
            "such as /var/tmp/facefusion-monitor"
        )
    return posixpath.normpath(directory)


def check_found_directory(entry: Entry, where: str) -> None:
    """Refuse a directory where others could change our files.

    Raises `CannotTouch`.
    """
    others_write = bool(entry.mode & stat.S_IWOTH)
    if entry.is_link:
        wrong = "is a symbolic link; name the directory itself"
    elif not entry.is_directory:
        wrong = "is no directory; name another"
    elif others_write and not entry.mode & stat.S_ISVTX:
        wrong = "may be written by everybody; `chmod o-w` it"
    else:
        return
    raise CannotTouch(f"cannot use {entry.name} on {where}: it {wrong}")


def check_output(output: str) -> None:
    """Refuse a path that is no plain absolute path. Raises `CannotTouch`.

    It comes from a server's answer.
    """
    if wrong := _flaw_of(output):
        raise CannotTouch(
            f"cannot take the output {quote(output)!r}: {wrong}; "
            "check what the server answers as its output path"
        )


def output_flaw(entry: Entry | None, since: int) -> str | None:
    """Return why this is not the output of a run, None when it is.

    `since` is the mtime of the run's inputs, by the same server's clock in
    whole seconds: an output of that very second counts as new. 0 says that
    the server did not tell; then nothing does.
    """
    if entry is None:
        return "it does not exist"
    if not entry.is_file:
        return "it is no regular file"
    if not since or entry.mtime < since:
        return "it is not newer than the inputs of this run"
    return None


def is_below(path: str, directory: str) -> bool:
    """Tell whether a resolved path is inside a resolved directory."""
    return path.startswith(directory.rstrip("/") + "/")


def is_upload(name: str) -> bool:
    """Tell whether a name is an upload's: perhaps of another canary."""
    return UPLOAD.fullmatch(name) is not None


def is_left_behind(entry: Entry, now: int) -> bool:
    """Tell whether this is an upload of a run that crashed."""
    return (
        entry.is_file
        and is_upload(entry.name)
        and entry.mtime < now - LEFT_BEHIND
    )


def _flaw_of(path: str) -> str | None:
    if wrong := flaw(path):
        return wrong
    if not path.startswith("/"):
        return "it is not absolute"
    if ".." in path.split("/"):
        return "it contains '..'"
    return None
