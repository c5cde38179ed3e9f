"""What a sick database says, in our words and with what would help."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import (
    DatabaseError,
    InternalError,
    OperationalError,
    SQLAlchemyError,
)

from monitor.domain.errors import CannotStore

_ASIDE = (
    "restore a backup, or move the file aside together with its -wal and -shm;"
    " then history and opinions begin anew"
)
_HELP = (
    ("locked", "see who else has it open; another monitor soon lets go"),
    ("full", "free some space on its disk; it is tried again"),
    ("disk i/o", "see whether its disk is full or failing"),
    ("readonly", "let our user write the file and its folder"),
    ("malformed", _ASIDE),
    ("not a database", f"check state.url; if it once was one, {_ASIDE}"),
)
_ELSE = (
    "check state.url, its folder's permissions and the free disk space;"
    f" a damaged file: {_ASIDE}"
)


def cannot(verb: str, path: Path, error: Exception | str) -> CannotStore:
    """Return the error to raise for what SQLite or the system said."""
    cause = _said(error)
    hint = next((h for word, h in _HELP if word in cause.lower()), _ELSE)
    return refused(verb, path, cause, hint)


def refused(verb: str, path: Path, cause: str, hint: str) -> CannotStore:
    """Return an error whose hint is known."""
    name = str(path).encode("utf-8", "backslashreplace").decode()
    return CannotStore(
        f"cannot {verb} the state database {name}: {cause}; {hint}"
    )


class Full(Exception):
    """No more is taken in, and why."""


@contextmanager
def telling(verb: str, path: Path) -> Iterator[None]:
    """Raise `CannotStore` for whatever goes wrong within."""
    try:
        yield
    except Full as error:
        hint = "it is tried again; see what sends so many"
        raise refused(verb, path, str(error), hint) from None
    except TimeoutError:
        raise cannot(verb, path, "it is locked or does not answer") from None
    except (SQLAlchemyError, ValueError, OverflowError) as error:
        raise cannot(verb, path, error) from None


def _said(error: Exception | str) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, SQLAlchemyError):  # its text repeats the values
        return str(getattr(error, "orig", None) or error.args[0])
    return str(error)


def is_sick(error: Exception) -> bool:
    """Return whether it is the database that failed, not the row."""
    sick = OperationalError | InternalError | sqlite3.OperationalError
    plain = type(error) in {DatabaseError, sqlite3.DatabaseError}
    return plain or isinstance(error, sick)
