"""The canary: gives the server a job and looks at what comes back.

It places its images, sends the job, fetches the output, compares it, and
removes what it left on the server, whatever happened before. It is DOWN when
the job fails, misses its hard deadline or yields no valid output.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from monitor.domain.answer import Answer
from monitor.domain.canary import answer, image, timing, verdict
from monitor.domain.canary.bounds import Bounds
from monitor.domain.canary.circumstances import NOTHING_KNOWN, Circumstances
from monitor.domain.canary.image import Measures
from monitor.domain.canary.plan import CanaryInput, CanaryPlan, job_for
from monitor.domain.canary.report import reading_of
from monitor.domain.canary.verdict import Verdict
from monitor.domain.errors import (
    CannotReach,
    CannotTouch,
    InvalidJob,
    Unreadable,
)
from monitor.domain.observation import CheckKey, Observation
from monitor.ports import CanaryFiles, Clock, FaceFusion, Images, Placed
from monitor.probes.observing import Found, observe


@dataclass(slots=True)
class _Trail:
    """What a run leaves behind on its way, for the reading and the clean."""

    around: Circumstances
    duration: float | None = None
    output: str | None = None


@dataclass(eq=False, slots=True)
class CanaryProbe:
    """Runs one canary on one server.

    The last of `inputs` is the image that the job changes. `around` tells
    what is known of the server as a run begins. `on_step` hears what is
    being done, for people who wait.
    """

    key: CheckKey
    plan: CanaryPlan
    facefusion: FaceFusion
    files: CanaryFiles
    images: Images
    clock: Clock
    inputs: Sequence[CanaryInput]
    around: Callable[[], Circumstances] = lambda: NOTHING_KNOWN
    on_step: Callable[[str], None] = lambda _: None
    bounds: Bounds = field(default_factory=Bounds)
    _cleaning: set[asyncio.Task[str]] = field(default_factory=set, init=False)

    async def look(self) -> Observation:
        """Run the canary once and say what it showed."""
        return await observe(self.key, self.clock, self._find(), "canary")

    async def _find(self) -> Found:
        trail = _Trail(around=self.around())
        reached = await self._run(trail)
        return Found(
            health=reached.health,
            because=reached.because,
            reason=reached.reason,
            reading=reading_of(
                self.plan,
                trail.around,
                reached,
                duration=trail.duration,
                produced=trail.output is not None,
            ),
        )

    async def _run(self, trail: _Trail) -> Verdict:
        try:
            placed = await self._place()
        except (CannotTouch, CannotReach, TimeoutError) as error:
            within = self.bounds.place
            return verdict.not_placed(_because(error, "uploading", within))
        try:
            reached = await self._produce(placed, trail)
        finally:
            left = await self._clean(placed, trail.output)
        return replace(reached, because=reached.because + left)

    async def _place(self) -> Placed:
        self.on_step("uploading")
        within = self.bounds.place
        given = [one.image for one in self.inputs]
        async with self._at_most(within):
            return await self.files.place(given, within=within)

    async def _produce(self, placed: Placed, trail: _Trail) -> Verdict:
        """Have the job done, and judge what comes of it."""
        try:
            answered = await self._ask(placed)
        except InvalidJob as error:
            return verdict.invalid_job(str(error))
        except CannotReach as error:
            return verdict.no_answer(error)
        except TimeoutError as error:
            plan = self.plan
            return verdict.timed_out(_because(error, plan.title, plan.timeout))
        trail.duration = answered.duration
        said = answer.read(answered)
        if isinstance(said, Verdict):
            return said
        trail.output = said
        examined = await self._examine(placed, said)
        if isinstance(examined, Verdict):
            return examined
        return timing.finished(
            self.plan, answered.duration, trail.around, unverified=examined
        )

    async def _ask(self, placed: Placed) -> Answer:
        job = job_for(self.plan, placed.locations)
        self.on_step(self.plan.title)
        async with self._at_most(self.plan.timeout):
            return await self.facefusion.run(job, within=self.plan.timeout)

    async def _examine(self, placed: Placed, output: str) -> str | Verdict:
        """Return what is wrong with the output, or why nobody can tell."""
        try:
            seen = await self._compare(await self._fetch(placed, output))
            if flaw := self._flaw(seen):
                return verdict.flawed(flaw)
        except Unreadable as error:
            return verdict.unreadable(str(error))
        except (CannotTouch, CannotReach, TimeoutError) as error:
            within = self.bounds.fetch
            return _because(error, "fetching and comparing", within)
        return ""

    async def _fetch(self, placed: Placed, output: str) -> bytes:
        self.on_step("fetching")
        within = self.bounds.fetch
        async with self._at_most(within):
            return await self.files.fetch(placed, output, within=within)

    async def _compare(self, output: bytes) -> Measures:
        self.on_step("comparing")
        given = self.inputs[-1]
        async with self._at_most(self.bounds.compare):
            return await self.images.measure(given.image, output, given.face)

    def _flaw(self, seen: Measures) -> image.Flaw | None:
        plan = self.plan
        return image.flaw(seen, operation=plan.operation, blend=plan.blend)

    async def _clean(self, placed: Placed, output: str | None) -> str:
        """Clean up to the end, also when this look is being cut off."""
        task = asyncio.ensure_future(self._clean_up(placed, output))
        self._cleaning.add(task)
        task.add_done_callback(self._cleaning.discard)
        return await asyncio.shield(task)

    async def _clean_up(self, placed: Placed, output: str | None) -> str:
        """Return what to say about it: nothing when all is gone."""
        within = self.bounds.clean
        try:
            async with self._at_most(within):
                await self.files.clean(placed, output, within=within)
        except (CannotTouch, CannotReach, TimeoutError) as error:
            return "; " + _because(error, "cleaning up", within)
        return ""

    def _at_most(self, within: float) -> asyncio.Timeout:
        return asyncio.timeout(within + self.bounds.slack)


def _because(error: Exception, step: str, within: float) -> str:
    """Return what ended a step: the error's own words, or its deadline."""
    if isinstance(error, TimeoutError):
        return f"cannot finish {step} within {within:g} s"
    return str(error)
