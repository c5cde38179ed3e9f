"""The herald: tells the audit's newest entry after each that was written."""

from monitor.domain.errors import CannotStore
from monitor.domain.recovery.audit import Sealed
from monitor.engine.events import Audited, Tell
from monitor.ports.recovery import Journal


class Herald:
    """Tells heads, so that they are known elsewhere than in the journal.

    `last` is the newest that was told, None before the first.
    """

    def __init__(self, journal: Journal, tell: Tell) -> None:
        self._journal = journal
        self._tell = tell
        self.last: Sealed | None = None

    async def written(self) -> None:
        """Tell the head after a write.

        What was written stays written if the head cannot be read: the next
        one tells more.
        """
        try:
            head = await self._journal.head()
        except CannotStore:
            return
        if head is not None and not self._is_old(head):
            self.last = head
            self._tell(Audited(sealed=head))

    def _is_old(self, head: Sealed) -> bool:
        return self.last is not None and head.sequence <= self.last.sequence
