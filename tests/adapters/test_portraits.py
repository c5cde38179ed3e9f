from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.adapters import images, portraits
from monitor.domain.canary.plan import CanaryInput, CanaryPlan, images_needed
from monitor.domain.canary.reading import Operation
from monitor.domain.errors import ConfigurationError

Portrait = Callable[[], CanaryInput]


def plan(operation: Operation, target_age: int = 25) -> CanaryPlan:
    return CanaryPlan(
        canary="face",
        operation=operation,
        target_age=target_age,
        timeout=60,
    )


@pytest.mark.parametrize(
    "portrait",
    [portraits.astronaut, portraits.grace_hopper, portraits.softened],
)
def test_a_shipped_portrait_is_a_512_pixel_image_with_a_face(
    portrait: Portrait,
) -> None:
    given = portrait()

    seen = images.compare(given.image, given.image, given.face)

    assert seen.size == (512, 512)
    assert seen.face_contrast
    assert seen.face_contrast > 40


def test_an_enhancer_is_given_a_face_out_of_focus() -> None:
    (given,) = portraits.inputs_for(plan(Operation.ENHANCE))

    assert given == portraits.softened()
    assert given.image != portraits.astronaut().image


def test_a_swap_puts_one_person_into_the_others_portrait() -> None:
    source, target = portraits.inputs_for(plan(Operation.SWAP))

    assert source == portraits.grace_hopper()
    assert target == portraits.astronaut()


@pytest.mark.parametrize(
    ("age", "portrait"),
    [
        (0, portraits.astronaut),
        (28, portraits.astronaut),
        (29, portraits.grace_hopper),
        (45, portraits.grace_hopper),
        (57, portraits.grace_hopper),
        (58, portraits.astronaut),
        (100, portraits.astronaut),
    ],
)
def test_nobody_is_asked_to_become_the_age_they_are(
    age: int, portrait: Portrait
) -> None:
    assert portraits.inputs_for(plan(Operation.AGE, age)) == (portrait(),)


@pytest.mark.parametrize(
    "operation", [Operation.ENHANCE, Operation.AGE, Operation.SWAP]
)
def test_there_are_as_many_images_as_the_job_takes(
    operation: Operation,
) -> None:
    given = portraits.inputs_for(plan(operation))

    assert len(given) == images_needed(operation)


def test_an_operators_own_images_have_no_face_box(tmp_path: Path) -> None:
    file = tmp_path / "own.jpg"
    file.write_bytes(portraits.astronaut().image)

    source, target = portraits.own_inputs(plan(Operation.SWAP), [file, file])

    assert source.image == target.image == portraits.astronaut().image
    assert target.face is None


def test_an_own_image_that_is_missing_is_refused_by_name(
    tmp_path: Path,
) -> None:
    with pytest.raises(ConfigurationError, match=r"gone\.jpg: No such file"):
        portraits.own_inputs(plan(Operation.AGE), [tmp_path / "gone.jpg"])


@pytest.mark.parametrize("content", [b"", b"<html>", b"\x89PNG"])
def test_an_own_image_that_is_none_is_refused_by_name(
    tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "own.jpg"
    file.write_bytes(content)

    with pytest.raises(ConfigurationError, match=r"own\.jpg: cannot read"):
        portraits.own_inputs(plan(Operation.AGE), [file])


def test_an_own_image_without_end_is_not_read_to_its_end() -> None:
    with pytest.raises(ConfigurationError, match=r"over .* bytes"):
        portraits.own_inputs(plan(Operation.AGE), [Path("/dev/zero")])


def test_a_wrong_number_of_own_images_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"1 input images .* takes 2"):
        portraits.own_inputs(plan(Operation.SWAP), [Path("a.jpg")])
