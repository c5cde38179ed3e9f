import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.answer import Answer
from monitor.domain.canary.answer import LARGEST, read
from monitor.domain.canary.reading import Result
from monitor.domain.canary.verdict import Verdict
from monitor.domain.health import Health

HTML = b"<!DOCTYPE html><html><title>502 Bad Gateway</title></html>"


def answer(
    body: bytes | dict[str, object],
    code: int = 200,
    kind: str = "application/json",
    location: str = "",
) -> Answer:
    return Answer(
        code=code,
        content_type=kind,
        body=body if isinstance(body, bytes) else json.dumps(body).encode(),
        duration=1.2,
        location=location,
    )


def failure(*args: object, **settings: object) -> Verdict:
    said = read(answer(*args, **settings))  # type: ignore[arg-type]  # as given
    assert isinstance(said, Verdict)
    return said


@pytest.mark.parametrize(
    "path",
    [
        "/srv/output/enhanced_1.png",
        "C:\\facefusion\\out put.png",
        "http://gpu1:9002/output/été.png",
    ],
)
def test_a_200_with_an_output_path_is_a_success(path: str) -> None:
    body: dict[str, object] = {"output_path": path, "seconds": 1.1}

    assert read(answer(body)) == path


def test_the_content_type_is_not_asked_for() -> None:
    assert read(answer({"output_path": "/a.png"}, kind="text/plain")) == (
        "/a.png"
    )


def test_an_output_whose_name_sounds_declined_is_an_output() -> None:
    assert read(answer({"output_path": "/nsfw/declined.png"})) == (
        "/nsfw/declined.png"
    )


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"output_path": None},
        {"output_path": ""},
        {"output_path": "  \n"},
        {"output_path": []},
        {"output_path": False},
        {"enhanced_image": "/a.png"},
        b"null",
        b"[]",
        b'"/a.png"',
        b"true",
        b"3",
    ],
)
def test_a_200_without_an_output_is_a_null_result(
    body: bytes | dict[str, object],
) -> None:
    said = failure(body)

    assert said.result is Result.ERROR
    assert said.health is Health.UNHEALTHY
    assert said.reason == "processing_failed"
    assert said.because.startswith("answered 200 with no output_path")


def test_a_null_result_says_what_the_server_said() -> None:
    said = failure({"output_path": None, "error": "CUDA out of memory"})

    assert said.because.endswith(': "CUDA out of memory"')


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (17, "it is no text"),
        ({"path": "/a.png"}, "it is no text"),
        ("/a\n.png", "control characters"),
        ("/a\x00.png", "control characters"),
        ("/\ud800.png", "control characters"),
        ("/" * 5000, "longer than 4096"),
    ],
)
def test_an_output_path_that_is_none_is_never_used(
    path: object, words: str
) -> None:
    said = failure({"output_path": path})

    assert (said.result, said.reason) == (Result.ERROR, "bad_body")
    assert words in said.because


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"OK",
        b'{"output_path": "/a.png"',
        b'{"output_path": "\xff\xfe.png"}',
        b"[" * 100_000,
        b'{"output_path": ' + b"9" * 5000 + b"}",
    ],
)
def test_a_200_that_is_no_json_is_an_error(body: bytes) -> None:
    said = failure(body)

    assert (said.result, said.reason) == (Result.ERROR, "bad_body")
    assert said.health is Health.UNHEALTHY
    assert said.because.startswith("answered 200 with no JSON")


def test_an_error_page_served_as_200_is_named() -> None:
    said = failure(HTML, kind="text/html")

    assert (said.result, said.reason) == (Result.ERROR, "error_page")
    assert "502 Bad Gateway" in said.because


def test_an_answer_that_is_too_large_is_not_parsed() -> None:
    body = b'{"output_path": "/a.png"}' + b" " * LARGEST

    assert failure(body).reason == "bad_body"


@pytest.mark.parametrize("code", [500, 502, 503, 504, 599])
def test_a_5xx_is_a_server_that_cannot_process(code: int) -> None:
    said = failure({"detail": "CUDA failure 700"}, code)

    assert said.result is Result.ERROR
    assert said.health is Health.UNHEALTHY
    assert said.reason == "processing_failed"
    assert said.because == f'answered {code}: "CUDA failure 700"'


@pytest.mark.parametrize("code", [400, 404, 415, 422])
def test_an_input_that_is_refused_tells_nothing_about_the_server(
    code: int,
) -> None:
    said = failure({"detail": "Not Found"}, code)

    assert said.result is Result.ERROR
    assert said.health is Health.UNKNOWN
    assert said.reason == "input_rejected"


@pytest.mark.parametrize("code", [201, 204, 301, 401, 403, 405, 413, 429])
def test_any_other_code_is_an_error(code: int) -> None:
    said = failure({"output_path": "/a.png"}, code)

    assert said.result is Result.ERROR
    assert said.health is Health.UNHEALTHY
    assert said.reason == "unexpected_code"


def test_a_redirect_says_where_to() -> None:
    said = failure(b"", 307, location="https://gpu1/login?token=hush")

    assert "a redirect to https://gpu1/login" in said.because
    assert "hush" not in said.because


@pytest.mark.parametrize("code", [200, 400, 422, 500])
@pytest.mark.parametrize(
    "body",
    [
        {"error": "NSFW content found"},
        {"detail": "Content declined"},
        {"message": "declined by the content analyser"},
        {"status": "failed", "reason": "content_analyzer"},
        {"detail": {"error": {"message": "the image was blocked: NSFW"}}},
        {"detail": [{"loc": ["body"], "msg": "image rejected"}]},
        b"This image is not allowed",
    ],
)
def test_declined_content_is_no_fault_of_the_server(
    body: bytes | dict[str, object], code: int
) -> None:
    said = failure(body, code)

    assert said.result is Result.DECLINED
    assert said.health is Health.UNKNOWN
    assert said.reason == "declined"
    assert "set another input for this canary" in said.because


@pytest.mark.parametrize(
    "body",
    [
        {"error": "cannot read /data/nsfw/declined.jpg"},
        {"error": "CUDA out of memory"},
        {"note": "declined"},
        b"<html><title>content declined</title></html>",
    ],
)
def test_other_failures_are_not_taken_for_declined(
    body: bytes | dict[str, object],
) -> None:
    assert failure(body, 500).result is Result.ERROR


def test_words_are_looked_for_in_a_few_levels_only() -> None:
    deep: object = "declined"
    for _ in range(20):
        deep = {"detail": deep}

    assert failure({"detail": deep}, 500).result is Result.ERROR


def test_a_secret_in_an_error_is_masked() -> None:
    said = failure({"detail": "no access with token=abc123"}, 500)

    assert "abc123" not in said.because


bodies = st.binary() | st.builds(
    lambda value: json.dumps(value).encode(),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.text() | st.sampled_from(["output_path", "detail"]), inner
            )
        ),
    ),
)


@settings(max_examples=50)
@given(bodies, st.integers(100, 599), st.text(max_size=40))
def test_every_answer_is_a_path_or_a_failure_with_a_short_sentence(
    body: bytes, code: int, kind: str
) -> None:
    said = read(answer(body, code, kind))

    if isinstance(said, str):
        assert code == 200
        assert json.loads(body)["output_path"] == said
        assert said.strip()
    else:
        assert said.result in {Result.ERROR, Result.DECLINED}
        assert said.health is not Health.HEALTHY
        assert said.reason
        assert said.because.isprintable()
        assert len(said.because) < 400
