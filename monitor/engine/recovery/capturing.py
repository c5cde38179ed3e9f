"""The capture: what was known of a server before anything was done to it.

A restart wipes the evidence away. Lines of logs come masked already
(`domain/joblog/masking.py`); of command lines only programs are kept.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from math import isfinite

from monitor.actions.restart import program_of
from monitor.domain.diagnosis.case import Case
from monitor.domain.diagnosis.diagnosis import Diagnosis
from monitor.domain.joblog.masking import mask
from monitor.domain.quote import quote
from monitor.domain.recovery.plan import Aim, Plan
from monitor.domain.recovery.situation import Situation
from monitor.domain.service.reading import ServiceReading
from monitor.engine.recovery.words_of import LONGEST

MOST_BYTES = 256 * 1024
"""Bytes of a capture, as JSON in ASCII."""
_MOST_TEXT = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All that there is to be kept, as of the Unix time `at`.

    `service` is what root saw on the machine.
    """

    at: float
    plan: Plan
    aim: Aim
    situation: Situation
    diagnosis: Diagnosis
    case: Case
    service: ServiceReading


def capture(known: Known) -> str:
    """Return it as one JSON object, what matters most first.

    A part for which there is no room is named in `left_out`.
    """
    home = known.aim.directory
    kept: dict[str, object] = {"at": known.at}
    left_out: list[str] = []
    room = MOST_BYTES - len(_json(kept)) - _MOST_TEXT
    for name, part in _parts(known):
        text = _json({name: _plain(part, home)})
        if len(text) > room:
            left_out.append(name)
            continue
        room -= len(text)
        kept |= json.loads(text)
    return _json({**kept, "left_out": left_out[:_NAMED]})


_NAMED = 20
"""Parts without room that are named."""


def _parts(known: Known) -> Iterator[tuple[str, object]]:
    yield "reason", quote(known.plan.reason, LONGEST)
    yield "diagnosis", known.diagnosis
    yield "service", known.service
    yield "gpu", known.situation.gpu
    yield "machine", known.situation.machine
    yield "work", known.situation.work
    yield "second", known.situation.second
    yield "steps", known.aim.steps
    case = known.case
    for where, looks in (("look", case.looks), ("host", case.host)):
        for name, look in looks.items():
            yield f"{where} {name}", look.seen or look.grounds
    yield "control", case.control.seen if case.control else None
    yield "past", known.situation.past
    yield "peers", known.situation.peers


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def _plain(value: object, home: str) -> object:
    """Return a fact as JSON knows it; what is no number is null."""
    match value:
        case Enum():
            return value.value
        case str():
            return quote(value, _MOST_TEXT)
        case float():
            return value if isfinite(value) else None
        case tuple() | list() | frozenset():
            return [_plain(one, home) for one in value]
        case _:
            names = getattr(value, "__dataclass_fields__", None)
            return value if names is None else _fields(value, names, home)


def _fields(
    value: object, names: Iterable[str], home: str
) -> dict[str, object]:
    return {name: _field(name, getattr(value, name), home) for name in names}


def _field(name: str, value: object, home: str) -> object:
    if name == "cmdline" and isinstance(value, tuple):
        return program_of(value)
    if name == "cwd" and isinstance(value, str):
        return mask(value, home)
    return _plain(value, home)
