"""Looks at a server through the StoryCanvas backend, as its users do.

DEGRADED: the backend says that the server is offline, fails itself, or gives
no answer. UNKNOWN: it refuses how we ask, which is our fault.
"""

from monitor.domain.backend import Verdict, judge_answer, judge_silence
from monitor.domain.errors import CannotReach
from monitor.domain.observation import CheckKey, Observation
from monitor.ports import Backend, Clock
from monitor.probes.observing import observe


class BackendProbe:
    """Asks the backend, for at most `within` seconds."""

    def __init__(
        self, key: CheckKey, backend: Backend, clock: Clock, *, within: float
    ) -> None:
        self._key = key
        self._backend = backend
        self._clock = clock
        self._within = within

    async def look(self) -> Observation:
        """Look once."""
        return await observe(self._key, self._clock, self._ask())

    async def _ask(self) -> Verdict:
        try:
            answer = await self._backend.status(within=self._within)
        except CannotReach as error:
            return judge_silence(self._backend.api, error)
        return judge_answer(self._backend.api, answer)
