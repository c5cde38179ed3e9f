"""The guide's jobs, as they go over the wire."""

import json

import pytest

from monitor.adapters.facefusion.rest import JOB_LIMIT, Rest
from monitor.adapters.http.client import HttpClient
from monitor.domain.answer import NoAnswer
from monitor.domain.canary.job import Age, Enhance, Job, Swap
from monitor.domain.errors import InvalidJob
from monitor.ports import FaceFusion
from tests.servers.manners import answers, drips, hangs, serving


def rest(base_url: str) -> FaceFusion:
    return Rest(base_url, HttpClient())


@pytest.mark.parametrize(
    ("job", "path", "parameters"),
    [
        (
            Enhance(source_path="/srv/a.jpg", model="codeformer", blend=0.5),
            "/api/v1/enhance-face",
            {
                "source_path": "/srv/a.jpg",
                "face_enhancer_model": "codeformer",
                "face_enhancer_blend": 0.5,
            },
        ),
        (
            Age(source_path="/srv/a.jpg", age=45, blend=0.7),
            "/api/v1/adjust-face",
            {
                "source_path": "/srv/a.jpg",
                "face_editor_age": 45,
                "face_editor_blend": 0.7,
            },
        ),
        (
            Swap(source_face_path="/srv/a.jpg", target_image_path="/srv/b"),
            "/api/v1/swap-face",
            {
                "source_face_path": "/srv/a.jpg",
                "target_image_path": "/srv/b",
                "face_swapper_model": "inswapper_128",
            },
        ),
    ],
)
async def test_a_job_is_spelled_as_the_guide_says(
    job: Job, path: str, parameters: dict[str, object]
) -> None:
    done = b'{"output_path": "/srv/out.png"}'
    async with serving(answers(done)) as served:
        answer = await rest(served.url).run(job, within=5)

    head, _, body = served.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(f"POST {path} HTTP/1.1\r\n".encode())
    assert b"content-type: application/json" in head.lower()
    assert json.loads(body) == parameters
    assert (answer.code, answer.body) == (200, done)


@pytest.mark.parametrize(
    ("base", "target"),
    [
        ("", "/api/v1/status"),
        ("/", "/api/v1/status"),
        ("/gpu/one/", "/gpu/one/api/v1/status"),
        ("/gpu?key=a%20b#top", "/gpu/api/v1/status?key=a%20b"),
    ],
)
async def test_the_base_url_may_have_a_prefix(base: str, target: str) -> None:
    async with serving(answers()) as served:
        await rest(served.url + base).status(within=5)

    line = served.requests[0].partition(b"\r\n")[0].decode()
    assert line == f"GET {target} HTTP/1.1"


@pytest.mark.parametrize(
    "job",
    [
        Enhance(source_path="/a.jpg", blend=1.5),
        Enhance(source_path="/a.jpg", model="no-such-model"),
        Age(source_path="/a.jpg", age=101),
        Swap(source_face_path="", target_image_path="/b.jpg"),
    ],
)
async def test_an_invalid_job_is_refused_before_anything_is_sent(
    job: Job,
) -> None:
    async with serving(answers()) as served:
        with pytest.raises(InvalidJob, match="cannot run this"):
            await rest(served.url).run(job, within=5)

    assert served.requests == []


async def test_a_failed_job_is_an_answer_too() -> None:
    async with serving(answers(b"{}", code=500)) as served:
        answer = await rest(served.url).run(
            Enhance(source_path="/a.jpg"), within=5
        )

    assert answer.code == 500


async def test_a_job_s_duration_is_what_the_client_waits() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n"
    async with serving(drips(head, b"x", pause=0.02)) as served:
        answer = await rest(served.url).run(
            Enhance(source_path="/a.jpg"), within=5
        )

    assert 19 * 0.02 < answer.duration < 2


async def test_a_job_that_hangs_ends_with_its_deadline() -> None:
    async with serving(hangs()) as served:
        with pytest.raises(NoAnswer) as caught:
            await rest(served.url).run(
                Enhance(source_path="/a.jpg"), within=0.2
            )

    assert caught.value.reason == "timeout"
    assert "/api/v1/enhance-face: connected, but no answer" in str(
        caught.value
    )


async def test_a_job_s_answer_has_a_limit() -> None:
    async with serving(answers(b"x" * (JOB_LIMIT + 1))) as served:
        with pytest.raises(NoAnswer) as caught:
            await rest(served.url).run(Enhance(source_path="/a.jpg"), within=5)

    assert caught.value.reason == "too_large"
