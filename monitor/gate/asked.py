"""An `observe` under way: what it still waits for, and its answer."""

from __future__ import annotations

import json

from monitor.gate.gaps import Gaps
from monitor.gate.outcome import Outcome
from monitor.gate.protocol import (
    LONGEST_LINE,
    Refused,
    line_of,
    number_of,
)

WITHIN = 10.0
WITHIN_AT_MOST = 60.0
"""Seconds that a request may take, and takes when it does not say."""

_PARTS_AT_MOST = 32
_NAME_TOLD = 64
_DETAILS = 150
"""Gaps beside those of whole parts: all of them always fit a line."""


class Asked:
    """One `observe`: its parts end in any order, then it is answered."""

    def __init__(self, request: dict[str, object]) -> None:
        """Raise `Refused` for a question that makes no sense."""
        self.id = str(request["id"])
        self.within = number_of(request, "within", WITHIN, WITHIN_AT_MOST)
        self.questions = _questions(request.get("parts"))
        self._missing = set(self.questions)
        self._answers: dict[str, object] = {}
        self._gaps: list[dict[str, str]] = []

    @property
    def finished(self) -> bool:
        """Whether every part is known or a gap."""
        return not self._missing

    def take(self, part: str, outcome: Outcome) -> None:
        """Note what became of a part."""
        self._missing.discard(part)
        if outcome.answer is None:
            self._lose(part, outcome.because)
        else:
            self._answers[part] = outcome.answer
        self._gaps += outcome.gaps[: max(0, _DETAILS - len(self._gaps))]

    def line(self, at: float, boot_id: str | None) -> bytes:
        """Return the answer; what makes it too long becomes a gap."""
        while True:
            line = line_of(
                {
                    "id": self.id,
                    "at": at,
                    "boot_id": boot_id,
                    "parts": self._answers,
                    "gaps": self._gaps,
                }
            )
            if len(line) <= LONGEST_LINE:
                return line
            longest = max(self._answers, key=self._length)
            del self._answers[longest]
            self._lose(longest, "cannot send it: the answer is over 1 MiB")

    def _length(self, part: str) -> int:
        return len(json.dumps(self._answers[part]))

    def _lose(self, part: str, because: str) -> None:
        gaps = Gaps(part[:_NAME_TOLD])
        gaps.add(part, because)
        self._gaps += gaps.entries


def _questions(parts: object) -> dict[str, dict[str, object]]:
    if not isinstance(parts, dict) or not parts:
        raise Refused("bad_request", "cannot find parts to observe")
    if len(parts) > _PARTS_AT_MOST:
        raise Refused(
            "bad_request", f"cannot observe over {_PARTS_AT_MOST} parts"
        )
    for name, question in parts.items():
        if not isinstance(question, dict):
            raise Refused(
                "bad_request", f"cannot use the question to {name[:64]}"
            )
        number_of(question, "within", WITHIN, WITHIN_AT_MOST)
    return parts
