"""Looks at the way to a server, below HTTP: TCP, ping and certificate.

DOWN: no TCP connection, no TLS handshake, or a certificate that clients
refuse. DEGRADED: a certificate about to expire. A ping without an answer, or
one that we may not send, is neither.
"""

import asyncio
from dataclasses import dataclass

from monitor.domain.certificate import Certificate
from monitor.domain.errors import CannotReach
from monitor.domain.network import NetworkSeen, Verdict, judge_network
from monitor.domain.observation import CheckKey, Observation
from monitor.ports import Clock, Net
from monitor.probes.attempt import attempt
from monitor.probes.observing import observe

PINGS = 3
"""One lost packet is chance; blackbox_exporter sends one and says down."""
PING_WITHIN = 2.0
"""Seconds for all pings: a host that drops them must not stretch the look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Where a server is; `tls` says that it is reached over https."""

    host: str
    port: int
    tls: bool


class NetworkProbe:
    """Looks at a server's address for at most `within` seconds."""

    def __init__(
        self, key: CheckKey, way: Way, net: Net, clock: Clock, *, within: float
    ) -> None:
        self._key = key
        self._way = way
        self._net = net
        self._clock = clock
        self._within = within

    async def look(self) -> Observation:
        """Look once, at everything at the same time."""
        return await observe(self._key, self._clock, self._judge())

    async def _judge(self) -> Verdict:
        at = self._clock.now()
        return judge_network(await self._see(), at)

    async def _see(self) -> NetworkSeen:
        way, within = self._way, self._within
        pinged = self._net.ping(
            way.host, count=PINGS, within=min(within, PING_WITHIN)
        )
        tcp, ping, certificate = await asyncio.gather(
            attempt(self._net.tcp(way.host, way.port, within=within)),
            attempt(pinged),
            self._certificate(),
        )
        return NetworkSeen(
            host=way.host, tcp=tcp, ping=ping, certificate=certificate
        )

    async def _certificate(self) -> Certificate | CannotReach | None:
        way = self._way
        if not way.tls:
            return None
        return await attempt(
            self._net.certificate(way.host, way.port, within=self._within)
        )
