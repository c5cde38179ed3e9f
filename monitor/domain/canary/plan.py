"""What one canary does, and against what it is compared."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from monitor.domain.canary import benchmark, job
from monitor.domain.canary.image import Box
from monitor.domain.canary.job import Age, Enhance, Job, Swap
from monitor.domain.canary.reading import Operation
from monitor.domain.errors import InvalidJob


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One operation of a batch; what does not apply to it is ignored."""

    operation: Operation
    model: str = ""
    target_age: int = 25
    blend: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryPlan:
    """One canary's settings.

    `canary` is its name without the `canary.` of its check. `model` is empty
    for age; `target_age` is in years and for age alone. `timeout` is the
    hard deadline of the job in seconds. `low` and `high` override the
    benchmark's seconds. `factor` says how the GPU compares with an RTX 3090,
    None when nobody said; a run is slow above high * factor * tolerance.
    `verifiable` is False where no output ever can be fetched: then a job
    that is done is all the health there is. `parts` are the jobs of a batch.
    """

    canary: str
    operation: Operation
    model: str = ""
    blend: float = 1.0
    target_age: int = 25
    timeout: float
    low: float | None = None
    high: float | None = None
    factor: float | None = None
    tolerance: float = 1.5
    verifiable: bool = True
    parts: tuple[Part, ...] = ()

    @property
    def benchmark(self) -> tuple[float, float] | None:
        """Return the (low, high) seconds this canary is compared with."""
        if self.parts:
            table = benchmark.summed(
                (part.operation, part.model) for part in self.parts
            )
        else:
            table = benchmark.bounds(self.operation, self.model)
        return benchmark.overridden(table, low=self.low, high=self.high)

    @property
    def title(self) -> str:
        """Return `enhance gfpgan_1.4` or `age 45`, for people."""
        detail = self.model
        if self.operation is Operation.AGE:
            detail = str(self.target_age)
        return f"{self.operation.value} {detail}".strip()

    @property
    def too_long(self) -> float:
        """Return the seconds over which the guide calls the server sick."""
        return benchmark.TOO_LONG * max(1, len(self.parts))

    def ratio(self, duration: float | None) -> float | None:
        """Return a run's seconds beside the high bound, None without."""
        if duration is None or self.benchmark is None:
            return None
        return benchmark.ratio(duration, self.benchmark[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryInput:
    """One input image, and where its face is when we know."""

    image: bytes = field(repr=False)
    face: Box | None = None


def default_name(operation: Operation, model: str) -> str:
    """Return the name of a canary that sets none: `enhance-gfpgan_1.4`."""
    return f"{operation.value}-{model}" if model else operation.value


def check_name(plan: CanaryPlan) -> str:
    """Return the name of a canary's check."""
    return f"canary.{plan.canary}"


def images_needed(operation: Operation) -> int:
    """Return how many images a job takes; the last one is changed."""
    return 2 if operation is Operation.SWAP else 1


def job_for(plan: CanaryPlan, locations: Sequence[str]) -> Job:
    """Return the job on images at these locations, checked.

    Raises `InvalidJob`.
    """
    if len(locations) != images_needed(plan.operation):
        raise InvalidJob(
            f"cannot run {plan.title} on {len(locations)} images: it takes "
            f"{images_needed(plan.operation)}"
        )
    made = _job(plan, locations)
    job.check(made)
    return made


def _job(plan: CanaryPlan, locations: Sequence[str]) -> Job:
    match plan.operation:
        case Operation.ENHANCE:
            return Enhance(
                source_path=locations[0], model=plan.model, blend=plan.blend
            )
        case Operation.AGE:
            return Age(
                source_path=locations[0],
                age=plan.target_age,
                blend=plan.blend,
            )
        case Operation.SWAP:
            return Swap(
                source_face_path=locations[0],
                target_image_path=locations[1],
                model=plan.model,
            )
        case _:
            raise InvalidJob(
                f"cannot run a {plan.title} as one job: it goes through the "
                "backend"
            )
