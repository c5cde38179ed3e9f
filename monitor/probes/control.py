"""Looks at addresses that should always answer, to tell us from them.

DOWN: none of them answers, not even by refusing.
"""

import asyncio
from collections.abc import Mapping, Sequence

from monitor.domain.control import judge_control
from monitor.domain.errors import CannotReach
from monitor.domain.observation import CheckKey, Observation
from monitor.ports import Clock, Net
from monitor.probes.attempt import attempt


class ControlProbe:
    """Connects to every address at once, for at most `within` seconds."""

    def __init__(
        self,
        key: CheckKey,
        addresses: Sequence[tuple[str, int]],
        net: Net,
        clock: Clock,
        *,
        within: float,
    ) -> None:
        self._key = key
        self._addresses = addresses
        self._net = net
        self._clock = clock
        self._within = within

    async def look(self) -> Observation:
        """Look once."""
        at, begun = self._clock.now(), self._clock.monotonic()
        verdict = judge_control(await self._try())
        return Observation(
            key=self._key,
            probe="control",
            at=at,
            duration=self._clock.monotonic() - begun,
            health=verdict.health,
            because=verdict.because,
            reason=verdict.reason,
        )

    async def _try(self) -> Mapping[str, float | CannotReach]:
        tried = await asyncio.gather(
            *(
                attempt(self._net.tcp(host, port, within=self._within))
                for host, port in self._addresses
            )
        )
        names = [_shown(host, port) for host, port in self._addresses]
        return dict(zip(names, tried, strict=True))


def _shown(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
