"""Cuts a stream into lines without ever holding more than one."""

from __future__ import annotations

from monitor.gate.protocol import LONGEST_LINE, Refused


class LineReader:
    """Lines of at most 1 MiB; of a longer one only the end is looked for."""

    def __init__(self, longest: int = LONGEST_LINE) -> None:
        self._longest = longest
        self._kept = bytearray()
        self._searched = 0
        self._overlong = False
        self._skip = 0

    def feed(self, data: bytes) -> None:
        """Take what came; call `line` until it returns None after that."""
        self._kept += data

    def skip(self, count: int) -> None:
        """Throw away the next `count` bytes: they are not for us."""
        self._skip += count

    def line(self) -> bytes | None:
        """Return the next whole line without its end, None without one.

        Raises `Refused` (too_large), once for a line that is too long.
        """
        self._throw_away()
        end = self._kept.find(b"\n", self._searched)
        if self._overlong and end >= 0:
            self._take(end)
            self._overlong = False
            end = self._kept.find(b"\n")
        if end < 0:
            self._go_on()
            return None
        if end > self._longest:
            self._take(end)
            raise _too_long(self._longest)
        return self._take(end)

    def rest(self) -> bytes:
        """Return what no line end came for, when nothing more comes."""
        return b"" if self._overlong else bytes(self._kept)

    def _throw_away(self) -> None:
        count = min(self._skip, len(self._kept))
        del self._kept[:count]
        self._skip -= count

    def _take(self, end: int) -> bytes:
        line = bytes(self._kept[:end])
        del self._kept[: end + 1]
        self._searched = 0
        return line

    def _go_on(self) -> None:
        """Search on where we stopped; begin to throw away what is too long.

        Raises `Refused` when that begins.
        """
        too_long = len(self._kept) > self._longest
        if self._overlong or too_long:
            self._kept.clear()
        self._searched = len(self._kept)
        if too_long and not self._overlong:
            self._overlong = True
            raise _too_long(self._longest)


def _too_long(longest: int) -> Refused:
    return Refused(
        "too_large", f"cannot take a line of more than {longest} bytes"
    )
