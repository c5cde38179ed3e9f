"""Server-sent events, read piece by piece.

The format is that of the HTML standard's "Server-sent events", section
"Interpreting an event stream"; a reconnection time is not used.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from monitor.client.errors import NotOurs

LONGEST = 1024 * 1024
"""Bytes of one event; ours have under 10 kB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event: its kind, what it tells, and where to go on from."""

    name: str
    data: JsonValue
    id: str = ""


class Stream:
    """Cuts pieces of a stream into events. Raises `NotOurs`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._rest = b""
        self._fields: dict[str, list[str]] = {}
        self._size = 0
        self._last_id = ""

    def heard(self, piece: bytes) -> Iterator[Event]:
        """Yield the events that are whole now."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            event = self._read(line.removesuffix(b"\r"))
            if event:
                yield event
        if self._size + len(self._rest) > LONGEST:
            raise self._strange(f"an event is longer than {LONGEST} bytes")

    def _read(self, line: bytes) -> Event | None:
        if not line:
            return self._ended()
        self._size += len(line)
        name, _, value = line.decode("utf-8", "replace").partition(":")
        if name:  # a line that begins with a colon keeps the way open
            self._fields.setdefault(name, []).append(value.removeprefix(" "))
        return None

    def _ended(self) -> Event | None:
        fields, self._fields, self._size = self._fields, {}, 0
        self._last_id = fields.get("id", [self._last_id])[-1]
        if "data" not in fields:
            return None
        try:
            data: JsonValue = json.loads("\n".join(fields["data"]))
        except (ValueError, RecursionError):
            raise self._strange("an event holds no JSON") from None
        name = fields.get("event", ["message"])[-1]
        return Event(name=name, data=data, id=self._last_id)

    def _strange(self, what: str) -> NotOurs:
        return NotOurs(
            f"cannot understand the events of {self._url}: {what}; is it a"
            " facefusion-monitor, and of the version of this command?"
        )
