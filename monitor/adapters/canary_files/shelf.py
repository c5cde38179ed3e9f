"""Images that we serve for a short while, in memory."""

from dataclasses import dataclass

from monitor.domain.errors import CannotTouch
from monitor.ports import Clock, Shelf


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    image: bytes
    until: float


class MemoryShelf:
    """Holds at most `most` images and `most_bytes` bytes.

    An image that nobody removes is gone after `lifetime` seconds, which is
    longer than any canary may take.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        lifetime: float = 3600.0,
        most: int = 256,
        most_bytes: int = 64 << 20,
    ) -> None:
        self._clock = clock
        self._lifetime = lifetime
        self._most = most
        self._most_bytes = most_bytes
        self._entries: dict[str, _Entry] = {}

    def put(self, name: str, image: bytes) -> None:
        """Serve an image under a name. Raises `CannotTouch` when full."""
        self._drop_expired()
        held = sum(len(entry.image) for entry in self._entries.values())
        full = len(self._entries) >= self._most
        if full or held + len(image) > self._most_bytes:
            raise CannotTouch(
                f"cannot serve another canary image: {len(self._entries)} "
                f"with {held} bytes are served already"
            )
        until = self._clock.monotonic() + self._lifetime
        self._entries[name] = _Entry(image=image, until=until)

    def get(self, name: str) -> bytes | None:
        """Return the image, None when there is none of that name."""
        self._drop_expired()
        entry = self._entries.get(name)
        return None if entry is None else entry.image

    def remove(self, name: str) -> None:
        """Serve that image no longer; unknown names are no error."""
        self._entries.pop(name, None)

    def _drop_expired(self) -> None:
        now = self._clock.monotonic()
        for name in [n for n, e in self._entries.items() if e.until <= now]:
            del self._entries[name]


_: type[Shelf] = MemoryShelf
