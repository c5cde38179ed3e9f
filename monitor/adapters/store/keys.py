"""The name of a check as three columns."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from monitor.adapters.store.schema import KEY
from monitor.adapters.store.texts import clean, text
from monitor.domain.observation import CheckKey, Kind


def key_row(key: CheckKey) -> dict[str, str]:
    """Return the columns of a check's name."""
    return {
        "kind": key.kind.value,
        "subject": clean(key.subject),
        "check_name": clean(key.check),
    }


def key_of(row: Mapping[Any, object]) -> CheckKey:
    """Return the name in a row. Raises `ValueError`."""
    return CheckKey(
        kind=Kind(text(row["kind"])),
        subject=text(row["subject"]),
        check=text(row["check_name"]),
    )


def of_check(
    table: sa.Table, key: Mapping[str, str]
) -> sa.ColumnElement[bool]:
    """Return the condition that a row is of a check."""
    return sa.and_(*(table.c[name] == key[name] for name in KEY))
