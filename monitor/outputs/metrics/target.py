"""One server's place in the book: who it is, and how it does."""

from monitor.domain.fleet import Target
from monitor.outputs.metrics import servers
from monitor.outputs.metrics.book import Book, Page
from monitor.outputs.metrics.servers import State
from monitor.outputs.metrics.sheet import Sheet
from monitor.outputs.metrics.text import labels


class Server:
    """Writes a server's own lines.

    `state` is what is written of it now. Health changes by the mere passing
    of time, which no event tells, so it is asked for at every scrape.
    """

    def __init__(self, target: Target, book: Book) -> None:
        self.target = target
        self.state: State | None = None
        self._labels = labels(target=target.name)
        self._info = Page()
        self._state = Page()
        sheet = Sheet()
        servers.info(sheet, target)
        book.write(self._info, sheet.blocks())

    def write(self, state: State, book: Book) -> None:
        """Write how it does."""
        self.state = state
        sheet = Sheet()
        servers.state(sheet, self._labels, state)
        book.write(self._state, sheet.blocks())

    def leave(self, book: Book) -> None:
        """Take everything out of the book."""
        book.write(self._info, {})
        book.write(self._state, {})
