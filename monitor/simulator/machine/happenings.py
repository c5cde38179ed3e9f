"""What happens on a machine, told as it happens."""

import threading
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """`event` is exit, started, listener_lost or listener_back."""

    event: str
    pid: int
    started_at: float
    at: float


Hear = Callable[[Happening], None]


class Happenings:
    """Tells whoever listens, in the thread in which it happens.

    A listener must neither wait nor raise.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: list[Hear] = []

    def listen(self, hear: Hear) -> None:
        """Tell `hear` from now on."""
        with self._lock:
            self._listeners.append(hear)

    def leave(self, hear: Hear) -> None:
        """Tell `hear` nothing any more; one that never listened is fine."""
        with self._lock:
            self._listeners = [one for one in self._listeners if one != hear]

    def tell(self, happening: Happening) -> None:
        """Tell all listeners."""
        with self._lock:
            listeners = list(self._listeners)
        for hear in listeners:
            hear(happening)
