"""The system's own network, as `monitor.ports.Net`."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from monitor.adapters.http.dial import Dialer
from monitor.adapters.http.flaws import (
    FAILURES,
    flaw_of,
    no_answer,
    overdue,
    unresolved,
)
from monitor.adapters.http.names import Resolve, SystemNames, literal
from monitor.adapters.http.stopwatch import Stopwatch
from monitor.adapters.net import ping as icmp
from monitor.adapters.net.certificate import read_certificate
from monitor.adapters.net.trust import curious, trusting
from monitor.domain.certificate import Certificate
from monitor.domain.errors import CannotReach, Unreadable
from monitor.domain.network import Pinged


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """One way to a server, with its watch and its end."""

    host: str
    port: int
    dialer: Dialer

    async def shake_hands(self, trust: ssl.SSLContext) -> bytes:
        """Return the certificate that the server presents, in DER form."""
        sock = await self.dialer.reach(self.host, self.port)
        try:
            _, writer = await asyncio.open_connection(
                sock=sock, ssl=trust, server_hostname=self.host
            )
        except BaseException:
            sock.close()
            raise
        self.dialer.watch.reached("tls")
        presented = writer.get_extra_info("ssl_object")
        writer.transport.abort()  # a polite close may wait for the server
        der: bytes | None = presented.getpeercert(binary_form=True)
        return der or b""


class SystemNet:
    """Looks from this machine. Names are resolved off the event loop.

    `ca_file` holds the CAs to believe, the machine's when it is None.
    """

    def __init__(
        self, *, resolve: Resolve | None = None, ca_file: str | None = None
    ) -> None:
        self._resolve = resolve or SystemNames()
        self._ca_file = ca_file
        self._trust: ssl.SSLContext | None = None

    async def tcp(self, host: str, port: int, *, within: float) -> float:
        """Return the seconds of a TCP handshake. Raises `CannotReach`."""
        async with self._calling(host, port, within) as call:
            sock = await call.dialer.reach(host, port)
            sock.close()
        return call.dialer.watch.phases.connect or 0.0

    async def ping(self, host: str, *, count: int, within: float) -> Pinged:
        """Return what came back of `count` pings. Raises `CannotReach`."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + within
        async with self._calling(host, 0, within) as call:
            address = await self._address(host)
            call.dialer.watch.reached("resolve")
        left = ends - loop.time()
        return await icmp.ping(address, count=count, within=left)

    async def certificate(
        self, host: str, port: int, *, within: float
    ) -> Certificate:
        """Return what a TLS server presents. Raises `CannotReach`.

        A server that we do not believe is asked once more, without trust.
        """
        async with self._calling(host, port, within) as call:
            trust = await self._trusting()
            try:
                der, flaw = await call.shake_hands(trust), ""
            except ssl.SSLCertVerificationError as error:
                der, flaw = await call.shake_hands(curious()), _why(error)
        try:
            return read_certificate(der, flaw=flaw)
        except Unreadable as error:
            raise CannotReach(str(error), reason="tls") from None

    async def _trusting(self) -> ssl.SSLContext:
        """Build the context once, off the loop: it reads all the CAs."""
        if self._trust is None:
            self._trust = await asyncio.to_thread(trusting, self._ca_file)
        return self._trust

    async def _address(self, host: str) -> str:
        """Return one address of a host, as text."""
        address = literal(host, 0)
        found = [address] if address else await self._resolve(host, 0)
        if not found:
            raise unresolved("known, but has no address")
        return str(found[0][1][0])

    @asynccontextmanager
    async def _calling(
        self, host: str, port: int, within: float
    ) -> AsyncIterator[_Call]:
        """Bound a call in time and turn its failure into `CannotReach`."""
        watch = Stopwatch()
        try:
            async with asyncio.timeout(within) as timer:
                dialer = Dialer(
                    resolve=self._resolve,
                    trust=None,
                    watch=watch,
                    deadline=timer.when() or 0.0,
                )
                yield _Call(host=host, port=port, dialer=dialer)
        except FAILURES as error:
            late = isinstance(error, TimeoutError) and timer.expired()
            flaw = overdue(watch.phases, within) if late else flaw_of(error)
            raise no_answer(_shown(host, port), flaw, watch.phases) from None


def _shown(host: str, port: int) -> str:
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{port}" if port else host


def _why(error: ssl.SSLCertVerificationError) -> str:
    return str(getattr(error, "verify_message", "") or error)
