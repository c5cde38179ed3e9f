"""Preflights over real connections."""

import pytest

from monitor.adapters.http.client import HttpClient
from monitor.domain.answer import NoAnswer
from monitor.domain.browser import asks
from tests.servers.manners import (
    Manner,
    answers,
    floods,
    free_port,
    hangs,
    serving,
)

PAGE = "https://storycanvas.example"


async def test_a_preflight_sends_what_a_browser_sends() -> None:
    async with serving(answers(b"")) as served:
        url = f"{served.url}/api/v1/enhance-face"
        await HttpClient().preflight(url, headers=asks(PAGE), within=2)

    head = served.requests[0].decode().lower()
    assert head.startswith("options /api/v1/enhance-face http/1.1\r\n")
    assert f"\r\norigin: {PAGE}\r\n" in head
    assert "\r\naccess-control-request-method: post\r\n" in head
    assert "\r\naccess-control-request-headers: content-type\r\n" in head


async def test_the_answer_keeps_its_headers() -> None:
    manner = answers(
        b"",
        b"Access-Control-Allow-Origin: *",
        b"Access-Control-Allow-Headers: a",
        b"Access-Control-Allow-Headers: b",
        code=200,
    )
    async with serving(manner) as served:
        answer = await HttpClient().preflight(
            served.url, headers=asks(PAGE), within=2
        )

    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-headers"] == "a, b"


async def test_other_answers_keep_none() -> None:
    async with serving(answers(b"{}")) as served:
        answer = await HttpClient().get(served.url, within=2, limit=100)

    assert answer.headers == {}


async def test_a_list_can_be_sent_as_json() -> None:
    async with serving(answers(b"{}")) as served:
        await HttpClient().send(
            "POST", served.url, json=[{"a": 1}], within=2, limit=100
        )

    assert served.requests[0].endswith(b'\r\n\r\n[{"a":1}]')


@pytest.mark.parametrize(
    ("manner", "reason"),
    [
        (hangs(), "timeout"),
        (floods(b"HTTP/1.1 200 OK\r\n\r\n", b" " * 65536), "too_large"),
    ],
    ids=["hangs", "floods"],
)
async def test_a_preflight_is_bounded(manner: Manner, reason: str) -> None:
    async with serving(manner) as served:
        with pytest.raises(NoAnswer) as caught:
            await HttpClient().preflight(
                served.url, headers=asks(PAGE), within=0.3
            )

    assert caught.value.reason == reason


async def test_a_refused_preflight_says_so() -> None:
    with pytest.raises(NoAnswer) as caught:
        await HttpClient().preflight(
            f"http://127.0.0.1:{free_port()}/", headers=asks(PAGE), within=1
        )

    assert caught.value.reason == "refused"


async def test_no_address_is_our_own_fault() -> None:
    with pytest.raises(NoAnswer) as caught:
        await HttpClient().preflight(
            "http://x:nine", headers=asks(PAGE), within=1
        )

    assert caught.value.reason == "failed"
