"""The batch canary: several operations in one request, through the backend.

The image lies in the backend's uploads already, and its outputs stay there:
it has no route that removes them. They are compared where they can be fetched
from the backend or from the server. It is bad when the backend does not
answer, when a part fails, or when an output that was seen is none.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from monitor.domain.canary import batch, image, timing, verdict
from monitor.domain.canary.bounds import Bounds
from monitor.domain.canary.circumstances import NOTHING_KNOWN, Circumstances
from monitor.domain.canary.job import Batch
from monitor.domain.canary.plan import CanaryPlan
from monitor.domain.canary.report import reading_of
from monitor.domain.canary.verdict import Verdict
from monitor.domain.errors import (
    CannotReach,
    CannotTouch,
    InvalidJob,
    Unreadable,
)
from monitor.domain.observation import CheckKey, Observation
from monitor.domain.quote import quote
from monitor.ports import Backend, CanaryFiles, Clock, Images, Placed
from monitor.probes.observing import Found, observe

_NOTHING_PLACED = Placed(locations=())


@dataclass(slots=True)
class _Trail:
    """What a run leaves behind on its way, for the reading."""

    around: Circumstances
    duration: float | None = None
    produced: bool = False


@dataclass(eq=False, slots=True)
class BatchProbe:
    """Runs one batch through the backend.

    `files` only fetch here, the first that can: images below the address
    of the backend, and of the server.
    `around` and `on_step` are as for a canary of one job.
    """

    key: CheckKey
    plan: CanaryPlan
    job: Batch
    backend: Backend
    files: Sequence[CanaryFiles]
    images: Images
    clock: Clock
    around: Callable[[], Circumstances] = lambda: NOTHING_KNOWN
    on_step: Callable[[str], None] = lambda _: None
    bounds: Bounds = field(default_factory=Bounds)

    async def look(self) -> Observation:
        """Run the batch once and say what it showed."""
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
                produced=trail.produced,
            ),
        )

    async def _run(self, trail: _Trail) -> Verdict:
        outputs = await self._ask(trail)
        if isinstance(outputs, Verdict):
            return batch.through_backend(outputs)
        trail.produced = True
        examined = await self._examine(outputs)
        if isinstance(examined, Verdict):
            return examined
        return timing.finished(
            self.plan, trail.duration or 0.0, trail.around, unverified=examined
        )

    async def _ask(self, trail: _Trail) -> tuple[str, ...] | Verdict:
        within = self.plan.timeout
        self.on_step(self.plan.title)
        try:
            async with asyncio.timeout(within + self.bounds.slack):
                answered = await self.backend.batch(self.job, within=within)
        except InvalidJob as error:
            return verdict.invalid_job(str(error))
        except CannotReach as error:
            return verdict.no_answer(error)
        except TimeoutError:
            because = f"cannot finish the batch within {within:g} s"
            return verdict.timed_out(because)
        trail.duration = answered.duration
        return batch.read(answered, self.plan.parts)

    async def _examine(self, outputs: Sequence[str]) -> str | Verdict:
        """Return what is wrong with an output, or why nobody can tell."""
        within = self.bounds.fetch + self.bounds.compare
        self.on_step("fetching and comparing")
        try:
            async with asyncio.timeout(within):
                return await self._compare(outputs) or ""
        except Unreadable as error:
            return verdict.unreadable(str(error))
        except (CannotTouch, CannotReach) as error:
            return str(error)
        except TimeoutError:
            return f"cannot finish fetching and comparing within {within:g} s"

    async def _compare(self, outputs: Sequence[str]) -> Verdict | None:
        before = await self._fetch(self.job.image_url)
        for part, output in zip(self.plan.parts, outputs, strict=True):
            after = await self._fetch(output)
            seen = await self.images.measure(before, after, None)
            if flaw := image.flaw(seen, operation=part.operation):
                return verdict.flawed(flaw)
        return None

    async def _fetch(self, url: str) -> bytes:
        refused = CannotTouch(f"cannot fetch {quote(url)}: there is no way")
        for way in self.files:
            try:
                return await way.fetch(
                    _NOTHING_PLACED, url, within=self.bounds.fetch
                )
            except CannotTouch as error:
                refused = error
        raise refused
