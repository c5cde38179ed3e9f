"""The doors that canaries need: files, and what is in a picture."""

from collections.abc import (
    Sequence,
)
from dataclasses import dataclass
from typing import Protocol

from monitor.domain.canary.image import Box, Measures


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Canary inputs as the server knows them, in the order given.

    `receipt` is the adapter's own note for `fetch` and `clean`.
    """

    locations: tuple[str, ...]
    receipt: object = None


class CanaryFiles(Protocol):
    """The way a target's canary images go there and come back.

    All methods raise `CannotTouch`, naming the file and what would help.
    """

    async def place(self, images: Sequence[bytes], *, within: float) -> Placed:
        """Put the input images where the server can read them."""
        ...

    async def fetch(
        self, placed: Placed, output: str, *, within: float
    ) -> bytes:
        """Return the output image that the answer names."""
        ...

    async def clean(
        self, placed: Placed, output: str | None, *, within: float
    ) -> None:
        """Remove the inputs, and the output where that is safe."""
        ...


class Shelf(Protocol):
    """Images that the monitor itself serves under unguessable names."""

    def get(self, name: str) -> bytes | None:
        """Return the image, None when there is none of that name."""
        ...


class Images(Protocol):
    """Measures images; the verdict on the measures is the domain's."""

    async def measure(
        self, before: bytes, after: bytes, face: Box | None
    ) -> Measures:
        """Compare an output with its input. Raises `Unreadable`."""
        ...
