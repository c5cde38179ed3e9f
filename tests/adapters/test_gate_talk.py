"""Whatever a gate sends, everybody else goes on meanwhile."""

import asyncio

import pytest

from monitor.adapters.gate.talk import Talk


class FakeStream:
    """Has all of it at once, then the end."""

    where = "host 'a'"
    complaints = ""

    def __init__(self, data: bytes) -> None:
        self._left = [data]

    async def receive(self) -> bytes:
        return self._left.pop() if self._left else b""


async def turns(data: bytes) -> tuple[int, int]:
    """Return how many objects are heard, and how often others had a turn."""
    talk = Talk(FakeStream(data))  # type: ignore[arg-type]
    talk.is_greeted = True
    heard = had = 0

    async def other() -> None:
        nonlocal had
        while True:
            had += 1
            await asyncio.sleep(0)

    going = asyncio.create_task(other())
    while await talk.hear() is not None:
        heard += 1
    going.cancel()
    await asyncio.wait({going})
    return heard, had


@pytest.mark.parametrize(
    ("line", "objects"),
    [(b"\n", 0), (b"x\n", 0), (b"{}\n", 0), (b'{"v":1}\n', 32_000)],
)
async def test_many_lines_at_once_leave_others_their_turn(
    line: bytes, objects: int
) -> None:
    data = line * (256_000 // len(line))

    heard, had = await turns(data)

    assert heard == objects
    assert had >= 15
    assert had >= (len(data) // len(line) if line != b"\n" else 0) // 100


async def test_objects_are_whole_wherever_the_pieces_end() -> None:
    data = b'{"text":"' + b"x" * 40_000 + b'"}\n{"n":1}\n'

    assert (await turns(data))[0] == 2
