"""Maintenance windows and kept answers, as rows and back."""

import json
from collections.abc import Mapping

import sqlalchemy as sa

from monitor.adapters.store.texts import (
    clean,
    number,
    optional,
    sentence,
    text,
)
from monitor.domain.maintenance import Selector, Window
from monitor.ports import KeptAnswer


def window_row(window: Window) -> dict[str, object]:
    """Return the row of a window; its selector is JSON."""
    chosen = window.selector
    return {
        "id": clean(window.id),
        "starts_at": window.starts_at,
        "ends_at": window.ends_at,
        "ended_at": window.ended_at,
        "created_at": window.created_at,
        "asked_by": sentence(window.by),
        "reason": sentence(window.reason),
        "selector": json.dumps(
            {
                "targets": chosen.targets,
                "hosts": chosen.hosts,
                "labels": chosen.labels,
            }
        ),
    }


def window_of(row: sa.RowMapping) -> Window:
    """Return the window of a row. Raises `ValueError` or the like."""
    return Window(
        id=text(row["id"]),
        starts_at=number(row["starts_at"]),
        ends_at=number(row["ends_at"]),
        ended_at=optional(row["ended_at"]),
        created_at=number(row["created_at"]),
        by=text(row["asked_by"]),
        reason=text(row["reason"]),
        selector=_selector(json.loads(text(row["selector"]))),
    )


def answer_row(key: str, answer: KeptAnswer) -> dict[str, object]:
    """Return the row of an answer."""
    return {
        "key": clean(key),
        "request": clean(answer.request),
        "code": answer.code,
        "body": answer.body,
        "at": answer.at,
    }


def answer_of(row: sa.RowMapping) -> KeptAnswer:
    """Return the answer of a row. Raises `ValueError` or the like."""
    return KeptAnswer(
        request=text(row["request"]),
        code=int(row["code"]),
        body=bytes(row["body"]),
        at=number(row["at"]),
    )


def _selector(found: object) -> Selector:
    if not isinstance(found, Mapping):
        raise TypeError("no selector")
    return Selector(
        targets=tuple(map(text, found["targets"])),
        hosts=tuple(map(text, found["hosts"])),
        labels=tuple((text(k), text(v)) for k, v in found["labels"]),
    )
