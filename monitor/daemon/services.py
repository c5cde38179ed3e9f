"""Wires what is seen of a server on its host: process, log, jobs."""

from collections.abc import Iterator
from ipaddress import ip_address
from math import isinf
from urllib.parse import urlsplit

from monitor.config.sections.service import Service
from monitor.config.sections.targets import Target
from monitor.daemon.tools import Reached, Tools
from monitor.domain.health import Health
from monitor.domain.judgement import Patience
from monitor.domain.observation import CheckKey, Kind
from monitor.domain.service.asked import Asked
from monitor.engine.check import Check, Probe
from monitor.probes.jobs import JobsProbe
from monitor.probes.logs import LogsProbe
from monitor.probes.one_at_a_time import OneAtATime
from monitor.probes.process import ProcessProbe

TIMEOUT = 8.0
"""Seconds for one look; a busy host answers in 50 ms."""
_SLACK = 2.0
"""Seconds beyond a probe's own timeout before the watch cuts it off."""
PROCESS = Patience(failures=2, confirm_interval=1.0)
"""Two looks, a second apart: the process table does not err, but a restart
has a moment without a process."""


def checks(target: Target, tools: Tools) -> Iterator[Check]:
    """Yield the looks at a target's service, none without one or a host."""
    reached = tools.hosts.get(target.host or "")
    if target.service is None or reached is None:
        return
    wiring = _Wiring(target, target.service, reached, tools)
    yield wiring.check("process", wiring.process(), PROCESS)
    yield wiring.check("logs", wiring.logs(), Patience())
    yield wiring.check("jobs", wiring.jobs(), Patience())


def asked_for(target: Target, service: Service) -> Asked:
    """Return what is asked about a target's service."""
    return Asked(
        target=target.name,
        manager=service.manager,
        unit=service.unit,
        directory=service.directory,
        port=port_of(target.url),
        is_loopback=is_loopback(target.url),
        start_grace=target.start_grace,
        wants_pmon=True,
    )


def port_of(url: str) -> int:
    """Return the TCP port that a target's URL names."""
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def is_loopback(url: str) -> bool:
    """Return whether a URL leads to the machine that asks."""
    name = urlsplit(url).hostname or ""
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


class _Wiring:
    """What the looks at one service are made of."""

    def __init__(
        self, target: Target, service: Service, reached: Reached, tools: Tools
    ) -> None:
        self._target = target
        self._service = service
        self._reached = reached
        self._clock = tools.clock

    def check(self, name: str, probe: Probe, patience: Patience) -> Check:
        return Check(
            key=self._key(name),
            kind=name,
            probe=OneAtATime(probe),
            interval=self._reached.interval,
            timeout=TIMEOUT,
            deadline=TIMEOUT + _SLACK,
            overdue=Health.UNKNOWN,
            patience=patience,
        )

    def process(self) -> Probe:
        return ProcessProbe(
            self._key("process"),
            self._reached.gate,
            self._clock,
            self._reached.notes,
            asked=asked_for(self._target, self._service),
            within=TIMEOUT,
        )

    def logs(self) -> Probe:
        source, _, path = self._service.log.partition(":")
        return LogsProbe(
            self._key("logs"),
            self._reached.gate,
            self._clock,
            source=source,
            unit=self._service.unit,
            path=path,
            within=TIMEOUT,
            directory=self._service.directory,
            server_started=self._still_there,
        )

    def jobs(self) -> Probe:
        return JobsProbe(
            self._key("jobs"),
            self._reached.gate,
            self._clock,
            directory=f"{self._service.directory.rstrip('/')}/.jobs",
            server_started=self._started,
            working=self._working,
            within=TIMEOUT,
        )

    def _working(self) -> bool | None:
        return self._reached.notes.working(self._target.name)

    def _still_there(self) -> float | None:
        """Return when the server was started; None where none runs.

        What the log said last is what a dead one is judged by.
        """
        started = self._started()
        return None if started is None or isinf(started) else started

    def _started(self) -> float | None:
        return self._reached.notes.started(self._target.name)

    def _key(self, name: str) -> CheckKey:
        return CheckKey(
            kind=Kind.TARGET, subject=self._target.name, check=name
        )
