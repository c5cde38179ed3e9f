"""The canaries' own images: two public-domain portraits, or an operator's.

Which portrait a job gets decides whether its output can be judged. Sources
and licences: monitor/portraits/README.md.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

from monitor.adapters import images
from monitor.domain.canary.image import Box
from monitor.domain.canary.plan import (
    CanaryInput,
    CanaryPlan,
    images_needed,
)
from monitor.domain.canary.reading import Operation
from monitor.domain.errors import ConfigurationError, Unreadable

SOFTENING = 1.5
"""Pixels of blur. An enhancer given a sharp portrait has nothing to add (the
guide: "don't enhance high-quality images") and would look broken; given this
one, the sharp portrait itself differs by 8.0 grey levels and is 30 times
sharper."""
_ASTRONAUT_AGE = 43
_NEAR = 15
"""Years: the guide calls a jump of 15 direct, and we need a visible one."""


def inputs_for(plan: CanaryPlan) -> tuple[CanaryInput, ...]:
    """Return the shipped images for a canary; the last one is changed."""
    match plan.operation:
        case Operation.ENHANCE:
            return (softened(),)
        case Operation.AGE:
            return (_for_age(plan.target_age),)
        case Operation.SWAP | Operation.BATCH:
            return grace_hopper(), astronaut()


@cache
def astronaut() -> CanaryInput:
    """Return Eileen Collins, 43 years old in 1999."""
    return CanaryInput(
        image=_shipped("astronaut_512.jpg"),
        face=Box(x=178, y=67, width=92, height=92),
    )


@cache
def grace_hopper() -> CanaryInput:
    """Return Grace Hopper, 77 years old in 1984."""
    return CanaryInput(
        image=_shipped("grace_hopper_512.jpg"),
        face=Box(x=152, y=102, width=228, height=228),
    )


@cache
def softened() -> CanaryInput:
    """Return the astronaut out of focus: what an enhancer is for."""
    sharp = astronaut()
    return CanaryInput(
        image=images.soften(sharp.image, SOFTENING), face=sharp.face
    )


def own_inputs(
    plan: CanaryPlan, paths: Sequence[Path]
) -> tuple[CanaryInput, ...]:
    """Return an operator's images, whose face boxes nobody knows.

    Blocks while it reads. Raises `ConfigurationError`.
    """
    needed = images_needed(plan.operation)
    if len(paths) != needed:
        raise ConfigurationError(
            f"cannot use {len(paths)} input images for canary "
            f"{plan.canary}: {plan.title} takes {needed}"
        )
    return tuple(CanaryInput(image=_own(path)) for path in paths)


def _for_age(target: int) -> CanaryInput:
    """Return the person whose face must change to reach this age."""
    near = abs(target - _ASTRONAUT_AGE) < _NEAR
    return grace_hopper() if near else astronaut()


def _shipped(name: str) -> bytes:
    return (files("monitor") / "portraits" / name).read_bytes()


def _own(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            image = file.read(images.MOST_BYTES + 1)
        images.check(image)
    except (OSError, Unreadable) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise ConfigurationError(
            f"cannot use the input image {path}: {why}"
        ) from None
    return image
