import asyncio
import io
import random
import struct
import time
import zlib
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from monitor.adapters import portraits
from monitor.adapters.images import (
    MOST_BYTES,
    PillowImages,
    check,
    compare,
    soften,
)
from monitor.domain.canary.image import Box, Measures
from monitor.domain.errors import Unreadable

SMALL = Box(x=8, y=8, width=16, height=16)


def drawn(side: int = 48, seed: int = 3) -> Image.Image:
    chance = random.Random(seed)  # noqa: S311  # a picture, not a secret
    coarse = Image.frombytes("RGB", (8, 8), chance.randbytes(192))
    return coarse.resize((side, side), Image.Resampling.BICUBIC)


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


@cache
def valid(kind: str) -> bytes:
    return saved(drawn(), kind)


def chunk(kind: bytes, data: bytes) -> bytes:
    crc = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + crc


def png(width: int, height: int, *more: bytes, rows: int = 0) -> bytes:
    """Return a black grey PNG with a true header and `rows` true rows."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = zlib.compress(bytes(rows * (width + 1)), 9)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            *more,
            chunk(b"IDAT", body),
            chunk(b"IEND", b""),
        )
    )


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_the_three_formats_are_read(kind: str) -> None:
    check(valid(kind))


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "PPM", "ICO"])
def test_any_other_format_is_refused(kind: str) -> None:
    image = saved(drawn(), kind)

    with pytest.raises(Unreadable, match="as PNG, JPEG or WEBP"):
        check(image)


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"\0",
        b"<!DOCTYPE html><html><title>502</title></html>",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        b"RIFF\xff\xff\xff\xffWEBPVP8 ",
        b'{"output_path": "/a.png"}',
    ],
)
def test_garbage_is_refused(garbage: bytes) -> None:
    with pytest.raises(Unreadable, match=r"^cannot read the image"):
        check(garbage)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9])
def test_a_truncated_image_is_refused(kind: str, share: float) -> None:
    whole = portraits.astronaut().image
    if kind != "JPEG":
        whole = saved(Image.open(io.BytesIO(whole)), kind)

    with pytest.raises(Unreadable):
        check(whole[: int(len(whole) * share)])


@pytest.mark.parametrize(
    "bomb",
    [
        png(50_000, 50_000),
        png(50_000, 50_000, rows=2_000),
        png(10_000, 10_000, rows=10_000),
        png(4_097, 4_096, rows=4_096),
        png(1, 2**31 - 1),
    ],
    ids=["header", "2.5 gigapixels", "100 MB of zeros", "just over", "tall"],
)
@pytest.mark.filterwarnings("default")
def test_a_png_bomb_is_refused_by_its_header(bomb: bytes) -> None:
    begun = time.process_time()

    with pytest.raises(Unreadable, match="cannot read the image"):
        check(bomb)

    assert time.process_time() - begun < 0.1


def test_the_largest_image_we_take_is_read() -> None:
    check(png(4_096, 4_096, rows=4_096))


def test_a_decompression_bomb_in_a_text_chunk_is_refused() -> None:
    bomb = zlib.compress(bytes(100 << 20), 9)
    image = png(8, 8, chunk(b"zTXt", b"Comment\0\0" + bomb), rows=8)

    with pytest.raises(Unreadable):
        check(image)


def test_many_text_chunks_together_are_refused() -> None:
    text = chunk(b"zTXt", b"C\0\0" + zlib.compress(bytes(1 << 20), 9))
    image = png(8, 8, *([text] * 80), rows=8)

    with pytest.raises(Unreadable):
        check(image)


def test_a_png_with_a_broken_chunk_is_refused() -> None:
    rows = zlib.compress(bytes(4 * 9), 9)
    header = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    image = b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            chunk(b"IDAT", rows[:-4]),
            chunk(b"\0\0\5\0", b"x"),
        )
    )

    with pytest.raises(Unreadable, match="SyntaxError"):
        check(image)


def test_a_jpeg_of_endless_scans_is_refused() -> None:
    image = saved(drawn(), "JPEG", progressive=True)
    last = image.rindex(b"\xff\xda")
    scan = image[last:-2]

    check(image)
    with pytest.raises(Unreadable, match="JPEG scans"):
        check(image[:-2] + scan * 200 + b"\xff\xd9")


def test_a_webp_whose_canvas_is_a_bomb_is_refused() -> None:
    inner = saved(drawn(), "WEBP", lossless=True)[12:]
    side = (60_000 - 1).to_bytes(3, "little")
    canvas = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + side + side
    body = b"WEBP" + canvas + inner
    bomb = b"RIFF" + struct.pack("<I", len(body)) + body

    with pytest.raises(Unreadable):
        check(bomb)


def test_too_many_bytes_are_not_even_opened() -> None:
    with pytest.raises(Unreadable, match=f"over {MOST_BYTES} bytes"):
        check(valid("PNG") + bytes(MOST_BYTES))


def test_an_error_says_which_image_cannot_be_read() -> None:
    with pytest.raises(Unreadable, match="cannot read the input image"):
        compare(b"x", valid("PNG"), None)
    with pytest.raises(Unreadable, match="cannot read the output image"):
        compare(valid("PNG"), b"x", None)


def test_a_copy_in_another_format_differs_by_nothing() -> None:
    jpeg = portraits.astronaut()
    copy = saved(Image.open(io.BytesIO(jpeg.image)), "PNG")

    seen = compare(jpeg.image, copy, jpeg.face)

    assert seen.face_difference == 0
    assert seen.background_difference == 0
    assert seen.sharpness == 1
    assert seen.likeness == pytest.approx(1)


def test_the_face_and_the_background_are_told_apart() -> None:
    before = drawn(100).convert("L").point(lambda value: value // 2)
    after = before.copy()
    face = Box(x=40, y=40, width=20, height=20)
    brighter = before.crop((40, 40, 60, 60)).point(lambda value: value + 30)
    after.paste(brighter, (40, 40))

    seen = compare(saved(before, "PNG"), saved(after, "PNG"), face)

    assert seen.face_difference == 30
    assert seen.background_difference == 0
    assert seen.likeness == pytest.approx(1)


def test_a_collar_around_the_face_is_neither_face_nor_background() -> None:
    before = drawn(100).convert("L")
    face = Box(x=40, y=40, width=20, height=20)
    ring, beyond = before.copy(), before.copy()
    ring.paste(0, (30, 30, 40, 70))
    beyond.paste(0, (0, 0, 20, 100))

    in_ring = compare(saved(before, "PNG"), saved(ring, "PNG"), face)
    outside = compare(saved(before, "PNG"), saved(beyond, "PNG"), face)

    assert in_ring.background_difference == 0
    assert outside.background_difference
    assert in_ring.face_difference == outside.face_difference == 0


def test_a_face_that_fills_the_image_has_no_background() -> None:
    everything = Box(x=0, y=0, width=48, height=48)

    seen = compare(valid("PNG"), valid("JPEG"), everything)

    assert seen.background_difference == 0.0


def test_another_size_is_measured_but_not_compared() -> None:
    before = saved(drawn(48), "PNG")
    after = saved(drawn(64), "PNG")

    seen = compare(before, after, SMALL)

    assert (seen.expected_size, seen.size) == ((48, 48), (64, 64))
    assert seen.contrast > 10
    assert seen.background_difference is None


def test_without_a_face_box_the_whole_image_is_compared() -> None:
    before = drawn()
    after = ImageOps.mirror(before)

    seen = compare(saved(before, "PNG"), saved(after, "PNG"), None)

    assert seen.face_difference > 10
    assert seen.background_difference is None
    assert seen.face_contrast is None
    assert seen.likeness is None


def test_an_orientation_tag_turns_nothing() -> None:
    sideways = Image.Exif()
    sideways[0x0112] = 6
    picture = drawn()

    seen = compare(
        saved(picture, "JPEG"),
        saved(picture, "JPEG", exif=sideways),
        SMALL,
    )

    assert seen.face_difference == 0
    assert seen.size == (48, 48)


@pytest.mark.parametrize(
    "picture",
    [
        Image.new("1", (48, 48)),
        Image.new("P", (48, 48)),
        Image.new("LA", (48, 48)),
        Image.new("RGBA", (48, 48)),
        Image.new("I;16", (48, 48)),
        Image.new("L", (48, 48), 128),
    ],
    ids=lambda picture: picture.mode,
)
def test_a_flat_image_of_any_mode_has_no_contrast(
    picture: Image.Image,
) -> None:
    seen = compare(valid("PNG"), saved(picture, "PNG"), SMALL)

    assert seen.contrast == 0
    assert seen.face_contrast == 0
    assert seen.likeness == 0
    assert seen.sharpness == 0


def test_a_tiny_image_has_no_detail_to_compare() -> None:
    tiny = saved(Image.new("L", (1, 1)), "PNG")

    assert compare(tiny, tiny, None).sharpness == 1


def test_a_softened_portrait_keeps_its_size_and_loses_its_detail() -> None:
    sharp = portraits.astronaut()

    seen = compare(sharp.image, soften(sharp.image, 2.0), sharp.face)

    assert seen.size == seen.expected_size
    assert seen.sharpness < 0.05
    assert seen.likeness
    assert seen.likeness > 0.95


async def test_measuring_leaves_the_event_loop_free() -> None:
    images = PillowImages(workers=1)
    portrait = portraits.astronaut()
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    seen = await asyncio.gather(
        *(
            images.measure(portrait.image, portrait.image, portrait.face)
            for _ in range(8)
        )
    )
    ticking.cancel()
    images.close()

    assert [one.face_difference for one in seen] == [0.0] * 8
    assert ticks > 8


async def test_an_unreadable_output_reaches_the_caller() -> None:
    images = PillowImages()

    with pytest.raises(Unreadable):
        await images.measure(valid("PNG"), b"<html>", None)

    images.close()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["", "PNG", "JPEG", "WEBP"]))
@pytest.mark.filterwarnings("default")
def test_any_bytes_are_measured_or_refused(tail: bytes, kind: str) -> None:
    head = valid(kind)[:40] if kind else b""

    assert outcome(head + tail) is not None


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(["PNG", "JPEG", "WEBP"]),
    st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)),
        max_size=8,
    ),
    st.floats(0.1, 1),
)
@pytest.mark.filterwarnings("default")
def test_a_damaged_image_is_measured_or_refused(
    kind: str, damage: list[tuple[float, int]], kept: float
) -> None:
    image = bytearray(valid(kind))
    for place, value in damage:
        image[int(place * len(image))] = value

    assert outcome(bytes(image[: int(len(image) * kept)])) is not None


def outcome(image: bytes) -> Measures | Unreadable:
    try:
        return compare(valid("PNG"), image, SMALL)
    except Unreadable as refused:
        return refused
