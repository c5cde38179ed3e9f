"""The simulated backend, seen through the adapter that watches real ones."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from monitor.adapters.clock import SystemClock
from monitor.adapters.facefusion.storycanvas import StoryCanvas, Vantage
from monitor.adapters.http.client import HttpClient
from monitor.adapters.images import compare
from monitor.domain.answer import Answer
from monitor.domain.canary import answer as canary_answer
from monitor.domain.canary.image import Box, flaw
from monitor.domain.canary.job import Age, Batch, Enhance, Job, Swap
from monitor.domain.canary.reading import Operation
from monitor.domain.canary.verdict import Verdict
from monitor.domain.health import Health
from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.probes.backend import BackendProbe
from monitor.simulator.backend import CHARACTER, SimulatedBackend
from monitor.simulator.backend_faults import BACKEND_FAULTS
from monitor.simulator.faults import UnknownFault
from monitor.simulator.host import SimulatedHost
from tests.servers.manners import free_port
from tests.simulator.visitor import ASTRONAUT, NO_TLS, portrait

KEY = CheckKey(kind=Kind.TARGET, subject="studio", check="backend")
FACE = Box(x=178, y=67, width=92, height=92)
WITHIN = 10.0


@pytest_asyncio.fixture
async def backend(studio: SimulatedHost) -> AsyncIterator[SimulatedBackend]:
    async with SimulatedBackend(studio.url) as backend:
        yield backend


def way(
    backend: SimulatedBackend, server: str = "", api: str = "auto"
) -> StoryCanvas:
    vantage = Vantage(facefusion_url=server, api=api, character_id=CHARACTER)
    return StoryCanvas(backend.url, HttpClient(), vantage)


async def look(through: StoryCanvas) -> Observation:
    return await BackendProbe(
        KEY, through, SystemClock(), within=WITHIN
    ).look()


def jobs(backend: SimulatedBackend) -> dict[Operation, Job]:
    image = backend.image_url
    other = f"{backend.url}/uploads/other.jpg"
    return {
        Operation.ENHANCE: Enhance(source_path=image),
        Operation.AGE: Age(source_path=image, age=70),
        Operation.SWAP: Swap(source_face_path=other, target_image_path=image),
    }


async def image_of(answer: Answer) -> bytes:
    output = canary_answer.read(answer)
    assert not isinstance(output, Verdict), output
    fetched = await HttpClient().get(output, within=5, limit=5_000_000)
    return fetched.body


@pytest.mark.parametrize("api", ["legacy", "v1"])
async def test_a_server_is_online_through_each_api(
    backend: SimulatedBackend, studio: SimulatedHost, api: str
) -> None:
    seen = await look(way(backend, studio.url, api))

    assert (seen.health, seen.reason) == (Health.HEALTHY, "")


@pytest.mark.parametrize("api", ["legacy", "v1"])
@pytest.mark.parametrize(
    "operation", [Operation.ENHANCE, Operation.AGE, Operation.SWAP]
)
async def test_each_job_is_really_done_through_each_api(
    backend: SimulatedBackend, api: str, operation: Operation
) -> None:
    job = jobs(backend)[operation]

    answer = await way(backend, api=api).run(job, within=WITHIN)

    before = portrait(ASTRONAUT)
    seen = compare(before, await image_of(answer), FACE)
    assert flaw(seen, operation=operation) is None


async def test_a_batch_does_its_operations(
    backend: SimulatedBackend, studio: SimulatedHost
) -> None:
    image = backend.image_url
    batch = Batch(
        character_id=CHARACTER,
        image_url=image,
        operations=(Enhance(source_path=image), Age(source_path=image)),
    )

    answer = await way(backend, studio.url).batch(batch, within=WITHIN)

    told = answer.json()
    assert isinstance(told, dict)
    assert (told["total_operations"], told["successful_operations"]) == (2, 2)
    assert all("/outputs/" in one["result_url"] for one in told["results"])


async def test_an_operation_that_fails_does_not_end_the_batch(
    backend: SimulatedBackend, studio: SimulatedHost
) -> None:
    operations = [
        {"type": "enhance", "image_url": backend.image_url},
        {"type": "paint", "image_url": backend.image_url},
    ]
    studio.faults.switch_on("null_result")

    async with httpx.AsyncClient(verify=NO_TLS, timeout=10) as http:
        answer = await http.post(
            f"{backend.url}/api/facefusion/batch-process",
            params={"character_id": CHARACTER},
            json=operations,
        )

    told = answer.json()
    assert (told["successful_operations"], told["failed_operations"]) == (0, 2)
    assert "processing error" in told["results"][0]["error"]
    assert told["results"][1]["error"] == "Unknown operation"


async def test_a_body_as_in_the_guide_is_refused_by_the_legacy_api(
    backend: SimulatedBackend,
) -> None:
    body = {"character_id": CHARACTER, "image_url": backend.image_url}

    async with httpx.AsyncClient(verify=NO_TLS) as http:
        answer = await http.post(
            f"{backend.url}/api/facefusion/enhance-face", json=body
        )

    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("character", "image", "words"),
    [
        ("nobody", "/uploads/canary.jpg", "Character not found"),
        (CHARACTER, "/elsewhere/canary.jpg", "Image not found"),
    ],
)
async def test_what_the_legacy_api_does_not_know_is_a_404_with_its_name(
    backend: SimulatedBackend, character: str, image: str, words: str
) -> None:
    vantage = Vantage(api="legacy", character_id=character)
    through = StoryCanvas(backend.url, HttpClient(), vantage)

    answer = await through.run(
        Enhance(source_path=backend.url + image), within=WITHIN
    )

    assert answer.code == 404
    assert words.encode() in answer.body


@pytest.mark.parametrize("api", ["legacy", "v1"])
@pytest.mark.parametrize(
    ("fault", "code"), [("error_500", 500), ("refused", 503)]
)
async def test_a_broken_server_fails_its_jobs_through_the_backend(
    backend: SimulatedBackend,
    studio: SimulatedHost,
    api: str,
    fault: str,
    code: int,
) -> None:
    studio.faults.switch_on(fault)

    answer = await way(backend, api=api).run(
        Enhance(source_path=backend.image_url), within=WITHIN
    )

    assert answer.code == code


SHOWS = {
    "backend_offline_body": (Health.DEGRADED, "offline", 200),
    "backend_404": (Health.DEGRADED, "no_such_api", 404),
    "backend_422": (Health.UNKNOWN, "request_refused", 422),
    "backend_500": (Health.DEGRADED, "backend_error", 500),
    "backend_503": (Health.DEGRADED, "unavailable", 503),
    "backend_down": (Health.DEGRADED, "refused", None),
}


def test_every_fault_of_the_backend_is_looked_at() -> None:
    assert SHOWS.keys() == BACKEND_FAULTS.keys()


@pytest.mark.parametrize("api", ["auto", "legacy", "v1"])
@pytest.mark.parametrize("fault", BACKEND_FAULTS)
async def test_a_fault_of_the_backend_shows_and_heals(
    backend: SimulatedBackend, fault: str, api: str
) -> None:
    through = way(backend, api=api)
    before = await look(through)

    backend.faults.switch_on(fault)
    broken = await look(through)
    backend.faults.switch_off(fault)
    after = await look(through)

    code = getattr(broken.reading, "code", "no reading")
    assert (broken.health, broken.reason, code) == SHOWS[fault]
    assert before.health is after.health is Health.HEALTHY


@pytest.mark.parametrize("api", ["legacy", "v1"])
async def test_a_server_that_is_down_is_offline_with_a_200(
    backend: SimulatedBackend, api: str
) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"

    seen = await look(way(backend, nobody, api))

    assert (seen.health, seen.reason) == (Health.DEGRADED, "offline")
    assert getattr(seen.reading, "code", None) == 200


async def test_it_asks_nobody_outside_this_machine(
    backend: SimulatedBackend,
) -> None:
    seen = await look(way(backend, "http://192.0.2.1:9002", "v1"))

    assert seen.reason == "offline"
    assert "only fetches http addresses of this machine" in seen.because


async def test_an_image_it_does_not_have_is_a_404(
    backend: SimulatedBackend,
) -> None:
    async with httpx.AsyncClient(verify=NO_TLS) as http:
        answer = await http.get(f"{backend.url}/uploads/nothing.jpg")

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("apis", "found"), [(("legacy",), "legacy"), (("v1",), "v1")]
)
async def test_auto_finds_the_api_that_there_is(
    studio: SimulatedHost, apis: tuple[str, ...], found: str
) -> None:
    async with SimulatedBackend(studio.url, apis=apis) as backend:
        through = way(backend)
        seen = await look(through)

    assert seen.health is Health.HEALTHY
    assert through.api == getattr(seen.reading, "api", "") == found


def test_a_fault_of_a_host_is_none_of_a_backend() -> None:
    backend = SimulatedBackend()

    with pytest.raises(UnknownFault, match="backend_offline_body"):
        backend.faults.switch_on("gpu_lost")
