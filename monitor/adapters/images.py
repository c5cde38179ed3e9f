"""The one door to Pillow: reads and measures images, judges none.

An output image comes from a server that may be broken or hostile, so what
decoding may cost is fixed before it starts: three formats, a size from the
header, few scans. Measuring two 512x512 images takes 4 ms, with a PNG 9.
"""

import asyncio
import io
import struct
from concurrent.futures import ThreadPoolExecutor

from PIL import Image, ImageChops, ImageFilter, ImageStat

from monitor.domain.canary.image import Box, Measures
from monitor.domain.errors import Unreadable
from monitor.ports import Images

FORMATS = ("PNG", "JPEG", "WEBP")
MOST_BYTES = 32 << 20
MOST_PIXELS = 4096 * 4096
"""50 MB decoded; the guide's images have 1024x1024 pixels at most."""
MOST_SCANS = 100
"""A progressive JPEG has about 10; each costs a pass over all pixels."""
COLLAR = 0.5
"""Share of the face box around it that is neither face nor background."""
COARSE = 24
"""Cells a side in which two faces are compared for likeness."""

_Corners = tuple[int, int, int, int]
_LAPLACIAN = ImageFilter.Kernel(
    (3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128
)
_BROKEN = (
    ArithmeticError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
"""What Pillow raises on bytes that are no image it can read."""


class PillowImages:
    """Measures images in threads of its own, a few at a time."""

    def __init__(self, workers: int = 2) -> None:
        self._pool = ThreadPoolExecutor(
            max_workers=workers, thread_name_prefix="images"
        )
        self._free = asyncio.Semaphore(workers)

    async def measure(
        self, before: bytes, after: bytes, face: Box | None
    ) -> Measures:
        """Compare an output with its input. Raises `Unreadable`."""
        loop = asyncio.get_running_loop()
        async with self._free:
            return await loop.run_in_executor(
                self._pool, compare, before, after, face
            )

    def close(self) -> None:
        """Let the threads end; a measurement under way is not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def check(image: bytes) -> None:
    """Raise `Unreadable` for bytes that are no image we take."""
    _decoded(image, "the image", "L")


def compare(before: bytes, after: bytes, face: Box | None) -> Measures:
    """Measure an output beside its input, blocking. Raises `Unreadable`."""
    expected = _decoded(before, "the input image", "L")
    output = _decoded(after, "the output image", "L")
    if expected.size != output.size:
        return Measures(
            expected_size=expected.size,
            size=output.size,
            face_difference=0.0,
            background_difference=None,
            sharpness=0.0,
            contrast=_contrast(output),
        )
    if face is None:
        return _whole(expected, output)
    return _around(expected, output, face)


def soften(image: bytes, radius: float) -> bytes:
    """Return the image blurred by `radius` pixels, as a JPEG."""
    sharp = _decoded(image, "the image", "RGB")
    packed = io.BytesIO()
    blurred = sharp.filter(ImageFilter.GaussianBlur(radius))
    blurred.save(packed, "JPEG", quality=92)
    return packed.getvalue()


def _whole(before: Image.Image, after: Image.Image) -> Measures:
    return Measures(
        expected_size=before.size,
        size=after.size,
        face_difference=_mean(ImageChops.difference(before, after)),
        background_difference=None,
        sharpness=_sharpness(before, after),
        contrast=_contrast(after),
    )


def _around(before: Image.Image, after: Image.Image, face: Box) -> Measures:
    difference = ImageChops.difference(before, after)
    inner = _corners(face, before.size, 0.0)
    outer = _corners(face, before.size, COLLAR)
    face_before, face_after = before.crop(inner), after.crop(inner)
    return Measures(
        expected_size=before.size,
        size=after.size,
        face_difference=_mean(difference.crop(inner)),
        background_difference=_mean_outside(difference, outer),
        sharpness=_sharpness(face_before, face_after),
        contrast=_contrast(after),
        face_contrast=_contrast(face_after),
        likeness=_likeness(face_before, face_after),
    )


def _decoded(data: bytes, what: str, mode: str) -> Image.Image:
    if len(data) > MOST_BYTES:
        raise Unreadable(f"cannot read {what}: over {MOST_BYTES} bytes")
    if data.startswith(b"\xff\xd8") and data.count(b"\xff\xda") > MOST_SCANS:
        raise Unreadable(f"cannot read {what}: over {MOST_SCANS} JPEG scans")
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        width, height = image.size
        if width * height > MOST_PIXELS:
            raise Unreadable(
                f"cannot read {what}: {width}x{height} pixels are more "
                f"than {MOST_PIXELS}"
            )
        return image.convert(mode)
    except _BROKEN as error:
        raise Unreadable(
            f"cannot read {what} as PNG, JPEG or WEBP: "
            f"{type(error).__name__} after {len(data)} bytes"
        ) from None


def _corners(box: Box, size: tuple[int, int], grown: float) -> _Corners:
    """Return the box, grown on each side by a share of it, in the image."""
    across, down = round(box.width * grown), round(box.height * grown)
    return (
        max(0, box.x - across),
        max(0, box.y - down),
        min(size[0], box.x + box.width + across),
        min(size[1], box.y + box.height + down),
    )


def _mean(grey: Image.Image) -> float:
    return ImageStat.Stat(grey).mean[0]


def _mean_outside(grey: Image.Image, box: _Corners) -> float:
    whole, inside = ImageStat.Stat(grey), ImageStat.Stat(grey.crop(box))
    pixels = whole.count[0] - inside.count[0]
    return (whole.sum[0] - inside.sum[0]) / pixels if pixels else 0.0


def _contrast(grey: Image.Image) -> float:
    return ImageStat.Stat(grey).stddev[0]


def _sharpness(before: Image.Image, after: Image.Image) -> float:
    """Return the ratio of detail; 1.0 where the input has none."""
    detail = _detail(before)
    return _detail(after) / detail if detail else 1.0


def _detail(grey: Image.Image) -> float:
    """Return the variance of the Laplacian, its unfiltered rim left out."""
    edges = grey.filter(_LAPLACIAN)
    width, height = edges.size
    if width <= _RIM or height <= _RIM:
        return 0.0
    return ImageStat.Stat(edges.crop((1, 1, width - 1, height - 1))).var[0]


_RIM = 2


def _likeness(before: Image.Image, after: Image.Image) -> float:
    """Return the correlation of two faces' coarse forms, 0 if one is flat."""
    first, second = _deviations(before), _deviations(after)
    power = sum(a * a for a in first) * sum(b * b for b in second)
    if not power:
        return 0.0
    shared = sum(a * b for a, b in zip(first, second, strict=True))
    return float(shared / power**0.5)


def _deviations(grey: Image.Image) -> list[float]:
    coarse = grey.resize((COARSE, COARSE), Image.Resampling.BOX).tobytes()
    mean = sum(coarse) / len(coarse)
    return [value - mean for value in coarse]


_: type[Images] = PillowImages
