"""What the journal keeps as JSON: plans, and who asked for them.

A text is kept as it is but for lone surrogates, which become "?": no
database and no answer of ours can hold them.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from monitor.adapters.store.texts import number, text
from monitor.domain.recovery.identity import Identity
from monitor.domain.recovery.plan import Aim, BreakGlass, Plan
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.verdict import Verdict
from monitor.domain.recovery.words import Action, Trigger, Word

VERSION = 1
"""Raised when a field changes its meaning; a new field does not raise it."""
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def plain(value: str) -> str:
    """Return a text without lone surrogates."""
    if value.isascii():
        return str(value)
    return value.encode("utf-8", "replace").decode()


def plan_text(plan: Plan) -> str:
    """Return a plan as JSON."""
    return plain(_encode({"v": VERSION, **asdict(plan)}))


def plan_of(raw: str) -> Plan:
    """Return the plan in a JSON text. Raises `ValueError` or the like.

    What a release before did not know of may be missing.
    """
    found = _versioned(raw)
    return Plan(
        id=text(found["id"]),
        aim=_aim(found["aim"]),
        digest=text(found["digest"]),
        reason=text(found["reason"]),
        by=_principal(found["by"]),
        cause=text(found["cause"]),
        created_at=number(found["created_at"]),
        expires_at=number(found["expires_at"]),
        gates=tuple(map(_verdict, found["gates"])),
        in_flight=_texts(found["in_flight"]),
        approvals=whole(found["approvals"]),
        confirm=text(found["confirm"]),
        notes=_texts(found.get("notes", [])),
        by_hand=_texts(found.get("by_hand", [])),
        parent=text(found.get("parent", "")),
    )


def principal_text(principal: Principal) -> str:
    """Return who asked as JSON."""
    return plain(_encode({"v": VERSION, **asdict(principal)}))


def principal_of(raw: str) -> Principal:
    """Return who asked, of a JSON text. Raises `ValueError` or the like."""
    return _principal(_versioned(raw))


def pairs_text(pairs: tuple[tuple[str, str], ...]) -> str:
    """Return pairs of texts as a JSON list."""
    return plain(_encode(pairs))


def pairs_of(raw: str) -> tuple[tuple[str, str], ...]:
    """Return the pairs in a JSON list. Raises `ValueError` or the like."""
    return tuple((text(one), text(other)) for one, other in json.loads(raw))


def whole(value: object) -> int:
    """Return a whole number. Raises `TypeError` for anything else."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("no whole number")
    return value


def _versioned(raw: str) -> Mapping[str, Any]:
    found = json.loads(raw)
    if not isinstance(found, Mapping) or found.get("v") != VERSION:
        raise ValueError("it is of no version that we know")
    return found


def _aim(found: Mapping[str, Any]) -> Aim:
    glass = found["break_glass"]
    return Aim(
        action=Action(found["action"]),
        target=text(found["target"]),
        url=text(found["url"]),
        host=text(found["host"]),
        manager=text(found["manager"]),
        unit=text(found["unit"]),
        directory=text(found["directory"]),
        boot_id=text(found["boot_id"]),
        port=whole(found["port"]),
        processes=tuple(map(_identity, found["processes"])),
        steps=_texts(found["steps"]),
        break_glass=None if glass is None else _break_glass(glass),
        cards=_texts(found.get("cards", [])),
        bystanders=_texts(found.get("bystanders", [])),
    )


def _break_glass(found: Mapping[str, Any]) -> BreakGlass:
    return BreakGlass(gate=text(found["gate"]), reason=text(found["reason"]))


def _identity(found: Mapping[str, Any]) -> Identity:
    return Identity(
        boot_id=text(found["boot_id"]),
        pid=whole(found["pid"]),
        start_ticks=whole(found["start_ticks"]),
        uid=whole(found["uid"]),
        cmdline=_texts(found["cmdline"]),
        cwd=text(found["cwd"]),
        cgroup=text(found["cgroup"]),
        is_server=found["is_server"] is True,
    )


def _principal(found: Mapping[str, Any]) -> Principal:
    return Principal(
        name=text(found["name"]),
        person=text(found["person"]),
        trigger=Trigger(found["trigger"]),
    )


def _verdict(found: Mapping[str, Any]) -> Verdict:
    return Verdict(
        gate=text(found["gate"]),
        word=Word(found["word"]),
        because=text(found["because"]),
    )


def _texts(found: list[Any]) -> tuple[str, ...]:
    return tuple(map(text, found))
