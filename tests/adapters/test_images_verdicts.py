"""Every verdict on transforms that no simulator of ours uses."""

from collections.abc import Callable
from functools import cache

import pytest

from monitor.adapters import portraits
from monitor.adapters.images import compare
from monitor.domain.canary.image import Box, flaw
from monitor.domain.canary.plan import CanaryInput
from monitor.domain.canary.reading import Operation
from tests.adapters import transforms
from tests.adapters.transforms import Picture, opened, packed

Portrait = Callable[[], CanaryInput]
E, A, S = Operation.ENHANCE, Operation.AGE, Operation.SWAP
CASES = [
    pytest.param(E, portraits.softened, id="enhance"),
    pytest.param(A, portraits.astronaut, id="age-astronaut"),
    pytest.param(A, portraits.grace_hopper, id="age-hopper"),
    pytest.param(S, portraits.astronaut, id="swap"),
]
EXACTLY = {
    "unchanged copy": "unchanged",
    "grayscale": "unchanged",
    "blank": "blank",
    "black": "blank",
    "face black": "blank_face",
    "face grey": "blank_face",
    "resized to 256": "wrong_size",
    "resized to 1024": "wrong_size",
    "cropped": "wrong_size",
    "cropped and resized": "changed_everywhere",
    "other portrait": "changed_everywhere",
    "mirrored": "changed_everywhere",
    "upside down": "changed_everywhere",
    "turned": "changed_everywhere",
    "colours swapped": "changed_everywhere",
    "inverted": "changed_everywhere",
    "sharpened everywhere": "changed_everywhere",
    "gaussian blur 8": "changed_everywhere",
    "brightness 0.7": "changed_everywhere",
    "brightness 1.3": "changed_everywhere",
    "contrast 0.7": "changed_everywhere",
    "noise 25": "changed_everywhere",
    **{f"jpeg q{quality}": "unchanged" for quality in (75, 80, 85, 90, 95)},
}


def face_of(given: CanaryInput) -> Box:
    assert given.face is not None
    return given.face


@cache
def wrong_reasons(operation: Operation, given: CanaryInput) -> dict[str, str]:
    made = transforms.wrong_transforms(opened(given.image), face_of(given))
    return reasons(made, operation, given)


def reasons(
    made: dict[str, Picture], operation: Operation, given: CanaryInput
) -> dict[str, str]:
    return {
        name: reason(packed(picture), operation, given)
        for name, picture in made.items()
    }


def reason(
    output: bytes,
    operation: Operation,
    given: CanaryInput,
    blend: float = 1.0,
) -> str:
    seen = compare(given.image, output, given.face)
    found = flaw(seen, operation=operation, blend=blend)
    return found.reason if found else "ok"


@pytest.mark.parametrize(("operation", "portrait"), CASES)
def test_no_wrong_output_is_ok(
    operation: Operation, portrait: Portrait
) -> None:
    found = wrong_reasons(operation, portrait())

    assert set(found.values()) <= {
        "unchanged",
        "changed_everywhere",
        "blank",
        "blank_face",
        "wrong_size",
    }
    assert len(found) > 40


@pytest.mark.parametrize(("operation", "portrait"), CASES)
def test_a_wrong_output_is_called_what_it_is(
    operation: Operation, portrait: Portrait
) -> None:
    found = wrong_reasons(operation, portrait())

    rough = "changed_everywhere" if operation is E else "unchanged"
    expected = EXACTLY | {"jpeg q30": rough, "jpeg q50": rough}
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(("operation", "portrait"), CASES[:3])
def test_another_persons_face_is_refused(
    operation: Operation, portrait: Portrait
) -> None:
    given = portrait()
    made = transforms.other_faces(opened(given.image), face_of(given))

    found = reasons(made, operation, given)

    assert set(found.values()) == {"another_face"}
    assert len(found) == 4


def test_a_face_that_got_worse_is_not_enhanced() -> None:
    given = portraits.softened()
    made = transforms.not_enhanced(opened(given.image), face_of(given))

    assert set(reasons(made, E, given).values()) == {"not_sharper"}


def test_an_honestly_enhanced_face_is_valid() -> None:
    given, sharp = portraits.softened(), portraits.astronaut()
    made = transforms.restored(
        opened(given.image), opened(sharp.image), face_of(given)
    )

    assert set(reasons(made, E, given).values()) == {"ok"}


@pytest.mark.parametrize(
    ("blend", "quality"),
    [
        *((0.3, quality) for quality in (50, 75, 90)),
        *((0.5, quality) for quality in (75, 90)),
        *((0.8, quality) for quality in (50, 75, 90)),
    ],
)
def test_a_weaker_enhancement_is_valid_at_its_own_blend(
    blend: float, quality: int
) -> None:
    given, sharp = portraits.softened(), portraits.astronaut()
    base = opened(given.image)
    whole = transforms.blended(base, opened(sharp.image), face_of(given))
    weak = transforms.mixed(base, whole, blend)

    output = packed(weak, "JPEG", quality)

    assert reason(output, E, given, blend) == "ok"
    assert reason(given.image, E, given, blend) == "unchanged"


@pytest.mark.parametrize(
    "portrait", [portraits.astronaut, portraits.grace_hopper]
)
def test_an_honestly_aged_face_is_valid(portrait: Portrait) -> None:
    given = portrait()
    made = transforms.aged(opened(given.image), face_of(given))

    assert set(reasons(made, A, given).values()) == {"ok"}


def test_an_honestly_swapped_face_is_valid() -> None:
    given = portraits.astronaut()
    made = transforms.swapped(opened(given.image), face_of(given))

    assert set(reasons(made, S, given).values()) == {"ok"}


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_an_unchanged_image_is_found_in_every_format(kind: str) -> None:
    given = portraits.softened()

    output = packed(opened(given.image), kind, 90)

    assert reason(output, E, given) == "unchanged"


def test_an_operators_own_image_is_judged_without_a_face_box() -> None:
    sharp = portraits.astronaut()
    own = CanaryInput(image=sharp.image)
    base = opened(own.image)
    good = transforms.swapped(base, face_of(sharp))["other face feathered"]
    wrong = transforms.wrong_transforms(base, face_of(sharp))

    assert reason(packed(good), S, own) == "ok"
    assert reason(packed(base), S, own) == "unchanged"
    assert reason(packed(wrong["black"]), S, own) == "blank"
    assert reason(packed(wrong["cropped"]), S, own) == "wrong_size"
