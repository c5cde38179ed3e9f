"""A job in the words of the StoryCanvas backend's two APIs.

Raises `InvalidJob` for what an API has no word for.
"""

from collections.abc import Mapping
from dataclasses import replace

from monitor.domain.canary.job import Age, Batch, Enhance, Job, Swap, check
from monitor.domain.errors import InvalidJob


def v1(job: Job) -> tuple[str, dict[str, object]]:
    """Return the job's path and its parameters, by their names in v1."""
    match job:
        case Enhance():
            return "enhance-face", {
                "image_url": job.source_path,
                "enhancement_model": job.model,
                "face_enhancer_blend": job.blend,
            }
        case Age():
            return "adjust-face-age", {
                "image_url": job.source_path,
                "target_age": job.age,
                "face_editor_blend": job.blend,
            }
        case Swap():
            return "swap-face", {
                "source_face_url": job.source_face_path,
                "target_image_url": job.target_image_path,
                "face_swapper_model": job.model,
            }


def legacy(job: Job) -> tuple[str, dict[str, object]]:
    """Return the job's path and parameters there; blend has none."""
    match job:
        case Enhance():
            _sayable(whole=job.blend == 1.0, what="blend")
            return "enhance-face", {
                "image_url": job.source_path,
                "enhancement_model": job.model,
            }
        case Age():
            _sayable(whole=job.blend == 1.0, what="blend")
            return "adjust-face-age", {
                "image_url": job.source_path,
                "target_age": job.age,
            }
        case Swap():
            usual = job.model == "inswapper_128"
            _sayable(whole=usual, what="model but inswapper_128")
            return "swap-face", {
                "source_face_url": job.source_face_path,
                "target_image_url": job.target_image_path,
            }


def _sayable(*, whole: bool, what: str) -> None:
    if not whole:
        raise InvalidJob(
            f"cannot run this job: the backend's legacy API takes no {what};"
            " leave it out, or set backend.api to v1"
        )


def operation(one: Enhance | Age, job: Batch) -> Mapping[str, object]:
    """Return one member of a batch, all on the batch's image."""
    check(replace(one, source_path=job.image_url))
    match one:
        case Enhance():
            _sayable(whole=one.blend == 1.0, what="blend")
            said: dict[str, object] = {"enhancement_model": one.model}
            return {"type": "enhance", "image_url": job.image_url, **said}
        case Age():
            _sayable(whole=one.blend == 1.0, what="blend")
            said = {"target_age": one.age}
            return {"type": "age_adjust", "image_url": job.image_url, **said}
