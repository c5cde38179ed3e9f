"""The verb `watch`: tells exits, starts and lost listeners as they happen."""

from __future__ import annotations

import re

from monitor.gate.finding import ServiceAsked, read_service
from monitor.gate.listeners import Listening, listening
from monitor.gate.protocol import Refused
from monitor.gate.sockdiag import diag_listening
from monitor.gate.watched import WatchedService

_SERVICES = 64
_EVENTS = 100
_MINUTE = 60.0
_ALIVE = 10.0
_TABLE_LASTS = 0.9
"""Seconds for which a table of listeners is not read again."""

_SEARCHES = 4
"""Searches at a time: each is a process on a host that has work to do."""

_SERVICE_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,128}\Z")


class Watch:
    """Watches services. All times are Unix times by this host's clock."""

    def __init__(self) -> None:
        self._services: list[WatchedService] = []
        self._leaving: list[WatchedService] = []
        self._alive_at: float | None = None
        self._tables = _Tables()
        self._minute = 0.0
        self._said = 0

    def update(self, services: object) -> list[str]:
        """Watch these from now on and return their names.

        What was watched in the same words goes on. Raises `Refused`.
        """
        asked = _services(services)
        self._bury()
        kept = {(one.name, one.asked): one for one in self._services}
        self._services = [
            kept.get(one) or WatchedService(*one) for one in asked.items()
        ]
        for one in set(kept.values()) - set(self._services):
            one.close()
            self._leaving.append(one)
        return list(asked)

    def descriptors(self) -> list[int]:
        """Return what to poll: ready means that `tick` has news."""
        return [
            descriptor
            for one in self._services
            for descriptor in one.descriptors
        ]

    def tick(self, now: float) -> list[dict[str, object]]:
        """Return what happened since the last time, `now` its Unix time."""
        self._bury()
        if not self._services:
            return []
        events: list[dict[str, object]] = []
        for one in self._services:
            events += one.exits(now)
            events += one.found(now)
            events += one.listener(lambda pid: self._tables.of(pid, now), now)
        self._search(now)
        return self._bounded(events, now) + self._sign_of_life(now)

    def close(self) -> None:
        """Watch nothing any more; searches under way are ended."""
        self.update([])
        self._bury()

    def _bury(self) -> None:
        self._leaving = [one for one in self._leaving if not one.closed()]

    def _search(self, now: float) -> None:
        for one in self._services:
            if sum(each.searching for each in self._services) < _SEARCHES:
                one.search(now)

    def _bounded(
        self, events: list[dict[str, object]], now: float
    ) -> list[dict[str, object]]:
        """Return at most 100 events a minute, and that there were more."""
        if not 0 <= now - self._minute < _MINUTE:
            self._minute, self._said = now, 0
        room = max(0, _EVENTS - self._said)
        more = self._said <= _EVENTS < self._said + len(events)
        self._said += len(events)
        last: dict[str, object] = {"event": "more", "at": now}
        return [*events[:room], *([last] if more else [])]

    def _sign_of_life(self, now: float) -> list[dict[str, object]]:
        before = self._alive_at
        if before is not None and 0 <= now - before < _ALIVE:
            return []
        self._alive_at = now
        return [{"event": "alive", "at": now}]


class _Tables:
    """Who listens; a table that is dear to read is read once a second."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[float, list[Listening]]] = {}

    def of(self, pid: str, now: float) -> list[Listening]:
        """Return the listeners of a process' network; "" is ours."""
        known = self._read.get(pid)
        if known is not None and 0 <= now - known[0] < _TABLE_LASTS:
            return known[1]
        if len(self._read) > _SERVICES:  # processes that are no more
            self._read.clear()
        self._read[pid] = now, self._fresh(pid)
        return self._read[pid][1]

    def _fresh(self, pid: str) -> list[Listening]:
        if pid:
            return listening(pid, "net")
        found = diag_listening()
        return listening("net") if found is None else found


def _services(services: object) -> dict[str, ServiceAsked]:
    if not isinstance(services, list) or len(services) > _SERVICES:
        raise Refused(
            "bad_request",
            f"cannot use services: it is a list of at most {_SERVICES}",
        )
    asked: dict[str, ServiceAsked] = {}
    for service in services:
        name = service.get("name") if isinstance(service, dict) else None
        if not isinstance(name, str) or not _SERVICE_NAME.match(name):
            raise Refused("bad_request", "cannot use a service without name")
        asked[name] = read_service(service)
    return asked
