"""What the simulated FaceFusion does to images, for real but in small.

Each function changes the face and nothing else, so far that an honest
check of the output passes and an untouched copy does not.
"""

import io

from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageStat

from monitor.domain.canary.image import Box
from monitor.domain.errors import Unreadable
from monitor.simulator.images.faces import cut, find_face, oval

_DIFFERENCE = {
    "gfpgan_1.4": 13.0,
    "codeformer": 15.0,
    "restoreformer_plus_plus": 17.0,
}
"""Mean grey difference in the face box at blend 1 (facts say 10 enhanced)."""
_PRIME_OF_LIFE = 30
_PIXELS = 40_000_000
_GAIN = (0.5, 8.0)
_SUFFIXES = {b"\xff\xd8": ".jpg", b"RIFF": ".webp"}


def enhance(data: bytes, *, model: str, blend: float) -> bytes:
    """Return the image with more detail in its face."""
    image = _read(data)
    box = find_face(image)
    face = cut(image, box)
    detailed = face.filter(
        ImageFilter.UnsharpMask(radius=max(1.0, box.width / 60), percent=200)
    )
    sharp = _reach(face, detailed, oval(box), _DIFFERENCE[model])
    return _write(_put(image, box, sharp, blend))


def change_age(data: bytes, *, age: int, blend: float) -> bytes:
    """Return the image with a face grown older or younger."""
    image = _read(data)
    box = find_face(image)
    face = cut(image, box)
    years = age - _PRIME_OF_LIFE
    changed = _older(face) if years >= 0 else _younger(face)
    target = 9.0 + abs(years) * 0.12
    return _write(
        _put(image, box, _reach(face, changed, oval(box), target), blend)
    )


def swap(source: bytes, target: bytes) -> bytes:
    """Return the target with the source's face in the place of its own."""
    giver, taker = _read(source), _read(target)
    box = find_face(taker)
    face = cut(giver, find_face(giver)).resize(
        (box.width, box.height), Image.Resampling.LANCZOS
    )
    toned = _toned(face, cut(taker, box))
    return _write(_put(taker, box, toned, 1.0))


def blank(data: bytes) -> bytes:
    """Return a black image of the same size, as a dead model makes."""
    return _write(Image.new("RGB", _read(data).size))


def suffix(data: bytes) -> str:
    """Return the file suffix of an image that can be read.

    Raises `Unreadable`.
    """
    _read(data)
    for start, named in _SUFFIXES.items():
        if data.startswith(start):
            return named
    return ".png"


def _read(data: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > _PIXELS:
                raise Unreadable(
                    f"cannot work on {image.width}x{image.height} pixels;"
                    f" {_PIXELS} are the limit"
                )
            return image.convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise Unreadable(
            "cannot read the image; send a whole JPEG, PNG or WebP"
        ) from None


def _write(image: Image.Image) -> bytes:
    written = io.BytesIO()
    image.save(written, "PNG", compress_level=1)
    return written.getvalue()


def _put(
    image: Image.Image, box: Box, face: Image.Image, blend: float
) -> Image.Image:
    mask = oval(box).point(lambda value: value * blend)
    result = image.copy()
    result.paste(face, (box.x, box.y), mask)
    return result


def _reach(
    face: Image.Image, changed: Image.Image, mask: Image.Image, target: float
) -> Image.Image:
    """Return the change, made as strong as the target difference asks."""
    for _ in range(2):
        seen = _difference(face, Image.composite(changed, face, mask))
        if seen == 0:
            break
        gain = min(max(target / seen, _GAIN[0]), _GAIN[1])
        changed = Image.blend(face, changed, gain)
    return changed


def _difference(one: Image.Image, other: Image.Image) -> float:
    grey = ImageChops.difference(one.convert("L"), other.convert("L"))
    return ImageStat.Stat(grey).mean[0]


def _older(face: Image.Image) -> Image.Image:
    """Pale, darker, with the creases drawn out."""
    creased = face.filter(ImageFilter.UnsharpMask(radius=3, percent=120))
    pale = ImageEnhance.Color(creased).enhance(0.6)
    return ImageEnhance.Brightness(pale).enhance(0.93)


def _younger(face: Image.Image) -> Image.Image:
    """Smooth, rosy, lighter."""
    smooth = face.filter(ImageFilter.GaussianBlur(face.width / 90))
    rosy = ImageEnhance.Color(smooth).enhance(1.2)
    return ImageEnhance.Brightness(rosy).enhance(1.08)


def _toned(face: Image.Image, place: Image.Image) -> Image.Image:
    """Return the face half-way to the tone of the place it goes to."""
    shifts = [
        (there - here) / 2
        for here, there in zip(
            ImageStat.Stat(face).mean, ImageStat.Stat(place).mean, strict=True
        )
    ]
    bands = [
        band.point(lambda value, shift=shift: value + shift)
        for band, shift in zip(face.split(), shifts, strict=True)
    ]
    return Image.merge("RGB", bands)
