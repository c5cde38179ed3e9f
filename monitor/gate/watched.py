"""A service that is watched: the processes that serve, and its port."""

from __future__ import annotations

from collections.abc import Callable

from monitor.gate.children import Child, start_child
from monitor.gate.commandlines import serves_facefusion
from monitor.gate.finding import ServiceAsked
from monitor.gate.gaps import Gaps
from monitor.gate.held import Held, is_ready
from monitor.gate.listeners import Listening
from monitor.gate.outcome import Outcome, outcome_of
from monitor.gate.service import find_servers

_SEARCH_SECONDS = 8.0
_SOON, _LATER = 2.0, 10.0
"""Seconds between searches for a server that is missing: at first, and
after a minute, or while another process stands for it."""

_AT_FIRST = 60.0


def _search(asked: ServiceAsked) -> Outcome:
    def look(gaps: Gaps) -> dict[str, object]:
        servers = find_servers(asked, gaps, _SEARCH_SECONDS / 2)
        return {
            "servers": [
                {
                    "pid": one.pid,
                    "start_ticks": one.start_ticks,
                    "started_at": one.started_at,
                    "sure": serves_facefusion(one.cmdline),
                }
                for one in servers
            ]
        }

    return outcome_of(look, "watch")


class WatchedService:
    """One service. Its searches run in a child: they may wait for tools.

    `servers` maps process ids to what we hold of them.
    """

    def __init__(self, name: str, asked: ServiceAsked) -> None:
        self.name = name
        self.asked = asked
        self.servers: dict[int, Held] = {}
        self._child: Child | None = None
        self._known = False
        self._searched_at: float | None = None
        self._missing_since: float | None = None
        self._listening: bool | None = None

    @property
    def descriptors(self) -> list[int]:
        """What is ready when something happens."""
        held = [one.descriptor for one in self.servers.values()]
        if self._child is not None:
            held.append(self._child.descriptor)
        return [one for one in held if one is not None]

    @property
    def searching(self) -> bool:
        """Whether a search is under way."""
        return self._child is not None

    def close(self) -> None:
        """Let everything go."""
        for one in self.servers.values():
            one.let_go()
        self.servers.clear()
        if self._child is not None:
            self._child.end("internal", "cannot go on: no longer watched")

    def closed(self) -> bool:
        """Tell whether nothing is left of a search."""
        if self._child is not None and self._child.gone():
            self._child = None
        return self._child is None

    def exits(self, now: float) -> list[dict[str, object]]:
        """Return the ends of servers; then the next one is looked for."""
        events = []
        for pid, one in list(self.servers.items()):
            if one.ended():
                one.let_go()
                del self.servers[pid]
                self._searched_at = None
                events.append(self._event("exit", one, now))
        return events

    def search(self, now: float) -> None:
        """Look for the servers, when they are missing and it is time."""
        if self._child is not None or not self._is_due(now):
            return
        self._searched_at = now
        try:
            self._child = start_child(
                lambda: _search(self.asked), _SEARCH_SECONDS
            )
        except OSError:
            # No room for a process: a later search may find some.
            self._child = None

    def _is_due(self, now: float) -> bool:
        if self.servers and all(one.sure for one in self.servers.values()):
            self._missing_since = None
            return False
        if self._searched_at is None:
            return True
        since = self._missing_since or now
        soon = not self.servers and 0 <= now - since < _AT_FIRST
        pause = _SOON if soon else _LATER
        # A clock that is set back makes it due.
        return not 0 <= now - self._searched_at < pause

    def found(self, now: float) -> list[dict[str, object]]:
        """Return the starts that a search has found; none at first."""
        if self._child is None:
            return []
        descriptor = self._child.descriptor
        if descriptor is not None and is_ready(descriptor):
            self._child.hear()
        outcome = self._child.outcome
        if outcome is None or not self._child.gone():
            return []
        self._child = None
        if outcome.answer is None:
            return []
        return self._take(outcome.answer["servers"], now)

    def _take(self, servers: object, now: float) -> list[dict[str, object]]:
        events = []
        rows = servers if isinstance(servers, list) else []
        for pid in set(self.servers) - {row["pid"] for row in rows}:
            if not self.servers[pid].ended():  # it only stood for a server
                self.servers.pop(pid).let_go()
        for row in rows:
            if row["pid"] in self.servers:
                continue
            one = Held(row)
            if not one.is_there():
                one.let_go()
                continue
            self.servers[one.pid] = one
            if self._known:
                events.append(self._event("started", one, now))
        self._known = True
        if not self.servers and self._missing_since is None:
            self._missing_since = now
        return events

    def _event(self, kind: str, one: Held, now: float) -> dict[str, object]:
        return {
            "event": kind,
            "name": self.name,
            "pid": one.pid,
            "started_at": one.started_at,
            "at": now,
        }

    def listener(
        self, tables: Callable[[str], list[Listening]], now: float
    ) -> list[dict[str, object]]:
        """Return whether its port was lost, or came back.

        `tables` gives the listeners in a process' network, "" in ours.
        """
        port = self.asked.port
        if port is None:
            return []
        before, self._listening = self._listening, self._listens(port, tables)
        if before is None or before == self._listening:
            return []
        kind = "listener_back" if self._listening else "listener_lost"
        return [
            {"event": kind, "name": self.name, "port": port, "at": now},
        ]

    def _listens(
        self, port: int, tables: Callable[[str], list[Listening]]
    ) -> bool:
        """Tell whether the port is listened on.

        Inside of a container it has another number: there all that listens
        counts.
        """
        host = tables("")
        if self.asked.manager == "docker":
            here = {one.inode for one in host}
            pids = [str(pid) for pid in self.servers]
            own = tables(pids[0]) if pids else []
            if not any(one.inode in here for one in own):
                return bool(own)
        return any(one.port == port for one in host)
