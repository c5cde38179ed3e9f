"""Whatever goes wrong is a problem document, and nothing of ours leaks."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.web.api_house import ANN, ApiHouse

PLANNED = "/api/v1/maintenance"


async def asked(
    house: ApiHouse,
    method: str,
    path: str,
    content: bytes | AsyncIterator[bytes] = b"",
) -> httpx.Response:
    async with house.client(
        "oncall-ann", **{"Content-Type": "application/json"}
    ) as client:
        return await client.request(method, path, content=content)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", PLANNED, "GET, HEAD, POST"),
        ("POST", "/api/v1/targets", "GET, HEAD"),
        ("GET", "/-/reload", "POST"),
        ("OPTIONS", f"{PLANNED}/1", "DELETE"),
        ("HEAD", "/api/v1/events", "GET"),
    ],
)
async def test_a_wrong_method_is_told_the_right_ones(
    method: str, path: str, allowed: str
) -> None:
    answer = await asked(ApiHouse(ANN), method, path)

    assert answer.status_code == 405
    assert answer.headers["allow"] == allowed
    assert method == "HEAD" or "the header Allow" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", 400),
        (b"", 422),
        (b"[]", 422),
        (b'{"\\ud800": 1}', 422),
        (b"\xff\xfe", 400),
        (b"[" * 5000, 400),
        (b"x" * 70_000, 413),
    ],
)
async def test_a_body_that_is_none_is_a_problem(
    body: bytes, code: int
) -> None:
    house = ApiHouse(ANN)

    answer = await asked(house, "POST", PLANNED, body)

    assert answer.status_code == code
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].startswith("cannot ")
    assert house.broken == []


async def test_a_body_without_a_length_is_bounded_too() -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(1000):
            yield b"x" * 1000

    answer = await asked(ApiHouse(ANN), "POST", PLANNED, endless())

    assert answer.status_code == 413


async def test_an_error_of_ours_goes_to_the_log_and_not_to_the_client() -> (
    None
):
    house = ApiHouse(ANN)
    house.fails = RuntimeError("password is hunter2")

    answer = await asked(house, "POST", "/-/reload")

    assert answer.status_code == 500
    assert answer.json()["status"] == 500
    assert "hunter2" not in answer.text
    assert "Traceback" not in answer.text
    assert [where for where, _ in house.broken] == ["POST /-/reload"]


@pytest.mark.parametrize(
    "path",
    ["/api/v1/targets", "/", "/-/healthy", "/metrics", "/sd", "/docs"],
)
async def test_every_answer_carries_the_security_headers(path: str) -> None:
    answer = await asked(ApiHouse(ANN), "GET", path)

    headers = answer.headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    "path", ["/api/v1/targets", "/-/healthy", "/sd", "/metrics"]
)
async def test_head_is_get_without_the_body(path: str) -> None:
    house = ApiHouse()

    async with house.client() as client:
        full = await client.get(path)
        head = await client.head(path)

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == full.headers
