"""What became of a piece of work, in words that cross a pipe."""

from __future__ import annotations

import json
from collections.abc import Callable

from monitor.gate.gaps import Gaps
from monitor.gate.protocol import LONGEST_LINE, Refused


class Outcome:
    """An answer with its gaps, or a reason and a sentence instead of one."""

    def __init__(
        self,
        answer: dict[str, object] | None = None,
        gaps: list[dict[str, str]] | None = None,
        reason: str = "",
        because: str = "",
    ) -> None:
        self.answer = answer
        self.gaps = gaps or []
        self.reason = reason
        self.because = because


def outcome_of(
    look: Callable[[Gaps], dict[str, object]], part: str
) -> Outcome:
    """Look, whatever happens: any error is an outcome, named by its type.

    Its text may hold what is nobody's business, so it stays here.
    """
    gaps = Gaps(part)
    try:
        return Outcome(answer=look(gaps), gaps=gaps.entries)
    except Refused as refused:
        return Outcome(reason=refused.reason, because=refused.because)
    except Exception as error:  # noqa: BLE001 - the promise of this function
        name = type(error).__name__
        return Outcome(
            reason="internal",
            because=f"cannot finish {part}: a fault of the gate ({name})",
        )


def outcome_line(outcome: Outcome) -> bytes:
    """Return the outcome as one line, at most as long as an answer."""
    try:
        line = _outcome_text(outcome)
    except (ValueError, TypeError, RecursionError) as error:
        name = type(error).__name__
        return _outcome_text(
            Outcome(
                reason="internal",
                because=f"cannot tell what was found ({name})",
            )
        )
    if len(line) > LONGEST_LINE:
        return _outcome_text(
            Outcome(
                reason="too_large",
                because="cannot send the answer: it is over 1 MiB",
            )
        )
    return line


def _outcome_text(outcome: Outcome) -> bytes:
    text = json.dumps(vars(outcome), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "replace") + b"\n"


def read_outcome(line: bytes) -> Outcome:
    """Return the outcome that a child of ours wrote."""
    return Outcome(**json.loads(line))
