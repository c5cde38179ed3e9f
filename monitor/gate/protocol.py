"""The lines of the gate, protocol 1: what is one, and what it may ask."""

from __future__ import annotations

import json
import re

PROTOCOL = 1
LONGEST_LINE = 1 << 20
"""Bytes of a line, both ways."""

_ID_FORM = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
_LONGEST_NUMBER = 20
"""Digits: reading a number of a million of them takes seconds."""


class Refused(Exception):
    """A request that is not served; `reason` is one of the README's words.

    `id` is the request's, None where it could not be read.
    """

    def __init__(
        self, reason: str, because: str, request_id: str | None = None
    ) -> None:
        super().__init__(because)
        self.reason = reason
        self.because = because
        self.id = request_id


def read_request(line: bytes) -> dict[str, object]:
    """Return a request that has an id, a verb and our version.

    Raises `Refused`, with the request's id where it has one.
    """
    request = _read_object(line)
    word = request.get("id")
    if not isinstance(word, str) or not _ID_FORM.match(word):
        raise Refused(
            "bad_request",
            "cannot use this id: it is 1 to 64 of A-Z a-z 0-9 . _ -",
        )
    version = request.get("v")
    if version != PROTOCOL or isinstance(version, bool):
        raise Refused(
            "version", f"cannot speak this protocol; mine is {PROTOCOL}", word
        )
    if not isinstance(request.get("verb"), str):
        raise Refused("bad_request", "cannot find the verb", word)
    return request


def _read_object(line: bytes) -> dict[str, object]:
    try:
        found = json.loads(
            line.lstrip(b"# ").decode("utf-8"),
            parse_constant=_refuse_constant,
            parse_int=_read_integer,
        )
    except (ValueError, RecursionError):
        raise Refused(
            "unreadable", "cannot read this line: it is no JSON"
        ) from None
    if not isinstance(found, dict):
        raise Refused("unreadable", "cannot read this line: it is no object")
    return found


def _refuse_constant(name: str) -> object:
    raise ValueError(name)


def _read_integer(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise ValueError(digits[:_LONGEST_NUMBER])
    return int(digits)


def line_of(message: dict[str, object]) -> bytes:
    """Return a message as a line of this protocol, its end included.

    Halves of characters, which a file's name may hold, become "?".
    """
    text = json.dumps(
        {"v": PROTOCOL, **message}, ensure_ascii=False, separators=(",", ":")
    )
    return text.encode("utf-8", "replace") + b"\n"


def refusal(refused: Refused) -> dict[str, object]:
    """Return the answer that says why a request is not served."""
    return {
        "id": refused.id,
        "error": {"reason": refused.reason, "because": refused.because},
    }


def number_of(
    request: dict[str, object], name: str, default: float, most: float
) -> float:
    """Return a positive number of a request, at most `most`.

    Raises `Refused` for anything else that is there.
    """
    value = request.get(name, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Refused("bad_request", f"cannot use {name}: it is no number")
    if value <= 0:
        raise Refused("bad_request", f"cannot use {name}: it is not positive")
    return min(value, most)
