"""Wires the StoryCanvas backend: a second way to a server, or a server."""

from collections.abc import Iterator

from monitor.adapters.facefusion.storycanvas import StoryCanvas, Vantage
from monitor.adapters.http.client import HttpClient
from monitor.config.sections.targets import Target
from monitor.daemon.patience import patience_of
from monitor.domain.observation import CheckKey, Kind
from monitor.engine.check import Check
from monitor.ports import Clock
from monitor.probes.backend import BackendProbe

BACKEND = "backend"
PATIENCE = 5.0
"""Seconds that the backend itself waits for the server's status.

We wait that much longer, or a hung server would look like a hung backend
(facts/facefusion.md §5.1).
"""
_SLACK = 2.0
"""Seconds beyond a probe's own timeout before the watch cuts it off."""


def second_way(target: Target, http: HttpClient) -> StoryCanvas | None:
    """Return the backend in front of a server, None without one."""
    asked = target.backend
    if asked is None:
        return None
    vantage = Vantage(
        facefusion_url="" if _is_backend(target) else target.url,
        api=asked.api,
        character_id=asked.character_id or "",
    )
    return StoryCanvas(asked.url, http, vantage)


def facefusion(target: Target, http: HttpClient) -> StoryCanvas:
    """Return a target whose own url is a backend (dialect storycanvas).

    Its section `backend`, when there is one, says which API and character
    to use; the backend chooses the server.
    """
    asked = target.backend
    vantage = Vantage(
        api=asked.api if asked else "auto",
        character_id=(asked.character_id or "") if asked else "",
    )
    return StoryCanvas(target.url, http, vantage)


def checks(
    target: Target, backend: StoryCanvas | None, clock: Clock
) -> Iterator[Check]:
    """Return the look through `second_way`'s backend, if there is one."""
    if target.backend is None or backend is None:
        return
    key = CheckKey(kind=Kind.TARGET, subject=target.name, check=BACKEND)
    within = target.status.timeout + PATIENCE
    yield Check(
        key=key,
        kind=BACKEND,
        probe=BackendProbe(key, backend, clock, within=within),
        interval=target.backend.interval,
        timeout=within,
        deadline=within + _SLACK,
        patience=patience_of(target),
    )


def _is_backend(target: Target) -> bool:
    return target.dialect == "storycanvas"
