"""The layers of the checklist, each as soon as its looks are there."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from monitor.config.sections.targets import Target
from monitor.daemon.first_looks import FirstLooks
from monitor.daemon.networks import BROWSER, CONTROL, NETWORK, way_to
from monitor.domain.checklist.facts import facts_of
from monitor.domain.checklist.line import (
    Layer,
    Line,
    line_of,
    not_configured,
)
from monitor.domain.checklist.machine import machine_lines
from monitor.domain.checklist.way import network_lines, tls_line
from monitor.domain.health import Health
from monitor.engine.board import STATUS
from monitor.probes.cuda import CudaLook

_HOST = "targets[].host, and hosts[]"
_SERVICE = "targets[].service, and targets[].host"
_SETTINGS = {
    "browser": "targets[].browser.origin",
    "backend": "targets[].backend.url",
    "process": _SERVICE,
    "logs": _SERVICE,
    "jobs": _SERVICE,
    "gpu": _HOST,
}
_LAYER = {"logs": "log"}
"""Layers that are not called as their check is."""


class Checklist:
    """What there is to tell of one target, in the guide's order."""

    def __init__(
        self, target: Target, looks: FirstLooks, cuda: CudaLook | None
    ) -> None:
        self._target = target
        self._looks = looks
        self._cuda = cuda

    async def layers(self) -> AsyncIterator[Layer]:
        """Yield every layer up to the canary."""
        yield await self._network()
        if urlsplit(self._target.url).scheme == "https":
            yield await self._tls()
        yield await self._api()
        for check in (BROWSER, "backend"):
            yield await self._one(check)
        yield await self._machine()
        for check in ("process", "logs", "jobs", "gpu"):
            yield await self._one(check)
        yield await self._of_cuda()

    async def _network(self) -> Layer:
        lines: list[Line] = []
        ours = await self._looks.seen(CONTROL)
        if ours is not None:
            lines.append(line_of(ours))
        seen = await self._looks.seen(NETWORK)
        if seen is not None:
            way = way_to(self._target.url)
            lines += network_lines(seen, f"{way.host}:{way.port}")
        return Layer(name="network", lines=tuple(lines))

    async def _tls(self) -> Layer:
        seen = await self._looks.seen(NETWORK)
        lines = () if seen is None else (tls_line(seen),)
        return Layer(name="tls", lines=lines)

    async def _api(self) -> Layer:
        seen = await self._looks.seen(STATUS)
        if seen is not None:
            return Layer(name="api", lines=(line_of(seen),))
        line = Line(
            check=STATUS,
            health=Health.UNKNOWN,
            because="cannot look: dialect"
            f" {self._target.dialect} is not spoken yet",
            reason="dialect",
        )
        return Layer(name="api", lines=(line,))

    async def _machine(self) -> Layer:
        seen = await self._looks.seen("host")
        if seen is None:
            return Layer(name="machine", lines=(not_configured("ssh", _HOST),))
        return Layer(name="machine", lines=machine_lines(seen))

    async def _one(self, check: str) -> Layer:
        seen = await self._looks.seen(check)
        line = not_configured(check, _SETTINGS[check])
        if seen is not None:
            line = line_of(seen, facts_of(seen))
        return Layer(name=_LAYER.get(check, check), lines=(line,))

    async def _of_cuda(self) -> Layer:
        """Look after the process: the gate of a busy machine is slow."""
        if self._cuda is None:
            line = not_configured("cuda", _SERVICE)
        else:
            line = await self._cuda.look()
        return Layer(name="cuda", lines=(line,))
