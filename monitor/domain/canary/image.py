"""Whether an output image is what its job must produce.

The thresholds were measured on the two shipped portraits
(shared facts/components.md §6): an untouched copy differs by 0 inside the
face, a JPEG copy by 4, an enhanced one by 10, a swapped one by 52.
"""

from dataclasses import dataclass


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
    (0..255) inside and outside the face box. `sharpness` is the ratio of the
    Laplacian's variances inside the box, output to input. `contrast` is the
    standard deviation of the whole output.
    """

    expected_size: tuple[int, int]
    size: tuple[int, int]
    face_difference: float
    background_difference: float
    sharpness: float
    contrast: float
