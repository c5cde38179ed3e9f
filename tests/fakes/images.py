"""Images that measure what a test says."""

import asyncio
from dataclasses import dataclass, replace

from monitor.domain.canary.image import Box, Measures
from monitor.domain.errors import Unreadable
from monitor.ports import Images

GOOD = Measures(
    expected_size=(512, 512),
    size=(512, 512),
    face_difference=10.3,
    background_difference=0.4,
    sharpness=2.8,
    contrast=75.0,
    face_contrast=50.0,
    likeness=0.98,
)
UNCHANGED = replace(
    GOOD,
    face_difference=0.0,
    background_difference=0.0,
    sharpness=1.0,
    likeness=1.0,
)


@dataclass
class FakeImages:
    """Finds `finds` in every pair, but nothing changed in a copy.

    An output that is empty is unreadable. `pairs` keeps what was compared.
    """

    finds: Measures = GOOD

    def __post_init__(self) -> None:
        self.pairs: list[tuple[bytes, bytes, Box | None]] = []
        self.hangs = False

    async def measure(
        self, before: bytes, after: bytes, face: Box | None
    ) -> Measures:
        self.pairs.append((before, after, face))
        if self.hangs:
            await asyncio.Event().wait()
        if not after:
            raise Unreadable("cannot read the output image: it is empty")
        return UNCHANGED if before == after else self.finds


_: type[Images] = FakeImages
