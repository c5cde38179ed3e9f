"""The image work itself, without a host around it."""

import io

import pytest
from PIL import Image

from monitor.domain.canary.image import Box
from monitor.domain.errors import Unreadable
from monitor.simulator.images import work
from monitor.simulator.images.faces import find_face
from tests.simulator.visitor import ASTRONAUT, HOPPER, portrait


def _image(name: str) -> Image.Image:
    return Image.open(io.BytesIO(portrait(name))).convert("RGB")


def _encoded(image: Image.Image, kind: str, **options: int) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def _decoded(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize(
    ("side", "box"),
    [
        (512, Box(x=178, y=67, width=92, height=92)),
        (1024, Box(x=356, y=134, width=184, height=184)),
    ],
)
def test_a_shipped_portrait_is_known_at_any_size(side: int, box: Box) -> None:
    assert find_face(_image(ASTRONAUT).resize((side, side))) == box


def test_a_shipped_portrait_is_known_after_recompression_and_work() -> None:
    poor = _decoded(_encoded(_image(HOPPER), "JPEG", quality=30))
    swapped = _decoded(work.swap(portrait(ASTRONAUT), portrait(HOPPER)))

    expected = Box(x=152, y=102, width=228, height=228)
    assert find_face(poor) == find_face(swapped) == expected


def test_in_an_unknown_image_the_face_is_taken_to_be_in_the_middle() -> None:
    image = Image.radial_gradient("L").resize((400, 200))

    assert find_face(image) == Box(x=150, y=50, width=100, height=100)


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (640, 480)])
def test_any_image_keeps_its_size(size: tuple[int, int]) -> None:
    data = _encoded(Image.new("RGBA", size, (90, 120, 30, 128)), "PNG")

    for done in (
        work.enhance(data, model="codeformer", blend=1.0),
        work.change_age(data, age=70, blend=1.0),
        work.swap(portrait(ASTRONAUT), data),
        work.blank(data),
    ):
        assert _decoded(done).size == size


@pytest.mark.parametrize(
    ("kind", "suffix"), [("JPEG", ".jpg"), ("PNG", ".png"), ("WEBP", ".webp")]
)
def test_the_guides_formats_are_read(kind: str, suffix: str) -> None:
    data = _encoded(_image(HOPPER), kind)

    assert work.suffix(data) == suffix


def test_an_image_of_too_many_pixels_is_refused() -> None:
    data = _encoded(Image.new("1", (8000, 6000)), "PNG")

    with pytest.raises(Unreadable, match="cannot work on 8000x6000 pixels"):
        work.suffix(data)
