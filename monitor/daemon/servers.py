"""Wires a FaceFusion server: its dialect, its status check, its canaries."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from monitor.adapters.facefusion.rest import Rest
from monitor.adapters.http.client import HttpClient
from monitor.config.sections.targets import Target
from monitor.daemon import backends, canaries, networks, services
from monitor.daemon.patience import patience_of
from monitor.daemon.tools import Tools
from monitor.domain import fleet
from monitor.domain.observation import CheckKey, Kind
from monitor.engine.board import STATUS
from monitor.engine.check import Check
from monitor.ports import FaceFusion
from monitor.probes.status import StatusProbe

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
        gpus=() if target.gpus == "all" else tuple(target.gpus),
        manager=target.service.manager if target.service else "",
        start_grace=target.start_grace,
        busy_limit=target.status.busy_limit,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wired:
    """A server's checks, and what to close when they are done."""

    checks: tuple[Check, ...]
    clients: tuple[HttpClient, ...]

    async def close(self) -> None:
        """Close what only this server used."""
        for client in self.clients:
            await client.close()


def wire(
    target: Target,
    tools: Tools,
    client: Callable[[str], HttpClient] = HttpClient,
) -> Wired:
    """Return a target's checks: those below HTTP, its status, its canaries.

    A server of a dialect that we do not speak yet is only looked at from
    below: asked in another dialect it would look down. The daemon says so
    at start. `client` makes what asks below an address. Raises
    `ConfigurationError`.
    """
    http = client(target.url)
    behind = client(target.backend.url) if target.backend else None
    return Wired(
        checks=tuple(_checks(target, http, behind, tools)),
        clients=(http,) if behind is None else (http, behind),
    )


def _checks(
    target: Target, http: HttpClient, behind: HttpClient | None, tools: Tools
) -> Iterator[Check]:
    facefusion = _spoken(target, http)
    if facefusion is not None:
        yield _status(target, facefusion, tools)
    yield networks.network_check(target, tools.clock, tools.net)
    yield from services.checks(target, tools)
    if facefusion is None:
        return
    yield from networks.browser_checks(target, tools.clock, http)
    backend = backends.second_way(target, behind) if behind else None
    yield from backends.checks(target, backend, tools.clock)
    extras = canaries.Extras(backend=backend, backend_http=behind)
    yield from canaries.checks(target, facefusion, http, tools, extras)


def _spoken(target: Target, http: HttpClient) -> FaceFusion | None:
    """Return the server in its dialect, None for one we do not speak.

    Until others are recognised, auto is the guide's.
    """
    match target.dialect:
        case "rest" | "auto":
            return Rest(target.url, http)
        case "storycanvas":
            return backends.facefusion(target, http)
        case _:
            return None


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
        patience=patience_of(target),
    )
