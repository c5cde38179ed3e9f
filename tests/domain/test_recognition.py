"""Which dialect a server looks like."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.answer import Answer
from monitor.domain.recognition import QUESTIONS, Recognised, recognise

GRADIO = {
    "version": "5.50.0",
    "title": "FaceFusion 3.8.1",
    "api_prefix": "/gradio_api",
    "dependencies": [],
}
V4: dict[str, object] = {"formats": {"image": []}, "arguments": {}}


def said(body: object, code: int = 200) -> Answer:
    return Answer(
        code=code,
        content_type="application/json",
        body=json.dumps(body).encode(),
        duration=0.01,
    )


NOT_FOUND = said({"detail": "Not Found"}, 404)


def test_a_good_status_answer_is_the_guides_api() -> None:
    answers = {"rest": said({"status": "online", "version": "3.8"})}

    seen = recognise(answers)

    assert seen == Recognised(
        dialect="rest", because="/api/v1/status answered 200", version="3.8"
    )


def test_trouble_that_the_api_reports_is_still_the_api() -> None:
    seen = recognise({"rest": said({"status": "error"})})

    assert seen.dialect == "rest"
    assert seen.because.startswith("/api/v1/status answered 200, but ")


def test_gradio_is_known_by_its_config() -> None:
    answers = {"rest": NOT_FOUND, "gradio": said(GRADIO), "v4": NOT_FOUND}

    seen = recognise(answers)

    assert (seen.dialect, seen.version) == ("gradio", "FaceFusion 3.8.1")


def test_a_gradio_page_without_a_title_has_no_version() -> None:
    seen = recognise({"gradio": said({**GRADIO, "title": None})})

    assert (seen.dialect, seen.version) == ("gradio", "")


def test_v4_is_known_by_its_capabilities() -> None:
    seen = recognise({"rest": NOT_FOUND, "v4": said(V4)})

    assert (seen.dialect, seen.version) == ("v4", "")


def test_the_guides_api_counts_before_a_page_beside_it() -> None:
    seen = recognise({"rest": said({}), "gradio": said(GRADIO)})

    assert seen.dialect == "rest"


@pytest.mark.parametrize("body", [b"<html>hello</html>", b"", b"[]", b'"ok"'])
def test_who_says_the_same_to_everything_is_not_recognised(
    body: bytes,
) -> None:
    same = Answer(code=200, content_type="", body=body, duration=0.01)

    seen = recognise(dict.fromkeys(QUESTIONS, same))

    assert seen.dialect == ""


def test_an_unknown_server_is_described_by_its_answers() -> None:
    seen = recognise({"rest": NOT_FOUND, "v4": said(V4, code=503)})

    assert seen == Recognised(
        dialect="",
        because=(
            "it looks like nothing that we know: /api/v1/status answered 404,"
            " /config gave no answer, /capabilities answered 503"
        ),
    )


@given(
    st.dictionaries(
        st.sampled_from(sorted(QUESTIONS)),
        st.builds(
            Answer,
            code=st.sampled_from([200, 302, 404, 502]),
            content_type=st.sampled_from(["", "text/html"]),
            body=st.binary(max_size=50),
            duration=st.just(0.1),
        ),
    )
)
def test_any_answers_have_a_meaning(answers: dict[str, Answer]) -> None:
    seen = recognise(answers)

    assert seen.because
    assert seen.dialect in {"", *answers}
