import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.canary.job import (
    ENHANCE_MODELS,
    SWAP_MODELS,
    Age,
    Enhance,
    Job,
    Swap,
    check,
)
from monitor.domain.errors import InvalidJob

PATH = "/srv/in/portrait.jpg"


def refusal(job: Job) -> str:
    try:
        check(job)
    except InvalidJob as refused:
        return str(refused)
    return ""


@pytest.mark.parametrize(
    "job",
    [
        *(Enhance(source_path=PATH, model=model) for model in ENHANCE_MODELS),
        *(
            Swap(source_face_path=PATH, target_image_path=PATH, model=model)
            for model in SWAP_MODELS
        ),
        *(Age(source_path=PATH, age=age) for age in (0, 25, 100)),
        *(Enhance(source_path=PATH, blend=blend) for blend in (0, 0.5, 1)),
        Enhance(source_path="http://monitor:10777/canary-files/x.jpg"),
        Enhance(source_path="/srv/Müllers Bilder/été.jpg"),
    ],
)
def test_a_job_within_the_guides_ranges_is_accepted(job: Job) -> None:
    check(job)


@pytest.mark.parametrize(
    ("job", "words"),
    [
        (Enhance(source_path=PATH, model="gfpgan_1.3"), "'gfpgan_1.3'"),
        (Enhance(source_path=PATH, model=""), "the model ''"),
        (Enhance(source_path=PATH, blend=1.01), "the blend 1.01"),
        (Enhance(source_path=PATH, blend=-0.01), "the blend -0.01"),
        (Enhance(source_path=PATH, blend=math.nan), "the blend nan"),
        (Enhance(source_path=PATH, blend=math.inf), "the blend inf"),
        (Enhance(source_path=PATH, blend=True), "the blend True"),
        (Enhance(source_path=PATH, blend=10**400), "the blend 1000"),
        (Age(source_path=PATH, age=-1), "the age -1"),
        (Age(source_path=PATH, age=101), "the age 101"),
        (Age(source_path=PATH, age=True), "the age True"),
        (Age(source_path=PATH, blend=2), "the blend 2"),
        (Enhance(source_path=""), "source_path cannot be used, it is empty"),
        (Enhance(source_path="  "), "it is empty"),
        (Age(source_path="/a\nb"), "control characters"),
        (Age(source_path="/a\x00b"), "control characters"),
        (Age(source_path="/a\u2028b"), "control characters"),
        (Age(source_path="/\ud800"), "control characters"),
        (Enhance(source_path="/" * 4097), "longer than 4096"),
        (
            Swap(source_face_path=PATH, target_image_path=""),
            "target_image_path cannot be used",
        ),
        (
            Swap(source_face_path="", target_image_path=PATH),
            "source_face_path cannot be used",
        ),
        (
            Swap(
                source_face_path=PATH,
                target_image_path=PATH,
                model="hyperswap_1a_256",
            ),
            "inswapper_128, inswapper_256",
        ),
    ],
)
def test_a_job_outside_the_guides_ranges_is_refused_by_name(
    job: Job, words: str
) -> None:
    with pytest.raises(InvalidJob, match=r"^cannot run this") as refused:
        check(job)

    assert words in str(refused.value)


@pytest.mark.parametrize(
    "settings",
    [{"blend": "1.0"}, {"blend": None}, {"age": 25.0}, {"age": "25"}],
)
def test_a_value_of_another_type_is_refused(
    settings: dict[str, object],
) -> None:
    job = Age(source_path=PATH)
    for name, value in settings.items():
        object.__setattr__(job, name, value)

    with pytest.raises(InvalidJob, match=r"^cannot run this age job"):
        check(job)


@given(
    st.text(),
    st.text() | st.sampled_from(ENHANCE_MODELS),
    st.floats() | st.floats(0, 1),
)
def test_every_enhance_job_is_accepted_or_refused_with_a_short_sentence(
    path: str, model: str, blend: float
) -> None:
    said = refusal(Enhance(source_path=path, model=model, blend=blend))

    sound = model in ENHANCE_MODELS and 0 <= blend <= 1
    assert said or (sound and path.strip())
    assert said.isprintable()
    assert len(said) < 300


@given(st.integers(), st.floats(0, 1))
def test_an_age_is_accepted_exactly_from_0_to_100(
    age: int, blend: float
) -> None:
    job = Age(source_path=PATH, age=age, blend=blend)

    if 0 <= age <= 100:
        check(job)
    else:
        with pytest.raises(InvalidJob):
            check(job)
