"""Diagnosing one server without a daemon: what `diagnose` does."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import chain

from monitor.config import Settings
from monitor.config.sections.targets import Target
from monitor.daemon.checklist import Checklist
from monitor.daemon.first_looks import FirstLooks
from monitor.daemon.house import House, build
from monitor.daemon.listen import listen, place
from monitor.daemon.once import images_only, known
from monitor.daemon.server import serving
from monitor.daemon.services import TIMEOUT, asked_for
from monitor.domain.checklist.facts import facts_of
from monitor.domain.checklist.line import (
    Layer,
    Line,
    line_of,
    not_configured,
)
from monitor.domain.diagnosis.diagnose import certainly, diagnose
from monitor.domain.diagnosis.diagnosis import Diagnosis
from monitor.domain.diagnosis.following import DOUBT
from monitor.domain.health import Health
from monitor.domain.observation import Observation
from monitor.domain.status import StatusReading
from monitor.engine.board import STATUS
from monitor.engine.check import Check
from monitor.engine.evidence import CANARY
from monitor.probes.cuda import CudaLook

SECOND_LOOK = 1.0
"""Seconds between two looks that tell how much CPU a process uses."""
ASK_AGAIN = 2.0
"""Seconds between two looks that a diagnosis asks for."""
BESIDE = 2.0
"""Seconds between two looks at GPU and process while a canary runs."""
STARTING = "starting"
_AFTER_BAD_CANARY = ("status", "network", "process", "gpu", "host")
_EXAMPLE = "targets[].canaries, e.g. [{operation: enhance, model: gfpgan_1.4}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosed:
    """A target at the Unix time `at`: the checklist, and what it means."""

    target: str
    url: str
    at: float
    layers: tuple[Layer, ...]
    diagnosis: Diagnosis


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Hears each layer as soon as it is known, and what is being done."""

    layer: Callable[[Layer], None]
    step: Callable[[str], None]


async def diagnose_once(
    settings: Settings, target: str, telling: Telling, *, canary: bool = True
) -> Diagnosed:
    """Go through the checklist and say what it means.

    Raises `NotConfigured` for a name that is no target.
    """
    found = {one.name: one for one in settings.targets}
    known("target", target, found)
    asked = found[target]
    async with _house(settings, asked, telling, canary=canary) as house:
        looks = FirstLooks(house, target, canary=canary)
        return await _Examination(house, asked, telling, looks).run(
            canary=canary
        )


@asynccontextmanager
async def _house(
    settings: Settings, target: Target, telling: Telling, *, canary: bool
) -> AsyncIterator[House]:
    """Wire a house; a canary's images are served where they go by URL."""
    if not canary or target.canary_files.via != "url":
        house = build(settings, on_step=telling.step)
        try:
            yield house
        finally:
            await house.close()
        return
    address, _ = settings.server.listen
    sock = listen(address, 0)
    url = f"http://{place(address, sock.getsockname()[1])}"
    house = build(settings, public_url=url, on_step=telling.step)
    try:
        async with serving(images_only(house), sock):
            yield house
    finally:
        await house.close()
        sock.close()


class _Examination:
    """One target's way through the checklist."""

    def __init__(
        self,
        house: House,
        target: Target,
        telling: Telling,
        looks: FirstLooks,
    ) -> None:
        self._house = house
        self._target = target
        self._telling = telling
        self._looks = looks
        self._layers: list[Layer] = []

    async def run(self, *, canary: bool) -> Diagnosed:
        at = self._house.clock.now()
        self._telling.step("looking")
        try:
            self._looks.begin()
            checklist = Checklist(self._target, self._looks, self._cuda())
            async for layer in checklist.layers():
                self._tell(layer)
        finally:
            await self._looks.end()
        await self._look_twice()
        self._tell(await self._canary(wanted=canary))
        diagnosis = await self._weigh()
        if again := tuple(self._again()):
            self._tell(Layer(name="again", lines=again))
        return Diagnosed(
            target=self._target.name,
            url=self._target.url,
            at=at,
            layers=tuple(self._layers),
            diagnosis=diagnosis,
        )

    def _tell(self, layer: Layer) -> None:
        self._layers.append(layer)
        self._telling.layer(layer)

    def _cuda(self) -> CudaLook | None:
        target = self._target
        machine = self._house.parts.machines.get(target.host or "")
        if target.service is None or machine is None:
            return None
        return CudaLook(
            machine.gate,
            self._house.clock,
            asked=asked_for(target, target.service),
            within=TIMEOUT,
        )

    async def _look_twice(self) -> None:
        """Look at the process once more where the server is not well."""
        status = await self._looks.seen(STATUS)
        if status is None or status.health is Health.HEALTHY:
            return
        if "process" in self._looks.checks:
            self._telling.step("looking at the process once more")
            await asyncio.sleep(SECOND_LOOK)
            await self._looks.look_again("process")

    async def _canary(self, *, wanted: bool) -> Layer:
        check = self._looks.canary
        if not wanted:
            line = _not_run(CANARY, "left_out", "left out (--no-canary)")
        elif check is None:
            line = not_configured(CANARY, _EXAMPLE)
        elif await self._is_silent():
            because = "not run: the server gives no answer to its status"
            line = _not_run(check.key.check, "held", because)
        else:
            line = line_of(await self._run_canary(check))
        return Layer(name="canary", lines=(line,))

    async def _is_silent(self) -> bool:
        status = await self._looks.seen(STATUS)
        if status is None or status.health is not Health.UNHEALTHY:
            return False
        reading = status.reading
        return not isinstance(reading, StatusReading) or reading.code is None

    async def _run_canary(self, check: Check) -> Observation:
        """Run it, look beside it, and see what a bad one leaves."""
        beside = asyncio.create_task(self._beside())
        try:
            seen = await self._looks.look(check)
        finally:
            beside.cancel()
            await asyncio.wait({beside})
        if seen.health is not Health.HEALTHY:
            self._telling.step("looking at what the canary has left behind")
            await self._looks.look_again(*_AFTER_BAD_CANARY)
            await self._looks.look_again("logs", "jobs")
        return seen

    async def _beside(self) -> None:
        while True:
            await asyncio.sleep(BESIDE)
            await self._looks.look_at("gpu", "process")

    async def _weigh(self) -> Diagnosis:
        """Return the diagnosis, once its doubts were looked at again.

        A start is followed, too: it is over soon, or ends as those before.
        """
        clock = self._house.clock
        begun = clock.monotonic()
        found = diagnose(self._looks.case())
        while (names := _open(found)) and clock.monotonic() - begun < DOUBT:
            named = ", ".join(names)
            self._telling.step(f"{found.cause}? looking at {named} again")
            await asyncio.sleep(ASK_AGAIN)
            await self._looks.look_again(*names)
            found = diagnose(self._looks.case())
        return certainly(self._looks.case()) if found.wants else found

    def _again(self) -> Iterator[Line]:
        for looks in self._looks.again.values():
            last = looks[-1]
            times = f"looked at {len(looks)} times more, the last of them here"
            facts = chain((times,) if len(looks) > 1 else (), facts_of(last))
            yield line_of(last, facts)


def _open(found: Diagnosis) -> tuple[str, ...]:
    """Return what to look at again before a diagnosis is believed."""
    if found.cause == STARTING:
        return (STATUS, "process", "logs")
    if not found.wants:
        return ()
    return tuple(dict.fromkeys((STATUS, *found.wants)))


def _not_run(check: str, reason: str, because: str) -> Line:
    return Line(
        check=check, health=Health.UNKNOWN, because=because, reason=reason
    )
