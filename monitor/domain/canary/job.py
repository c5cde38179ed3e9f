"""The jobs of the guide's API, with its parameters and ranges."""

from dataclasses import dataclass


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


Job = Enhance | Age | Swap
