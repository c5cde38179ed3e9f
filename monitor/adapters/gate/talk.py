"""A stream to a gate, one object at a time."""

import asyncio
from collections import deque
from collections.abc import Mapping

from monitor.adapters.gate.lines import Lines, read_object
from monitor.adapters.ssh.stream import Stream
from monitor.domain.errors import Unreadable
from monitor.domain.quote import quote

_LONG = 64 * 1024
"""Bytes of a line that is read in a thread: of nothing but numbers, a longer
one would hold the event loop for more than its 10 ms."""

_PIECE = 16 * 1024
_IN_A_ROW = 100
"""Bytes that are cut into lines, and lines that are read, until others have
a turn: a host may send nothing but line ends."""

_BEGIN = b'{"v"'


class Talk:
    """What a gate says, without what is no object of the protocol.

    Whatever cannot be read is left out. Login files print before a gate
    begins, and perhaps no newline: until it `is_greeted` an object may
    begin in the middle of a line.
    """

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.is_greeted = False
        self._rubbish = b""
        self._lines = Lines()
        self._came: deque[bytes] = deque()
        self._read: deque[bytes] = deque()
        self._in_a_row = 0

    @property
    def heard(self) -> str:
        """What was said beside the protocol, for people."""
        if self._lines.overlong:
            return "it sent a line longer than 1 MiB"
        said = self.stream.complaints.strip()
        if not said:
            said = self._rubbish.decode(errors="replace").strip()
        return f'it said "{quote(said)}"' if said else "it is silent"

    async def hear(self) -> Mapping[str, object] | None:
        """Return the next object, None at the end.

        Raises `CannotReach` when the connection breaks.
        """
        while True:
            while self._read:
                await self._give_way()
                if found := await self._object(self._read.popleft()):
                    return found
            if not self._came:
                data = await self.stream.receive()
                if not data:
                    return None
                self._came.extend(_pieces(data))
            self._read.extend(self._lines.feed(self._came.popleft()))
            if self._came:
                await asyncio.sleep(0)

    async def _give_way(self) -> None:
        self._in_a_row += 1
        if self._in_a_row >= _IN_A_ROW:
            self._in_a_row = 0
            await asyncio.sleep(0)

    async def _object(self, line: bytes) -> Mapping[str, object] | None:
        if not self.is_greeted:
            line = line[max(0, line.rfind(_BEGIN)) :]
        try:
            if len(line) <= _LONG:
                return read_object(line)
            return await asyncio.to_thread(read_object, line)
        except Unreadable:
            self._rubbish = line[:_LONG]
            return None


def _pieces(data: bytes) -> list[bytes]:
    return [
        data[start : start + _PIECE] for start in range(0, len(data), _PIECE)
    ]
