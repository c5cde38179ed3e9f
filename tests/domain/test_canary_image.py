import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.canary.image import Measures, flaw
from monitor.domain.canary.reading import Operation

E, A, S = Operation.ENHANCE, Operation.AGE, Operation.SWAP

ENHANCED = Measures(
    expected_size=(512, 512),
    size=(512, 512),
    face_difference=10.3,
    background_difference=0.4,
    sharpness=2.8,
    contrast=75.0,
    face_contrast=50.0,
    likeness=0.98,
)
OWN = replace(
    ENHANCED,
    background_difference=None,
    face_contrast=None,
    likeness=None,
    face_difference=0.4,
)


def reason(
    seen: Measures, operation: Operation = E, blend: float = 1.0
) -> str:
    found = flaw(seen, operation=operation, blend=blend)
    return found.reason if found else "ok"


@pytest.mark.parametrize("operation", [E, A, S])
def test_a_changed_face_before_an_untouched_background_is_valid(
    operation: Operation,
) -> None:
    assert flaw(ENHANCED, operation=operation) is None


@pytest.mark.parametrize(
    ("changes", "expected", "words"),
    [
        ({"size": (256, 512)}, "wrong_size", "256x512 pixels"),
        ({"contrast": 10.0}, "blank", "spread by 10.0 levels"),
        ({"contrast": 0.0}, "blank", "is blank"),
        ({"face_difference": 1.4}, "unchanged", "by 1.4 grey levels"),
        ({"face_difference": 0.0}, "unchanged", "less than 1.5"),
        ({"face_contrast": 10.0}, "blank_face", "the face in the output"),
        (
            {"background_difference": 3.5},
            "changed_everywhere",
            "the background by 3.5",
        ),
        ({"likeness": 0.79}, "another_face", "by 0.79, less than 0.8"),
        ({"sharpness": 1.19}, "not_sharper", "1.19 times"),
    ],
)
def test_an_output_is_refused_with_its_reason(
    changes: dict[str, object], expected: str, words: str
) -> None:
    found = flaw(replace(ENHANCED, **changes), operation=E)  # type: ignore[arg-type]  # names as in the table

    assert found is not None
    assert found.reason == expected
    assert words in found.because


@pytest.mark.parametrize(
    "changes",
    [
        {"contrast": 10.1},
        {"face_difference": 6.0},
        {"face_contrast": 10.1},
        {"background_difference": 3.4},
        {"likeness": 0.8},
        {"sharpness": 1.2},
    ],
)
def test_a_measure_at_its_threshold_is_good_enough(
    changes: dict[str, float],
) -> None:
    assert reason(replace(ENHANCED, **changes)) == "ok"  # type: ignore[arg-type]  # names as in the table


def test_only_an_enhanced_face_must_be_sharper() -> None:
    soft = replace(ENHANCED, sharpness=0.1)

    assert reason(soft, E) == "not_sharper"
    assert reason(soft, A) == "ok"
    assert reason(soft, S) == "ok"


def test_only_a_swap_may_show_another_face() -> None:
    other = replace(ENHANCED, likeness=0.2)

    assert reason(other, E) == "another_face"
    assert reason(other, A) == "another_face"
    assert reason(other, S) == "ok"


@pytest.mark.parametrize(
    ("blend", "difference", "expected"),
    [
        (0.5, 0.8, "ok"),
        (0.5, 0.7, "unchanged"),
        (0.1, 0.2, "ok"),
        (0.1, 0.1, "unchanged"),
        (0.0, 0.0, "ok"),
    ],
)
def test_a_weaker_blend_changes_the_face_less(
    blend: float, difference: float, expected: str
) -> None:
    seen = replace(
        ENHANCED, face_difference=difference, background_difference=0.1
    )

    assert reason(seen, E, blend) == expected


@pytest.mark.parametrize("operation", [A, S])
def test_an_aged_or_swapped_face_must_differ_more_than_a_sharpened_one(
    operation: Operation,
) -> None:
    slight = replace(ENHANCED, face_difference=5.9)

    assert reason(slight, E) == "ok"
    assert reason(slight, operation) == "unchanged"


def test_a_swap_has_no_blend() -> None:
    assert reason(replace(ENHANCED, face_difference=4), S, 0.5) == "unchanged"


def test_a_subtle_blend_is_not_told_from_recompression() -> None:
    seen = replace(
        ENHANCED,
        face_difference=3.2,
        background_difference=1.6,
        sharpness=0.9,
    )

    assert reason(seen, E, 0.5) == "changed_everywhere"
    assert reason(seen, E, 0.49) == "ok"


def test_half_a_blend_must_sharpen_half_as_much() -> None:
    seen = replace(ENHANCED, sharpness=1.1)

    assert reason(seen, E, 0.5) == "ok"
    assert reason(seen, E, 0.6) == "not_sharper"


@pytest.mark.parametrize("operation", [E, A, S])
def test_without_a_face_box_any_change_of_the_right_size_will_do(
    operation: Operation,
) -> None:
    assert reason(OWN, operation) == "ok"
    assert reason(replace(OWN, sharpness=0.1), operation) == "ok"
    assert reason(replace(OWN, face_difference=0), operation) == "unchanged"
    assert reason(replace(OWN, face_difference=math.nan)) == "unchanged"
    assert reason(replace(OWN, contrast=0), operation) == "blank"
    assert reason(replace(OWN, size=(1, 1)), operation) == "wrong_size"


@pytest.mark.parametrize(
    "name",
    [
        "face_difference",
        "background_difference",
        "sharpness",
        "contrast",
        "face_contrast",
        "likeness",
    ],
)
def test_a_measure_that_is_no_number_is_never_ok(name: str) -> None:
    seen = replace(ENHANCED, **{name: math.nan})  # type: ignore[arg-type]  # names as in the table

    assert reason(seen) != "ok"


@given(
    st.builds(
        Measures,
        expected_size=st.just((512, 512)),
        size=st.sampled_from([(512, 512), (1, 1)]),
        face_difference=st.floats(),
        background_difference=st.none() | st.floats(),
        sharpness=st.floats(),
        contrast=st.floats(),
        face_contrast=st.none() | st.floats(),
        likeness=st.none() | st.floats(),
    ),
    st.sampled_from(Operation),
    st.floats(0, 1),
)
def test_every_measure_is_valid_or_refused_in_words(
    seen: Measures, operation: Operation, blend: float
) -> None:
    found = flaw(seen, operation=operation, blend=blend)

    assert found is None or (found.reason and found.because.startswith("the"))
    if found is None:
        assert seen.size == seen.expected_size
        assert seen.contrast > 10
