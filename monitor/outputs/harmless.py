"""What keeps an output that fails from stopping the watch."""

from contextlib import AbstractContextManager, suppress
from types import TracebackType

import structlog
from typing_extensions import override


class Harmless(AbstractContextManager[None]):
    """Swallows any error of the block and says it once a kind.

    A turn of the watch tells everybody what it saw: one listener's fault
    must neither end the turn nor keep the others from hearing.
    """

    def __init__(self, said: str) -> None:
        self._said = said
        self._known: set[type[BaseException]] = set()

    @override
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if kind is None or not issubclass(kind, Exception):
            return False
        if kind not in self._known:
            self._known.add(kind)
            with suppress(Exception):  # there is nobody left to tell
                structlog.get_logger().error(self._said, exc_info=error)
        return True
