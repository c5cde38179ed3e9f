"""What an answer should hold and does not, and why."""

from __future__ import annotations

_GAPS_KEPT = 100
_GAP_TEXT = 300


class Gaps:
    """The gaps of one part; more than 100 of them tell nothing more."""

    def __init__(self, part: str) -> None:
        self.part = part
        self.entries: list[dict[str, str]] = []

    def add(self, what: str, because: str) -> None:
        """Note that `what` is not known; `because` begins with "cannot"."""
        if len(self.entries) < _GAPS_KEPT:
            self.entries.append(
                {
                    "part": self.part,
                    "what": what[:_GAP_TEXT],
                    "because": because[:_GAP_TEXT],
                }
            )
