"""What the journal says where it cannot go on."""

from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa

from monitor.adapters.store.journal_json import plain
from monitor.domain.errors import CannotStore, Superseded
from monitor.domain.recovery.change import Change

DAMAGED = (ValueError, TypeError, KeyError, OverflowError, RecursionError)
"""What reading a row raises that makes no sense."""
_T = TypeVar("_T")


def readable(
    row: sa.RowMapping, key: str, read: Callable[[sa.RowMapping], _T]
) -> _T:
    """Return what a row says; `key` is the column that names it.

    Raises `CannotStore` naming it: whoever acts must not overlook one.
    """
    try:
        return read(row)
    except DAMAGED as error:
        raise damaged(read.__name__, row[key], error) from None


def damaged(read: str, name: object, error: Exception) -> CannotStore:
    """Return the error for a row that makes no sense."""
    kind = read.removesuffix("_of").strip("_")
    return CannotStore(
        f"cannot read {kind} {name} in the state database: {error};"
        " nothing is done on half knowledge: restore a backup, or mend its"
        " row by hand"
    )


def superseded(verb: str, because: str, reason: str) -> Superseded:
    """Return the error for what is not so any more."""
    text = f"cannot {verb}: {because}; nothing was written, look again"
    return Superseded(plain(text), reason=reason)


def now_is(change: Change) -> str:
    """Return what has become of a change meanwhile."""
    whose = f"of {change.owner}" if change.owner else "nobody's"
    return f"it is {change.state.value} and {whose} now"
