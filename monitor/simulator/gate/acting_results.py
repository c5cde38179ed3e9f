"""What became of the changes that a simulated gate has begun."""

from dataclasses import dataclass

from monitor.gate.act_ledger import GOES_DOWN_WITHIN
from monitor.simulator.gate.site import Answer

_MOST = 100
_NOTHING: Answer = {"state": "none", "because": "", "steps": []}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """An answer; for a reboot also of which boot, and a monotonic time."""

    answer: Answer
    boot_id: str = ""
    at: float = 0.0

    def goes_down(self, boot_id: str, now: float) -> bool:
        """Return whether the machine may still be on its way down."""
        return self.boot_id == boot_id and now - self.at < GOES_DOWN_WITHIN


class Results:
    """The newest hundred; a reboot's depends on the boot that asks."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}

    def keep(self, change: str, answer: Answer) -> None:
        """Keep how something ended."""
        self._put(change, _Kept(answer=answer))

    def begun(
        self, change: str, answer: Answer, boot_id: str, now: float
    ) -> None:
        """Keep that a reboot of this boot was begun."""
        self._put(change, _Kept(answer=answer, boot_id=boot_id, at=now))

    def goes_down(self, boot_id: str, now: float) -> bool:
        """Return whether the machine may still be on its way down."""
        return any(one.goes_down(boot_id, now) for one in self._kept.values())

    def became(self, change: str, boot_id: str, now: float) -> Answer:
        """Return what became of a change, as known in this boot."""
        kept = self._kept.get(change)
        if kept is None:
            return _NOTHING
        if not kept.boot_id or kept.goes_down(boot_id, now):
            return kept.answer
        if kept.boot_id == boot_id:
            because = f"it did not go down within {GOES_DOWN_WITHIN:g} s"
            return {**kept.answer, "state": "failed", "because": because}
        because = "the machine was started anew since"
        return {**kept.answer, "state": "done", "because": because}

    def _put(self, change: str, kept: _Kept) -> None:
        while len(self._kept) >= _MOST:
            del self._kept[next(iter(self._kept))]
        self._kept[change] = kept
