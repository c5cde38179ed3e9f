"""Looks at a FaceFusion server's status endpoint, as its users reach it.

DOWN: no whole answer in time; a code other than 200, redirects included; an
error page served as 200; broken JSON that calls itself JSON; a body that
says itself that the server is in trouble.
"""

from monitor.domain.errors import CannotReach
from monitor.domain.observation import CheckKey, Observation
from monitor.domain.status import Verdict, judge_answer, judge_silence
from monitor.ports import Clock, FaceFusion
from monitor.probes.observing import observe


class StatusProbe:
    """Looks on a new connection each time, for at most `within` seconds."""

    def __init__(
        self,
        key: CheckKey,
        facefusion: FaceFusion,
        clock: Clock,
        *,
        within: float,
    ) -> None:
        self._key = key
        self._facefusion = facefusion
        self._clock = clock
        self._within = within

    async def look(self) -> Observation:
        """Look once."""
        return await observe(self._key, self._clock, self._ask())

    async def _ask(self) -> Verdict:
        dialect = self._facefusion.dialect
        try:
            answer = await self._facefusion.status(within=self._within)
        except CannotReach as error:
            return judge_silence(dialect, error)
        return judge_answer(dialect, answer)
