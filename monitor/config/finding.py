"""Which file counts, and what is in it."""

import errno
from pathlib import Path

from monitor.config.flaws import shown
from monitor.config.yaml_nodes import SIZE_LIMIT
from monitor.domain.errors import ConfigurationError

FILE = "facefusion-monitor.yml"
SYSTEM_FILE = Path("/etc/facefusion-monitor") / FILE

_HINTS = {
    errno.ENOENT: "write one, or name another with --config",
    errno.EISDIR: "name a file in it",
}


def find(
    path: Path | None, cwd: Path, system: Path = SYSTEM_FILE
) -> Path | None:
    """Return the file that counts, None when there is none.

    `path` is the one that was asked for; without it the file is looked for
    in `cwd`, then in /etc. Raises `ConfigurationError` where we may not look.
    """
    if path is not None:
        return path
    for file in (Path(FILE), system):
        try:
            (cwd / file).lstat()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as problem:
            raise _cannot_read(file, problem) from None
        return file
    return None


def read(file: Path, cwd: Path) -> bytes:
    """Return the file's bytes, at most one more than may be used.

    Raises `ConfigurationError` when it cannot be read.
    """
    try:
        with (cwd / file).open("rb") as stream:
            return stream.read(SIZE_LIMIT + 1)
    except (OSError, ValueError) as problem:  # ValueError: a NUL in the name
        raise _cannot_read(file, problem) from None


def _cannot_read(file: Path, problem: Exception) -> ConfigurationError:
    what, hint = "no file can have that name", "name another"
    if isinstance(problem, OSError):
        what = (problem.strerror or "it cannot be read").lower()
        hint = _HINTS.get(problem.errno or 0, "let our user read it")
    return ConfigurationError(f"cannot use {shown(str(file))}: {what}; {hint}")
