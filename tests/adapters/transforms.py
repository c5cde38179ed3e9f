"""What servers do to a portrait, right and wrong; none is the simulator's."""

import io
import random

from PIL import (
    Image,
    ImageChops,
    ImageEnhance,
    ImageFilter,
    ImageOps,
    ImageStat,
)

from monitor.adapters import portraits
from monitor.domain.canary.image import Box

Picture = Image.Image


def opened(image: bytes) -> Picture:
    return Image.open(io.BytesIO(image)).convert("RGB")


def packed(picture: Picture, kind: str = "PNG", quality: int = 90) -> bytes:
    out = io.BytesIO()
    if kind == "PNG":
        picture.save(out, kind, compress_level=1)
    else:
        picture.save(out, kind, quality=quality)
    return out.getvalue()


def recompressed(picture: Picture, quality: int) -> Picture:
    return opened(packed(picture, "JPEG", quality))


def corners(box: Box, margin: int = 0) -> tuple[int, int, int, int]:
    return (
        box.x - margin,
        box.y - margin,
        box.x + box.width + margin,
        box.y + box.height + margin,
    )


def blended(
    base: Picture,
    changed: Picture,
    box: Box,
    *,
    margin: int = 0,
    feather: float = 6,
) -> Picture:
    """Take `changed` inside the box and `base` outside, with a soft seam."""
    mask = Image.new("L", base.size, 0)
    mask.paste(255, corners(box, margin))
    soft = mask.filter(ImageFilter.GaussianBlur(feather))
    return Image.composite(changed, base, soft)


def pasted(
    base: Picture,
    face: Picture,
    box: Box,
    *,
    matched: bool = False,
    feathered: bool = True,
) -> Picture:
    """Put a face into the box, its colours matched to what was there."""
    fitting = face.resize((box.width, box.height), Image.Resampling.LANCZOS)
    if matched:
        fitting = _recoloured(fitting, base.crop(corners(box)))
    changed = base.copy()
    changed.paste(fitting, (box.x, box.y))
    if not feathered:
        return changed
    return blended(base, changed, box, margin=-8)


def _recoloured(face: Picture, like: Picture) -> Picture:
    bands = []
    for have, want in zip(face.split(), like.split(), strict=True):
        given, wanted = ImageStat.Stat(have), ImageStat.Stat(want)
        gain = wanted.stddev[0] / given.stddev[0]
        offset = wanted.mean[0] - given.mean[0] * gain
        bands.append(
            have.point(
                [min(255, max(0, int(v * gain + offset))) for v in range(256)]
            )
        )
    return Image.merge("RGB", bands)


def noisy(picture: Picture, sigma: float) -> Picture:
    """Add uniform noise, the same in every run."""
    chance = random.Random(7)  # noqa: S311  # noise, not a secret
    width, height = picture.size
    grains = Image.frombytes(
        "RGB", picture.size, chance.randbytes(width * height * 3)
    )
    faint = contrasted_around_grey(grains, sigma / 74)
    return ImageChops.add(picture, faint, 1, -128)


def contrasted_around_grey(picture: Picture, gain: float) -> Picture:
    curve = [round((value - 128) * gain + 128) for value in range(256)]
    return picture.point(curve * 3)


def blurred(picture: Picture, radius: float) -> Picture:
    return picture.filter(ImageFilter.GaussianBlur(radius))


def sharpened(picture: Picture, radius: float, percent: int) -> Picture:
    return picture.filter(ImageFilter.UnsharpMask(radius, percent, 0))


def brighter(picture: Picture, factor: float) -> Picture:
    return ImageEnhance.Brightness(picture).enhance(factor)


def contrasted(picture: Picture, factor: float) -> Picture:
    return ImageEnhance.Contrast(picture).enhance(factor)


def scaled(picture: Picture, side: int) -> Picture:
    return picture.resize((side, side), Image.Resampling.BICUBIC)


def wrong_transforms(base: Picture, box: Box) -> dict[str, Picture]:
    """Return what no job may yield, by name."""
    width, height = base.size
    wrong = {
        "unchanged copy": base,
        "box blur 3": base.filter(ImageFilter.BoxBlur(3)),
        "down to 256 and up": scaled(scaled(base, 256), 512),
        "resized to 256": scaled(base, 256),
        "resized to 1024": scaled(base, 1024),
        "cropped": base.crop((20, 20, width - 20, height - 20)),
        "cropped and resized": scaled(
            base.crop((26, 26, width - 26, height - 26)), 512
        ),
        "turned": base.transpose(Image.Transpose.ROTATE_90),
        "shifted by 3": ImageChops.offset(base, 3, 0),
        "mirrored": ImageOps.mirror(base),
        "upside down": ImageOps.flip(base),
        "grayscale": ImageOps.grayscale(base).convert("RGB"),
        "colours swapped": Image.merge("RGB", base.split()[::-1]),
        "inverted": ImageOps.invert(base),
        "posterized": ImageOps.posterize(base, 3),
        "sharpened everywhere": sharpened(base, 2, 250),
        "blank": Image.new("RGB", base.size, "grey"),
        "black": Image.new("RGB", base.size),
        "face black": _filled(base, box, (0, 0, 0)),
        "face grey": _filled(base, box, (128, 128, 128)),
        "other portrait": _other(base),
    }
    for quality in (30, 50, 75, 80, 85, 90, 95):
        wrong[f"jpeg q{quality}"] = recompressed(base, quality)
    for quality in (50, 80):
        wrong[f"webp q{quality}"] = opened(packed(base, "WEBP", quality))
    for radius in (1, 2, 4, 8):
        wrong[f"gaussian blur {radius}"] = blurred(base, radius)
    for factor in (0.7, 0.9, 1.1, 1.3):
        wrong[f"brightness {factor}"] = brighter(base, factor)
        wrong[f"contrast {factor}"] = contrasted(base, factor)
    for sigma in (5, 10, 25):
        wrong[f"noise {sigma}"] = noisy(base, sigma)
    return wrong


def not_enhanced(base: Picture, box: Box) -> dict[str, Picture]:
    """Return faces that changed, but for the worse."""
    return {
        "face blurred": blended(base, blurred(base, 4), box),
        "face darker": blended(base, brighter(base, 0.8), box),
    }


def other_faces(base: Picture, box: Box) -> dict[str, Picture]:
    """Return somebody else in the face box, crude and skilful."""
    face = _face_beside(base)
    return {
        f"other face{how}{seam}": pasted(
            base, face, box, matched=bool(how), feathered=bool(seam)
        )
        for how in ("", " matched")
        for seam in ("", " feathered")
    }


def restored(base: Picture, ideal: Picture, box: Box) -> dict[str, Picture]:
    """Return what an enhancer may make of a soft face."""
    plain = blended(base, ideal, box)
    wide = blended(base, ideal, box, margin=46, feather=20)
    smooth = ideal.filter(ImageFilter.MedianFilter(3))
    return {
        "restored": plain,
        "restored widely": wide,
        "restored at 0.8": Image.blend(base, plain, 0.8),
        "restored jpeg q75": recompressed(wide, 75),
        "restored jpeg q80": recompressed(wide, 80),
        "restored jpeg q90": recompressed(wide, 90),
        "restored smoothly": blended(base, smooth, box, margin=20),
        "sharpened": blended(base, sharpened(base, 2, 250), box),
        "sharpened strongly": blended(base, sharpened(base, 3, 300), box),
        "sharpened jpeg q75": recompressed(
            blended(base, sharpened(base, 2, 250), box), 75
        ),
        "sharpened with detail": blended(
            base,
            sharpened(base, 2, 250).filter(ImageFilter.DETAIL),
            box,
        ),
    }


def aged(base: Picture, box: Box) -> dict[str, Picture]:
    """Return what an age model may make of a face."""
    wrinkles = sharpened(blurred(noisy(base, 12), 0.7), 3, 150)
    young = brighter(blurred(base, 1.5), 1.08)
    grey = brighter(sharpened(base, 4, 120), 1.1)
    old = blended(base, contrasted(wrinkles, 1.15), box, margin=20, feather=9)
    return {
        "wrinkles": old,
        "wrinkles jpeg q80": recompressed(old, 80),
        "smooth skin": blended(base, young, box, margin=10, feather=8),
        "lighter hair": blended(base, grey, box, margin=40, feather=15),
    }


def swapped(base: Picture, box: Box) -> dict[str, Picture]:
    """Return the other person's face blended into the box."""
    good = other_faces(base, box)
    good["other face jpeg q80"] = recompressed(
        good["other face matched feathered"], 80
    )
    return good


def _other(base: Picture) -> Picture:
    first = opened(portraits.astronaut().image)
    second = opened(portraits.grace_hopper().image)
    return (
        first if base.getpixel((0, 0)) == second.getpixel((0, 0)) else second
    )


def _face_beside(base: Picture) -> Picture:
    """Return the other person's face, cut out."""
    grace = opened(portraits.grace_hopper().image)
    if base.getpixel((0, 0)) != grace.getpixel((0, 0)):
        return grace.crop((190, 125, 345, 330))
    sharp = portraits.astronaut()
    assert sharp.face is not None
    return opened(sharp.image).crop(corners(sharp.face))


def _filled(base: Picture, box: Box, colour: tuple[int, int, int]) -> Picture:
    filled = base.copy()
    filled.paste(colour, corners(box))
    return filled


def mixed(base: Picture, changed: Picture, blend: float) -> Picture:
    return Image.blend(base, changed, blend)
