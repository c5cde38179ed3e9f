"""The HTTP surface, through ASGI."""

from collections.abc import AsyncIterator

import httpx
import pytest

from monitor.web.app import Serves, create_app
from monitor.web.auth import Token, digest_of
from monitor.web.routes import canary_files

PROMETHEUS = Token(
    name="prometheus",
    digest=digest_of(b"s3cret"),
    scopes=frozenset({"metrics"}),
)
CI = Token(
    name="ci", digest=digest_of(b"t0ken"), scopes=frozenset({"maintain"})
)


class Shelf:
    def __init__(self) -> None:
        self.images = {"abc.jpg": b"\xff\xd8image"}

    def get(self, name: str) -> bytes | None:
        return self.images.get(name)


class House:
    def __init__(self) -> None:
        self.because = ""

    def client(self, *tokens: Token) -> httpx.AsyncClient:
        app = create_app(
            Serves(
                render=lambda: b"facefusion_up 1\n",
                content_type="text/plain; version=0.0.4; charset=utf-8",
                unready=lambda: self.because,
                shelf=Shelf(),
                tokens=tokens,
            )
        )
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://localhost"
        )


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with house.client() as made:
        yield made


async def test_metrics_come_with_the_content_type_of_the_text_format(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/metrics")

    assert answer.status_code == 200
    assert answer.text == "facefusion_up 1\n"
    assert (
        answer.headers["content-type"]
        == "text/plain; version=0.0.4; charset=utf-8"
    )


async def test_healthy_answers_while_the_process_does(
    client: httpx.AsyncClient,
) -> None:
    assert (await client.get("/-/healthy")).status_code == 200


async def test_ready_says_what_is_missing(
    house: House, client: httpx.AsyncClient
) -> None:
    house.because = "2 of 9 checks have not been looked at"

    waiting = await client.get("/-/ready")
    house.because = ""
    ready = await client.get("/-/ready")

    assert (waiting.status_code, waiting.text) == (
        503,
        "not ready: 2 of 9 checks have not been looked at\n",
    )
    assert ready.status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/", "/metrics/", "/metric", "/-/", "/-/quit", "/docs", "/openapi.json"],
)
async def test_what_is_not_there_is_a_404_that_says_so(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(path)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == (
        f"cannot answer GET {path}: there is no such path here; /docs has them"
        " all"
    )


async def test_a_wrong_method_is_a_problem_document(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.post("/metrics")

    assert answer.status_code == 405
    assert answer.json()["status"] == 405


async def test_a_canary_file_is_served_by_its_name_only(
    client: httpx.AsyncClient,
) -> None:
    known = await client.get("/canary-files/abc.jpg")
    other = await client.get("/canary-files/other.jpg")

    assert (known.status_code, known.content) == (200, b"\xff\xd8image")
    assert other.status_code == 404


@pytest.mark.parametrize(
    ("image", "kind"),
    [
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"\x89PNG\r\n", "image/png"),
        (b"RIFF1234WEBP", "image/webp"),
    ],
)
def test_a_canary_file_is_called_what_it_is(image: bytes, kind: str) -> None:
    assert canary_files.media_type(image) == kind


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, 401),
        ("Bearer wrong", 401),
        ("Bearer ", 401),
        ("Bearer \u00e4", 401),
        ("Basic s3cret", 401),
        ("Bearer t0ken", 403),
        ("Bearer s3cret", 200),
    ],
)
async def test_with_tokens_configured_metrics_need_one_of_their_scope(
    house: House, header: str | None, code: int
) -> None:
    headers = {b"Authorization": header.encode("latin-1")} if header else {}
    async with house.client(PROMETHEUS, CI) as client:
        answer = await client.get("/metrics", headers=headers)

    assert answer.status_code == code


async def test_a_refusal_never_repeats_the_token(house: House) -> None:
    headers = {"Authorization": "Bearer t0ken"}
    async with house.client(PROMETHEUS, CI) as client:
        answer = await client.get("/metrics", headers=headers)

    assert "t0ken" not in answer.text
    assert "ci lacks the scope metrics" in answer.json()["detail"]


async def test_liveness_needs_no_token(house: House) -> None:
    async with house.client(PROMETHEUS) as client:
        healthy = await client.get("/-/healthy")
        ready = await client.get("/-/ready")

    assert (healthy.status_code, ready.status_code) == (200, 200)
