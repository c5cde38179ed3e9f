"""Wires a FaceFusion server: its dialect, its status check, its canaries."""

from collections.abc import Iterator

from monitor.adapters.facefusion.rest import Rest
from monitor.adapters.http.client import HttpClient
from monitor.config.sections.targets import Target
from monitor.daemon import canaries
from monitor.daemon.tools import Tools
from monitor.domain import fleet
from monitor.domain.judgement import Patience
from monitor.domain.observation import CheckKey, Kind
from monitor.engine.board import STATUS
from monitor.engine.check import Check
from monitor.ports import FaceFusion
from monitor.probes.status import StatusProbe

SPOKEN = ("rest", "auto")
"""Dialects; until others are recognised, auto is the guide's."""
_SLACK = 2.0
"""Seconds beyond a probe's own timeout before the watch cuts it off."""


def facts(target: Target) -> fleet.Target:
    """Return what the outputs say about a target."""
    return fleet.Target(
        name=target.name,
        url=target.url,
        dialect=target.dialect,
        host=target.host or "",
        labels=tuple(target.labels.items()),
    )


def checks(target: Target, tools: Tools) -> Iterator[Check]:
    """Return a target's checks: the status, then its canaries.

    A server of a dialect that we do not speak yet has none: asked in
    another dialect it would look down. The daemon says so at start.
    """
    if target.dialect not in SPOKEN:
        return
    http = HttpClient(target.url)
    facefusion = Rest(target.url, http)
    yield _status(target, facefusion, tools)
    yield from canaries.checks(target, facefusion, http, tools)


def _status(target: Target, facefusion: FaceFusion, tools: Tools) -> Check:
    key = CheckKey(kind=Kind.TARGET, subject=target.name, check=STATUS)
    asked = target.status
    return Check(
        key=key,
        kind="status",
        probe=StatusProbe(key, facefusion, tools.clock, within=asked.timeout),
        interval=asked.interval,
        timeout=asked.timeout,
        deadline=asked.timeout + _SLACK,
        patience=Patience(
            failures=asked.failures,
            successes=asked.successes,
            confirm_interval=asked.confirm_interval,
        ),
    )
