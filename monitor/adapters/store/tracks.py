"""Tracks as JSON: later releases add fields, earlier ones leave them."""

import json
from collections.abc import Mapping
from dataclasses import fields

import sqlalchemy as sa

from monitor.adapters.store.keys import key_of, key_row
from monitor.adapters.store.texts import clean, number, optional, text
from monitor.domain.health import Health
from monitor.domain.history import Kept
from monitor.domain.judgement import RECENT, Track
from monitor.ports import Told

VERSION = 1
"""Raised when a field changes its meaning; a new field does not raise it."""
_NAMES = tuple(field.name for field in fields(Track))
_encode = json.JSONEncoder(separators=(",", ":")).encode


def track_row(told: Told) -> dict[str, object]:
    """Return the row of a check's track."""
    return {
        **key_row(told.seen.key),
        "at": told.seen.at,
        "track": encoded(told.track),
        "last_success": told.last_success,
        "told_at": told.told_at,
        "url": clean(told.url),
    }


def kept(row: sa.RowMapping) -> Kept:
    """Return what a row says. Raises `ValueError` or the like."""
    return Kept(
        key=key_of(row),
        track=decoded(text(row["track"])),
        last_success=optional(row["last_success"]),
        told_at=optional(row["told_at"]),
        url=text(row["url"]),
    )


def encoded(track: Track) -> str:
    """Return a track as JSON."""
    values = {name: getattr(track, name) for name in _NAMES}
    return _encode({"v": VERSION, **values})


def decoded(raw: str) -> Track:
    """Return the track in a JSON text. Raises `ValueError` or the like."""
    found = json.loads(raw)
    if not isinstance(found, Mapping) or found.get("v") != VERSION:
        raise ValueError("no track that we know")
    return Track(
        health=Health(found["health"]),
        since=optional(found.get("since")),
        because=text(found.get("because", "")),
        recent=tuple(map(Health, found.get("recent", ())[-RECENT:])),
        flapping=found.get("flapping") is True,
        score=number(found.get("score", 0.0)),
    )
