"""The backend's two APIs, as the adapter speaks them."""

import asyncio
import json
import time
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

import pytest

from monitor.adapters.clock import SystemClock
from monitor.adapters.facefusion.storycanvas import StoryCanvas, Vantage
from monitor.adapters.http.client import HttpClient
from monitor.domain.answer import NoAnswer
from monitor.domain.canary.job import Age, Batch, Enhance, Job, Swap
from monitor.domain.errors import InvalidJob
from monitor.domain.health import Health
from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.probes.backend import BackendProbe
from tests.servers.manners import (
    Manner,
    Served,
    answers,
    drips,
    floods,
    free_port,
    hangs,
    resets,
    says,
    serving,
)

KEY = CheckKey(kind=Kind.TARGET, subject="studio", check="backend")
SERVER = "http://192.168.1.10:9002"
WITHIN = 1.0
V1 = answers(b'{"online": true}')
LEGACY = answers(b'{"is_online": true}')
NO_ROUTE = answers(b'{"detail": "Not Found"}', code=404)
FAILS = answers(b"{}", code=500)
JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"


class Backend:
    """A backend with a manner a path; what is not there is a 404."""

    def __init__(self, manners: Mapping[str, Manner]) -> None:
        self.manners = dict(manners)
        self.served: Served | None = None

    async def __call__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        assert self.served is not None
        path, _ = asked(self.served.requests[-1])
        await self.manners.get(path, NO_ROUTE)(reader, writer)


def asked(request: bytes) -> tuple[str, dict[str, str]]:
    """Return the path and the query of a request."""
    parts = urlsplit(request.split(b" ")[1].decode())
    return parts.path, dict(parse_qsl(parts.query, strict_parsing=False))


def body_of(request: bytes) -> object:
    return json.loads(request.partition(b"\r\n\r\n")[2])


def through(
    url: str, api: str = "auto", server: str = SERVER, character: str = "c&1"
) -> StoryCanvas:
    vantage = Vantage(facefusion_url=server, api=api, character_id=character)
    return StoryCanvas(url, HttpClient(), vantage)


async def look(backend: StoryCanvas, within: float = WITHIN) -> Observation:
    probe = BackendProbe(KEY, backend, SystemClock(), within=within)
    return await probe.look()


@pytest.mark.parametrize(
    ("api", "manner", "path"),
    [
        ("v1", V1, "/api/v1/facefusion/status"),
        ("legacy", LEGACY, "/api/facefusion/status"),
    ],
)
async def test_the_status_is_asked_for_the_configured_server(
    api: str, manner: Manner, path: str
) -> None:
    async with serving(manner) as served:
        answer = await through(served.url, api).status(within=WITHIN)

    assert answer.code == 200
    assert [asked(one) for one in served.requests] == [
        (path, {"facefusion_url": SERVER})
    ]


async def test_a_backend_below_a_path_is_asked_there() -> None:
    async with serving(V1) as served:
        backend = through(f"{served.url}/canvas/", "v1", server="")
        await backend.status(within=WITHIN)

    assert asked(served.requests[0]) == (
        "/canvas/api/v1/facefusion/status",
        {},
    )


ENHANCE = Enhance(source_path="http://x/uploads/a b.jpg", model="codeformer")
AGE = Age(source_path="/a.jpg", age=70)
SWAP = Swap(source_face_path="/face.jpg", target_image_path="/body.jpg")
KNOWN = {"character_id": "c&1", "facefusion_url": SERVER}


@pytest.mark.parametrize(
    ("job", "path", "parameters"),
    [
        (
            ENHANCE,
            "enhance-face",
            {
                "image_url": "http://x/uploads/a b.jpg",
                "enhancement_model": "codeformer",
            },
        ),
        (AGE, "adjust-face-age", {"image_url": "/a.jpg", "target_age": "70"}),
        (
            SWAP,
            "swap-face",
            {
                "source_face_url": "/face.jpg",
                "target_image_url": "/body.jpg",
            },
        ),
    ],
)
async def test_legacy_jobs_are_query_parameters(
    job: Job, path: str, parameters: dict[str, str]
) -> None:
    done = answers(b'{"enhanced_image": "/uploads/e.png"}')
    async with serving(done) as served:
        answer = await through(served.url, "legacy").run(job, within=WITHIN)

    (request,) = served.requests
    assert request.startswith(b"POST ")
    assert request.endswith(b"\r\n\r\n")
    assert asked(request) == (f"/api/facefusion/{path}", KNOWN | parameters)
    assert answer.json() == {
        "enhanced_image": "/uploads/e.png",
        "output_path": "/uploads/e.png",
    }


@pytest.mark.parametrize(
    ("job", "path", "parameters"),
    [
        (
            ENHANCE,
            "enhance-face",
            {
                "image_url": "http://x/uploads/a b.jpg",
                "enhancement_model": "codeformer",
                "face_enhancer_blend": 1.0,
            },
        ),
        (
            Age(source_path="/a.jpg", age=70, blend=0.5),
            "adjust-face-age",
            {
                "image_url": "/a.jpg",
                "target_age": 70,
                "face_editor_blend": 0.5,
            },
        ),
        (
            SWAP,
            "swap-face",
            {
                "source_face_url": "/face.jpg",
                "target_image_url": "/body.jpg",
                "face_swapper_model": "inswapper_128",
            },
        ),
    ],
)
async def test_v1_jobs_are_json(
    job: Job, path: str, parameters: dict[str, object]
) -> None:
    done = answers(b'{"success": true, "output_url": "/e.png"}')
    async with serving(done) as served:
        answer = await through(served.url, "v1").run(job, within=WITHIN)

    (request,) = served.requests
    assert asked(request) == (f"/api/v1/facefusion/{path}", {})
    assert body_of(request) == KNOWN | parameters
    assert b'"output_path": "/e.png"' in answer.body


@pytest.mark.parametrize(
    ("job", "character", "words"),
    [
        (ENHANCE, "", "set backend.character_id"),
        (Enhance(source_path="/a", blend=0.5), "c", "takes no blend;"),
        (Age(source_path="/a", blend=0.5), "c", "takes no blend;"),
        (
            Swap(
                source_face_path="/a",
                target_image_path="/b",
                model="inswapper_256",
            ),
            "c",
            "no model but inswapper_128;",
        ),
        (Enhance(source_path=" "), "c", "source_path cannot be used"),
    ],
)
async def test_what_legacy_cannot_say_is_not_sent(
    job: Job, character: str, words: str
) -> None:
    async with serving(LEGACY) as served:
        backend = through(served.url, "legacy", character=character)
        with pytest.raises(InvalidJob, match=words):
            await backend.run(job, within=WITHIN)

    assert served.requests == []


def batch(*operations: Enhance | Age) -> Batch:
    return Batch(character_id="c1", image_url="/i.jpg", operations=operations)


@pytest.mark.parametrize("api", ["auto", "legacy", "v1"])
async def test_a_batch_is_a_json_array_for_the_legacy_api(api: str) -> None:
    done = answers(b'{"total_operations": 2, "results": []}')
    operations = (
        Enhance(source_path="/other.jpg", model="codeformer"),
        Age(source_path="/other.jpg", age=50),
    )
    async with serving(done) as served:
        answer = await through(served.url, api).batch(
            batch(*operations), within=WITHIN
        )

    (request,) = served.requests
    assert asked(request) == (
        "/api/facefusion/batch-process",
        {"character_id": "c1", "facefusion_url": SERVER},
    )
    assert body_of(request) == [
        {
            "type": "enhance",
            "image_url": "/i.jpg",
            "enhancement_model": "codeformer",
        },
        {"type": "age_adjust", "image_url": "/i.jpg", "target_age": 50},
    ]
    assert answer.code == 200


@pytest.mark.parametrize(
    "operation",
    [
        Enhance(source_path="/a", blend=0.5),
        Age(source_path="/a", blend=0.5),
        Age(source_path="/a", age=101),
    ],
)
async def test_a_batch_that_the_api_cannot_say_is_not_sent(
    operation: Enhance | Age,
) -> None:
    async with serving(LEGACY) as served:
        with pytest.raises(InvalidJob):
            await through(served.url).batch(batch(operation), within=WITHIN)

    assert served.requests == []


PATHS = {"v1": "/api/v1/facefusion/status", "legacy": "/api/facefusion/status"}


@pytest.mark.parametrize(
    ("v1", "legacy", "found", "questions"),
    [
        (V1, LEGACY, "v1", 1),
        (NO_ROUTE, LEGACY, "legacy", 2),
        (answers(b"<html>app</html>"), LEGACY, "legacy", 2),
        (FAILS, LEGACY, "v1", 1),
        (NO_ROUTE, NO_ROUTE, "v1", 2),
        (NO_ROUTE, FAILS, "legacy", 2),
        (NO_ROUTE, resets(), "v1", 2),
    ],
    ids=[
        "both",
        "old release",
        "v1 is a page",
        "v1 fails",
        "neither",
        "legacy fails",
        "legacy resets",
    ],
)
async def test_auto_tries_v1_and_then_legacy(
    v1: Manner, legacy: Manner, found: str, questions: int
) -> None:
    town = Backend({PATHS["v1"]: v1, PATHS["legacy"]: legacy})
    async with serving(town) as served:
        town.served = served
        backend = through(served.url)
        await backend.status(within=WITHIN)

    assert backend.api == found
    assert len(served.requests) == questions


async def test_auto_remembers_and_finds_out_again_after_an_upgrade() -> None:
    town = Backend({PATHS["legacy"]: LEGACY})
    async with serving(town) as served:
        town.served = served
        backend = through(served.url)
        await look(backend)
        old = await look(backend)
        asked_before = len(served.requests)
        town.manners = {PATHS["v1"]: V1}
        new = await look(backend)

    assert getattr(old.reading, "api", "") == "legacy"
    assert asked_before == 3
    assert getattr(new.reading, "api", "") == "v1"
    assert old.health is new.health is Health.HEALTHY


async def test_a_fixed_api_is_not_exchanged() -> None:
    town = Backend({PATHS["v1"]: V1})
    async with serving(town) as served:
        town.served = served
        seen = await look(through(served.url, "legacy"))

    assert (seen.health, seen.reason) == (Health.DEGRADED, "no_such_api")
    assert len(served.requests) == 1


async def test_auto_finds_the_api_before_its_first_job() -> None:
    done = answers(b'{"enhanced_image": "/e.png"}')
    town = Backend(
        {PATHS["legacy"]: LEGACY, "/api/facefusion/enhance-face": done}
    )
    async with serving(town) as served:
        town.served = served
        backend = through(served.url)
        first = await backend.run(ENHANCE, within=WITHIN)
        second = await backend.run(ENHANCE, within=WITHIN)

    paths = [asked(one)[0] for one in served.requests]
    assert paths == [
        PATHS["v1"],
        PATHS["legacy"],
        "/api/facefusion/enhance-face",
        "/api/facefusion/enhance-face",
    ]
    assert first.code == second.code == 200


async def test_two_questions_share_one_deadline() -> None:
    town = Backend({PATHS["legacy"]: hangs()})
    async with serving(town) as served:
        town.served = served
        begun = time.monotonic()
        answer = await through(served.url).status(within=0.3)

    assert answer.code == 404
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    ("manner", "reason"),
    [
        pytest.param(hangs(), "timeout", id="hangs"),
        pytest.param(hangs(JSON + b"{"), "timeout", id="hangs in its body"),
        pytest.param(drips(JSON, b" ", pause=0.05), "timeout", id="a trickle"),
        pytest.param(floods(JSON, b" " * 65536), "too_large", id="a flood"),
        pytest.param(says(), "reset", id="closes"),
        pytest.param(resets(), "reset", id="resets"),
        pytest.param(hangs(b"220 smtp\r\n"), "protocol", id="not HTTP"),
        pytest.param(
            answers(b"", b"Location: /elsewhere", code=302),
            "redirect",
            id="a redirect",
        ),
        pytest.param(answers(b'{"online": '), "bad_body", id="half of JSON"),
        pytest.param(
            answers(b"<html><title>Bad Gateway</title>", kind=b"text/html"),
            "error_page",
            id="a page",
        ),
    ],
)
@pytest.mark.parametrize("api", ["auto", "v1"])
async def test_bad_manners_make_a_degraded_look_in_time(
    manner: Manner, reason: str, api: str
) -> None:
    begun = time.monotonic()
    async with serving(manner) as served:
        seen = await look(through(served.url, api), within=0.5)

    assert (seen.health, seen.reason) == (Health.DEGRADED, reason)
    assert seen.because.isprintable()
    assert time.monotonic() - begun < WITHIN + 10


async def test_a_backend_that_is_down_cannot_be_reached() -> None:
    backend = through(f"http://127.0.0.1:{free_port()}")

    with pytest.raises(NoAnswer) as caught:
        await backend.status(within=WITHIN)

    assert caught.value.reason == "refused"
    assert SERVER not in str(caught.value)
