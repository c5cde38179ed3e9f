"""What comes from a gate: lines, and the objects that are in them."""

import json
import math

from monitor.domain.errors import Unreadable

LONGEST = 1 << 20
"""Bytes of a line, as the protocol has it."""

_DIGITS = 20
"""Digits of a whole number; longer ones are nobody's measurement."""


class Lines:
    """Cuts bytes into lines and never holds more than one.

    A line of more than `LONGEST` bytes is thrown away and counted.
    """

    def __init__(self) -> None:
        self.overlong = 0
        self._kept = bytearray()
        self._is_skipping = False

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that `data` completes, without their ends."""
        *ended, rest = data.split(b"\n")
        lines = [line for part in ended if (line := self._line(part))]
        self._keep(rest)
        return lines

    def _line(self, part: bytes) -> bytes:
        self._keep(part)
        line = bytes(self._kept)
        self._kept.clear()
        self._is_skipping = False
        return line

    def _keep(self, part: bytes) -> None:
        if self._is_skipping:
            return
        if len(self._kept) + len(part) > LONGEST:
            self._kept.clear()
            self._is_skipping = True
            self.overlong += 1
            return
        self._kept += part


def read_object(line: bytes) -> dict[str, object]:
    """Return the JSON object of a line. Raises `Unreadable` for others."""
    try:
        found: object = json.loads(
            line.removeprefix(b"# ").decode(),
            parse_constant=_no_number,
            parse_int=_whole_number,
            parse_float=_finite_number,
        )
    except (ValueError, RecursionError) as error:
        raise Unreadable("cannot read a line of the gate as JSON") from error
    if not isinstance(found, dict):
        raise Unreadable("cannot read a line of the gate: it is no object")
    return found


def write_object(request: dict[str, object]) -> bytes:
    """Return a request as a line. Raises `Unreadable` for a longer one."""
    line = json.dumps(request, separators=(",", ":"), allow_nan=False)
    if len(line) >= LONGEST:
        raise Unreadable(
            f"cannot ask the gate: the request is longer than {LONGEST} bytes"
        )
    return f"{line}\n".encode()


def _no_number(word: str) -> float:
    raise ValueError(word)


def _whole_number(digits: str) -> int:
    if len(digits) > _DIGITS:
        raise ValueError(digits[:_DIGITS])
    return int(digits)


def _finite_number(digits: str) -> float:
    """Return a number; 1e999 would be read as infinity."""
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(digits[:_DIGITS])
    return number
