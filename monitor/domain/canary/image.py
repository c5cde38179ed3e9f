"""Whether an output image is what its job must produce.

The thresholds are those of facts/components.md §6, measured again on the
shipped portraits with Pillow (tests/adapters/test_images_verdicts.py has the
transforms). In grey levels: a recompressed copy differs by up to 5.4 inside
the face and by more than half of that outside; a restored face by 7 to 18,
an aged one by 12 to 26, a swapped one by 32 to 57, all by under 2 outside,
recompression included. Blur, brightness, noise, a shift or a wrong
orientation change the background by more than a third of the face.

Another person's face cannot be told by how much it differs: pasted in with
its colours matched it differs by 28 to 52, an honest change of age by 26.
Its coarse form tells: the same face, enhanced or aged, correlates with the
input by 0.90 to 1.0, another one by 0.13 to 0.70.
"""

from dataclasses import dataclass

from monitor.domain.canary.reading import Operation

LEAST_CONTRAST = 10.0
"""Grey levels of standard deviation; a black or grey image has 0."""
LEAST_CHANGE = {
    Operation.ENHANCE: 1.5,
    Operation.AGE: 6.0,
    Operation.SWAP: 6.0,
    Operation.BATCH: 6.0,
}
"""Grey levels by which a face must differ at blend 1.0. An enhanced face is
little else than sharper, and is asked to be that as well: the sharp portrait
differs from the softened one that is sent by 8.0, a common sharpening of it
by 1.6 to 6.1 (measured with Pillow's filters)."""
LOCALITY = 3.0
"""How many times more the face must change than the background."""
LEAST_SHARPENING = 1.2
"""Sharpness ratio of an enhanced face at blend 1.0."""
LEAST_LIKENESS = 0.8
"""Correlation under which a face is somebody else's."""
SUBTLE = 0.5
"""Below this blend a change drowns in recompression: only a copy shows."""
ANY_CHANGE = 0.05
"""Grey levels over a whole image whose face box nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A face box in pixels: left, top, width, height."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """An output image beside its input.

    Sizes are (width, height) in pixels. `face_difference` and
    `background_difference` are mean absolute differences of the grey values
    (0..255) inside and outside the face box; a collar around the box is
    neither, for models also touch hair and chin. `sharpness` is the ratio of
    the Laplacian's variances inside the box, output to input. `contrast` is
    the standard deviation of the whole output, `face_contrast` that of the
    face. `likeness` is the correlation of the coarse faces, -1 to 1.

    Without a face box `face_difference` and `sharpness` are the whole
    image's, and the other three are None. Where the sizes differ only
    `contrast` was measured and the rest is 0 or None.
    """

    expected_size: tuple[int, int]
    size: tuple[int, int]
    face_difference: float
    background_difference: float | None
    sharpness: float
    contrast: float
    face_contrast: float | None = None
    likeness: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """Why an output is none. `reason` is one word for rules."""

    reason: str
    because: str


def flaw(
    seen: Measures, *, operation: Operation, blend: float = 1.0
) -> Flaw | None:
    """Return what is wrong with an output, None when it is valid.

    The comparisons are written so that a measure that is no number (NaN)
    makes the output invalid.
    """
    return (
        _wrong_size(seen)
        or _blank(seen)
        or _unchanged(seen, operation, blend)
        or _blank_face(seen)
        or _changed_everywhere(seen, operation, blend)
        or _another_face(seen, operation)
        or _not_sharper(seen, operation, blend)
    )


def _wrong_size(seen: Measures) -> Flaw | None:
    if seen.size == seen.expected_size:
        return None
    return Flaw(
        reason="wrong_size",
        because=f"the output is {_size(seen.size)} pixels large, "
        f"the input {_size(seen.expected_size)}",
    )


def _blank(seen: Measures) -> Flaw | None:
    if seen.contrast > LEAST_CONTRAST:
        return None
    return Flaw(
        reason="blank",
        because="the output is blank: its grey values spread by "
        f"{seen.contrast:.1f} levels, not more than {LEAST_CONTRAST:g}",
    )


def _unchanged(
    seen: Measures, operation: Operation, blend: float
) -> Flaw | None:
    least = ANY_CHANGE
    if seen.background_difference is not None:
        least = LEAST_CHANGE[operation] * _strength(operation, blend)
    if seen.face_difference >= least:
        return None
    return Flaw(
        reason="unchanged",
        because="the output is unchanged: it differs from the input by "
        f"{seen.face_difference:.1f} grey levels, less than {least:.2g}",
    )


def _blank_face(seen: Measures) -> Flaw | None:
    if seen.face_contrast is None or seen.face_contrast > LEAST_CONTRAST:
        return None
    return Flaw(
        reason="blank_face",
        because="the face in the output is blank: its grey values spread by "
        f"{seen.face_contrast:.1f} levels, not more than {LEAST_CONTRAST:g}",
    )


def _changed_everywhere(
    seen: Measures, operation: Operation, blend: float
) -> Flaw | None:
    background = seen.background_difference
    if background is None or _strength(operation, blend) < SUBTLE:
        return None
    if seen.face_difference >= LOCALITY * background:
        return None
    return Flaw(
        reason="changed_everywhere",
        because="the output is changed everywhere: the face by "
        f"{seen.face_difference:.1f} grey levels, the background by "
        f"{background:.1f}, more than a third of that",
    )


def _another_face(seen: Measures, operation: Operation) -> Flaw | None:
    if operation is Operation.SWAP or seen.likeness is None:
        return None
    if seen.likeness >= LEAST_LIKENESS:
        return None
    return Flaw(
        reason="another_face",
        because="the output shows another face: it resembles the input's by "
        f"{seen.likeness:.2f}, less than {LEAST_LIKENESS:g}",
    )


def _not_sharper(
    seen: Measures, operation: Operation, blend: float
) -> Flaw | None:
    if operation is not Operation.ENHANCE or seen.likeness is None:
        return None
    if blend < SUBTLE:
        return None
    least = 1.0 + (LEAST_SHARPENING - 1.0) * blend
    if seen.sharpness >= least:
        return None
    return Flaw(
        reason="not_sharper",
        because="the output is not sharper: the face has "
        f"{seen.sharpness:.2f} times the input's detail, "
        f"less than {least:.2f}",
    )


def _strength(operation: Operation, blend: float) -> float:
    """Return how much of the model's work a job asks for; swaps: all."""
    return 1.0 if operation is Operation.SWAP else blend


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"
