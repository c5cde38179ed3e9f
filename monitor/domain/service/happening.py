"""What a host's gate reports without being asked."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["exit", "started", "listener_lost", "listener_back"]

_WORDS: dict[str, tuple[Kind, str]] = {
    "exit": ("exit", "process {pid} of {name} has ended"),
    "started": ("started", "process {pid} of {name} has started"),
    "listener_lost": (
        "listener_lost",
        "nobody listens on port {port} of {name} any more",
    ),
    "listener_back": ("listener_back", "{name} listens on port {port}"),
}
_LONGEST = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that happened to a service on its host.

    `name` is the target that we asked to watch. `at` is Unix time by the
    host's clock, None where it told none.
    """

    kind: Kind
    name: str
    because: str
    at: float | None = None


def read_happening(event: Mapping[str, object]) -> Happening | None:
    """Return what an event says; None for signs of life and unknown ones."""
    kind, name = event.get("event"), event.get("name")
    if not isinstance(kind, str) or not isinstance(name, str):
        return None
    if kind not in _WORDS or not 0 < len(name) <= _LONGEST:
        return None
    known, words = _WORDS[kind]
    told = {part: _number(event.get(part)) for part in ("pid", "port")}
    return Happening(
        kind=known,
        name=name,
        because=words.format(name=name, **told),
        at=_time(event.get("at")),
    )


def _number(value: object) -> str:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number else "?"


def _time(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None
