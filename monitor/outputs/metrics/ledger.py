"""The ledger: what a scrape shows of the fleet, kept as things happen.

Two threads use it. The event loop tells what happened, which is written at
once: some 50 µs. A scrape, in a thread of its own, takes out what grew too
old and asks for health. Every change is made under one lock, which no one
holds longer than one subject takes, or than it takes to copy the references
to all blocks: the loop never waits longer than that. What is read without
the lock is never changed in place, or is looked at again under the lock
before anything is done about it.
"""

from collections.abc import Callable
from threading import Lock

from monitor.domain.gpu.reading import GpuReading
from monitor.domain.observation import CheckKey
from monitor.engine.board import Board
from monitor.engine.entry import Entry
from monitor.engine.events import Event, Looked, Rewired, Skipped
from monitor.outputs.diagnoses import Diagnoses
from monitor.outputs.harmless import Harmless
from monitor.outputs.metrics import servers
from monitor.outputs.metrics.book import Book, Page
from monitor.outputs.metrics.breath import breathe, unhurried
from monitor.outputs.metrics.record import Record
from monitor.outputs.metrics.servers import State
from monitor.outputs.metrics.sheet import Sheet
from monitor.outputs.metrics.target import Server

RECORDS_AT_ONCE = 1000
SERVERS_AT_ONCE = 100
SEEDS_AT_ONCE = 10
"""How many are looked at before the loop gets its turn: half a ms each."""

Planned = Callable[[str], bool]
"""Whether work on a target is planned now; asked from another thread."""


class Ledger:
    """Keeps the lines of every check and server on a board.

    Without a ward no diagnosis is shown, and health is that of the checks.
    """

    def __init__(
        self,
        board: Board,
        planned: Planned,
        harmless: Harmless,
        ward: Diagnoses | None = None,
    ) -> None:
        self._board = board
        self._planned = planned
        self._harmless = harmless
        self._book = Book()
        self._lock = Lock()
        self._records: dict[CheckKey, Record] = {}
        self._servers: dict[str, Server] = {}
        self._behind = True
        self._ward = ward
        if ward is not None:
            sheet = Sheet()
            servers.causes(sheet)
            self._book.write(Page(), sheet.blocks())

    def heard(self, event: Event) -> None:
        """Write what happened. Called on the event loop."""
        if isinstance(event, Looked | Skipped):
            with self._lock:
                self._happened(event)
        elif isinstance(event, Rewired):
            with self._lock:
                self._rewired(event)

    def parts(self, now: float) -> list[bytes]:
        """Return all blocks as of now. One scrape at a time, in a thread."""
        if self._behind:
            self._behind = False  # a new change from here on counts again
            self._catch_up()
        self._check_ages(now)
        self._ask_states(now)
        breathe()
        with self._lock:
            return self._book.parts()

    def _happened(self, event: Looked | Skipped) -> None:
        entry = self._board.find(event.check.key)
        if entry is None or entry.check is not event.check:
            return  # a new configuration took it off the board
        record = self._record(entry)
        record.count(event)
        if isinstance(event, Looked):
            record.write(entry, self._board, self._book)
            if isinstance(event.seen.reading, GpuReading):
                self._identified(entry)
        else:
            record.write_lasting(entry, self._board, self._book)

    def _identified(self, entry: Entry) -> None:
        """Let a host's other checks name its GPUs as they are known now."""
        key = entry.check.key
        for other in self._board.checks_of(key.kind, key.subject):
            record = self._records.get(other.check.key)
            if record is None or other is entry:
                continue
            if record.check is other.check:  # else it is written anew soon
                record.write_lasting(other, self._board, self._book)

    def _rewired(self, event: Rewired) -> None:
        """Take out what is gone at once; the next scrape adds what is new."""
        self._behind = True
        for key in event.checks:
            record = self._records.get(key)
            if record is not None and self._board.find(key) is None:
                del self._records[key]
                record.leave(self._book)
        for name in event.targets:
            server = self._servers.pop(name, None)
            if server is not None:
                server.leave(self._book)

    def _catch_up(self) -> None:
        """Write what is on the board and nobody has told of yet.

        All counters start at 0, so that their first event shows in rate().
        What lasts is written again: a board forgets who is gone.
        A subject that cannot be written is no reason to show none.
        """
        for entry in unhurried(self._board.entries(), SEEDS_AT_ONCE):
            with self._harmless, self._lock:
                now = self._board.find(entry.check.key)
                if now is not None:
                    record = self._record(now)
                    record.write_lasting(now, self._board, self._book)
        for name in tuple(self._board.targets):
            with self._harmless, self._lock:
                self._server(name)

    def _record(self, entry: Entry) -> Record:
        check = entry.check
        former = self._records.get(check.key)
        if former is not None and former.check is check:
            return former
        record = Record(entry, former)
        if former is not None:
            former.leave(self._book)
        self._records[check.key] = record
        record.write(entry, self._board, self._book)
        return record

    def _server(self, name: str) -> None:
        target = self._board.targets.get(name)
        former = self._servers.get(name)
        if target is None or (former and former.target == target):
            return
        if former is not None:
            former.leave(self._book)
        self._servers[name] = Server(target, self._book)

    def _check_ages(self, now: float) -> None:
        """Take out what is too old, and put back what is a fact again."""
        with self._lock:
            records = tuple(self._records.values())
        for record in unhurried(records, RECORDS_AT_ONCE):
            if record.is_wrong(now):
                self._mend(record, now)

    def _mend(self, record: Record, now: float) -> None:
        with self._lock:
            if self._records.get(record.check.key) is record:
                record.mend(now, self._book)

    def _ask_states(self, now: float) -> None:
        with self._lock:
            servers = tuple(self._servers.items())
        for name, server in unhurried(servers, SERVERS_AT_ONCE):
            state = self._now(name, now)
            if state != server.state:
                self._state(server, state)

    def _now(self, name: str, now: float) -> State:
        planned, ward = self._planned(name), self._ward
        if ward is None:
            return State(self._board.health(name, now), planned)
        page = ward.page(name)
        is_told = page is not None and page.is_told
        return State(
            ward.health(name, now),
            planned,
            ward.diagnosis(name).cause,
            ((page.cause, page.severity.value),) if page and is_told else (),
        )

    def _state(self, server: Server, state: State) -> None:
        with self._lock:
            if self._servers.get(server.target.name) is server:
                server.write(state, self._book)
