"""StoryCanvas' outputs in the guide's words."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.canary import answer as canary_answer
from monitor.domain.storycanvas import OUTPUTS, job_answer
from tests.fakes.facefusion import answer

URL = "http://localhost:8000/uploads/enhanced_123.png"


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_output_is_found_by_its_name(name: str) -> None:
    body = json.dumps({"message": "done", name: URL}).encode()
    said = answer(body, duration=1.5)

    read = job_answer(said)

    assert canary_answer.read(read) == URL
    assert read.duration == 1.5
    assert read.json() == {"message": "done", name: URL, "output_path": URL}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"output_url": null}', 200),
        (b'{"output_url": ""}', 200),
        (b'{"success": false, "output_url": "/x.png"}', 200),
        (b'{"output_url": "/x.png"}', 500),
        (b"[]", 200),
        (b"{", 200),
        (b'{"message": "done"}', 200),
    ],
)
def test_an_answer_without_an_output_stays_as_it_is(
    body: bytes, code: int
) -> None:
    said = answer(body, code=code)

    assert job_answer(said) is said


@given(st.binary(max_size=60))
def test_any_bytes_are_kept(body: bytes) -> None:
    said = answer(body)

    assert job_answer(said) is said
