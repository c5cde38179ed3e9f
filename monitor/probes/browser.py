"""Looks at a server as a user's browser would, before it sends a job.

DEGRADED: the page is https and the server http, or the CORS preflight does
not allow what the page would send. No answer tells nothing about browsers:
that is for the status check.
"""

from dataclasses import dataclass

from monitor.domain.browser import (
    Verdict,
    asks,
    judge_beforehand,
    judge_preflight,
    judge_silence,
    serialized,
)
from monitor.domain.errors import CannotReach
from monitor.domain.observation import CheckKey, Observation
from monitor.ports import Clock, Preflight
from monitor.probes.observing import observe


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page's `origin`, and the address that it would call."""

    origin: str
    url: str


class BrowserProbe:
    """Asks for leave to call, for at most `within` seconds."""

    def __init__(
        self,
        key: CheckKey,
        page: Page,
        http: Preflight,
        clock: Clock,
        *,
        within: float,
    ) -> None:
        self._key = key
        self._origin = serialized(page.origin)
        self._url = page.url
        self._http = http
        self._clock = clock
        self._within = within

    async def look(self) -> Observation:
        """Look once."""
        return await observe(self._key, self._clock, self._ask())

    async def _ask(self) -> Verdict:
        known = judge_beforehand(self._origin, self._url)
        if known is not None:
            return known
        try:
            answer = await self._http.preflight(
                self._url, headers=asks(self._origin), within=self._within
            )
        except CannotReach as error:
            return judge_silence(self._origin, error)
        return judge_preflight(self._origin, answer)
