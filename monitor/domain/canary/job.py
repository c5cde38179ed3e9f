"""The jobs of the guide's API, with its parameters and ranges."""

from dataclasses import dataclass

from monitor.domain.canary import paths
from monitor.domain.errors import InvalidJob

ENHANCE_MODELS = ("gfpgan_1.4", "codeformer", "restoreformer_plus_plus")
SWAP_MODELS = ("inswapper_128", "inswapper_256")
OLDEST = 100
"""The guide's `face_editor_age` is 0 to 100 years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enhance:
    """Enhance the face in one image. `blend` is 0.0 to 1.0."""

    source_path: str
    model: str = "gfpgan_1.4"
    blend: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """Change a face's age. `age` is 0 to 100 years, `blend` 0.0 to 1.0."""

    source_path: str
    age: int = 25
    blend: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """Put the source's face into the target image."""

    source_face_path: str
    target_image_path: str
    model: str = "inswapper_128"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Several operations on one image, through the backend's legacy route.

    `image_url` lies below the backend's own uploads, `character_id` is one
    of its characters.
    """

    character_id: str
    image_url: str
    operations: tuple[Enhance | Age, ...]


Job = Enhance | Age | Swap


def check(job: Job) -> None:
    """Raise `InvalidJob` for a parameter that the guide does not allow."""
    for flaw in _flaws(job):
        if flaw:
            name = type(job).__name__.lower()
            raise InvalidJob(f"cannot run this {name} job: {flaw}")


def _flaws(job: Job) -> tuple[str | None, ...]:
    if isinstance(job, Swap):
        return (
            _path("source_face_path", job.source_face_path),
            _path("target_image_path", job.target_image_path),
            _model(job.model, SWAP_MODELS),
        )
    source = _path("source_path", job.source_path)
    if isinstance(job, Age):
        return source, _age(job.age), _blend(job.blend)
    return source, _model(job.model, ENHANCE_MODELS), _blend(job.blend)


def _path(name: str, path: object) -> str | None:
    flaw = paths.flaw(path)
    return flaw and f"{name} cannot be used, {flaw}"


def _model(model: object, known: tuple[str, ...]) -> str | None:
    if model in known:
        return None
    return f"the model {_shown(model)} is none of {', '.join(known)}"


def _blend(blend: object) -> str | None:
    if (
        isinstance(blend, int | float)
        and not isinstance(blend, bool)
        and 0.0 <= blend <= 1.0
    ):
        return None
    return f"the blend {_shown(blend)} is no number from 0.0 to 1.0"


def _age(age: object) -> str | None:
    if (
        isinstance(age, int)
        and not isinstance(age, bool)
        and 0 <= age <= OLDEST
    ):
        return None
    return f"the age {_shown(age)} is no whole number from 0 to {OLDEST}"


def _shown(value: object) -> str:
    return ascii(value)[:60]
