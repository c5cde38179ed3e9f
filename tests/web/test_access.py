"""Who may do what, and what a stranger is told."""

import httpx
import pytest

from monitor.domain.quote import quote
from monitor.web.auth import Gate, Tokens, is_loopback
from monitor.web.limits import Limits, Rate, Rates
from tests.fakes.clock import FakeClock
from tests.web.api_house import (
    ANN,
    EVERYBODY,
    PROMETHEUS,
    READER,
    ApiHouse,
    bearer,
)

READ = (
    "/api/v1/targets",
    "/api/v1/targets/studio",
    "/api/v1/targets/studio/history",
    "/api/v1/hosts",
    "/api/v1/hosts/gpu1",
    "/api/v1/maintenance",
    "/docs",
    "/openapi.json",
)
SCRAPED = ("/metrics", "/sd", "/probe?target=studio")
RUN = "/api/v1/targets/studio/checks/status/run"
WORK = {"reason": "a driver", "duration_seconds": 60, "targets": ["studio"]}


@pytest.mark.parametrize("path", READ)
async def test_reading_needs_the_scope_read(path: str) -> None:
    house = ApiHouse(*EVERYBODY)

    async with house.client() as client:
        nobody = await client.get(path)
        scraper = await client.get(path, headers=bearer("prometheus"))
        reader = await client.get(path, headers=bearer("reader"))

    codes = (nobody.status_code, scraper.status_code, reader.status_code)
    assert codes == (401, 403, 200)
    assert nobody.headers["www-authenticate"] == "Bearer"
    assert "lacks the scope" in scraper.json()["detail"]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ({}, "cannot answer without a token; "),
        ({"Authorization": "Basic abc"}, "cannot answer without a token; "),
        (
            {"Authorization": "Bearer stolen"},
            "cannot answer: the token is not one of access.tokens",
        ),
    ],
)
async def test_a_missing_token_is_told_from_a_wrong_one(
    header: dict[str, str], said: str
) -> None:
    """In words that nobody takes for a secret, to be masked."""
    house = ApiHouse(*EVERYBODY)

    async with house.client() as client:
        answer = await client.get("/api/v1/targets", headers=header)

    detail = answer.json()["detail"]
    assert answer.status_code == 401
    assert detail.startswith(said)
    assert quote(detail) == detail


@pytest.mark.parametrize("path", SCRAPED)
async def test_scraping_needs_the_scope_metrics(path: str) -> None:
    house = ApiHouse(*EVERYBODY)

    async with house.client() as client:
        nobody = await client.get(path)
        reader = await client.get(path, headers=bearer("reader"))
        scraper = await client.get(path, headers=bearer("prometheus"))

    codes = (nobody.status_code, reader.status_code, scraper.status_code)
    assert codes == (401, 403, 200)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", RUN),
        ("POST", "/-/reload"),
        ("POST", "/api/v1/maintenance"),
        ("DELETE", "/api/v1/maintenance/1"),
    ],
)
async def test_a_change_needs_more_than_read(method: str, path: str) -> None:
    house = ApiHouse(*EVERYBODY)

    async with house.client("reader") as client:
        answer = await client.request(method, path, json=WORK)

    assert answer.status_code == 403
    assert (house.ran, house.reloads) == ([], 0)


POSTED = ("/api/v1/maintenance", RUN, "/-/reload")
BAD_BODIES = (b"{", b"[]", b"{}", b"\xff", b"x" * 70_000)


@pytest.mark.parametrize("body", BAD_BODIES)
@pytest.mark.parametrize("path", POSTED)
async def test_who_may_not_ask_hears_nothing_of_what_was_wrong_with_it(
    path: str, body: bytes
) -> None:
    house = ApiHouse(*EVERYBODY)
    kind = {"Content-Type": "application/json"}

    async with house.client(**kind) as client:
        nobody = await client.post(path, content=body)
        stranger = await client.post(
            path, content=body, headers=bearer("stranger")
        )
        reader = await client.post(
            path, content=body, headers=bearer("reader")
        )

    codes = (nobody.status_code, stranger.status_code, reader.status_code)
    assert codes == (401, 401, 403)


@pytest.mark.parametrize("path", POSTED)
async def test_wrong_tokens_count_whatever_comes_with_them(path: str) -> None:
    house = ApiHouse(READER, rates=Rates(failures=Rate(per_second=1, burst=2)))
    kind = {"Content-Type": "application/json"}

    async with house.client("nobody", **kind) as client:
        codes = [
            (await client.post(path, content=b"{")).status_code for _ in "abc"
        ]

    assert codes == [401, 401, 429]


async def test_a_request_is_counted_once() -> None:
    house = ApiHouse(ANN, rates=Rates(writes=Rate(per_second=1, burst=2)))

    async with house.client("oncall-ann") as client:
        codes = [
            (await client.post("/api/v1/maintenance", json=WORK)).status_code
            for _ in "abc"
        ]

    assert codes == [201, 201, 429]


def test_every_route_that_changes_something_is_among_these() -> None:
    paths = ApiHouse().app.openapi()["paths"]

    posted = {path for path, said in paths.items() if "post" in said}

    assert posted == {
        "/api/v1/maintenance",
        "/api/v1/targets/{name}/checks/{check}/run",
        "/-/reload",
    }


async def test_without_tokens_this_machine_may_read_and_change_nothing() -> (
    None
):
    house = ApiHouse()

    async with house.client() as client:
        read = [(await client.get(path)).status_code for path in READ]
        change = await client.post(RUN)

    assert set(read) == {200}
    assert change.status_code == 403
    assert "add one with the scope operate" in change.json()["detail"]
    assert house.ran == []


async def test_without_tokens_another_machine_reads_nothing() -> None:
    house = ApiHouse()
    transport = httpx.ASGITransport(house.app, client=("192.0.2.7", 1))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://localhost"
    ) as client:
        answer = await client.get("/api/v1/targets")
        metrics = await client.get("/metrics")

    assert (answer.status_code, metrics.status_code) == (403, 403)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("localhost", 200),
        ("LOCALHOST:10777", 200),
        ("127.0.0.1:10777", 200),
        ("[::1]:10777", 200),
        ("monitor.example", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example:80", 421),
        ("[::1", 421),
        ("", 421),
    ],
)
async def test_without_tokens_only_our_own_names_are_answered(
    name: str, code: int
) -> None:
    house = ApiHouse(external_url="https://monitor.example/")

    async with house.client() as client:
        answer = await client.get("/api/v1/targets", headers={"Host": name})

    assert answer.status_code == code


async def test_without_tokens_a_request_has_one_name_only() -> None:
    async with ApiHouse().client() as client:
        answer = await client.get(
            "/api/v1/targets",
            headers=[("Host", "localhost"), ("Host", "localhost")],
        )

    assert answer.status_code == 421


async def test_another_external_url_counts_from_the_next_request() -> None:
    house = ApiHouse(external_url="https://monitor.example/")
    names = ({"Host": "monitor.example"}, {"Host": "other.example"})

    async with house.client() as client:
        before = [(await client.get("/sd", headers=n)) for n in names]
        house.external_url = "http://other.example:81/ff"
        after = [(await client.get("/sd", headers=n)) for n in names]

    assert [answer.status_code for answer in before] == [200, 421]
    assert [answer.status_code for answer in after] == [421, 200]
    assert before[0].json()[0]["targets"] == ["monitor.example"]
    assert after[1].json()[0]["targets"] == ["other.example:81"]


async def test_liveness_is_answered_under_any_name() -> None:
    async with ApiHouse().client() as client:
        answer = await client.get("/-/healthy", headers={"Host": "any"})

    assert answer.status_code == 200


async def test_with_tokens_any_name_will_do() -> None:
    async with ApiHouse(*EVERYBODY).client("reader") as client:
        answer = await client.get("/api/v1/targets", headers={"Host": "any"})

    assert answer.status_code == 200


async def test_replaced_tokens_count_from_the_next_request() -> None:
    house = ApiHouse(READER)

    async with house.client("reader") as client:
        before = await client.get("/api/v1/targets")
        house.tokens.replace([ANN])
        after = await client.get("/api/v1/targets")

    assert (before.status_code, after.status_code) == (200, 401)


async def test_a_token_is_never_repeated() -> None:
    async with ApiHouse(*EVERYBODY).client("prometheus") as client:
        answer = await client.get("/api/v1/targets")

    assert "secret" not in answer.text


async def test_too_many_requests_of_one_token_are_refused_for_a_while() -> (
    None
):
    house = ApiHouse(
        READER, ANN, rates=Rates(reads=Rate(per_second=1, burst=2))
    )

    async with house.client("reader") as client:
        codes = [
            (await client.get("/api/v1/targets")).status_code for _ in "abc"
        ]
        other = await client.get(
            "/api/v1/targets", headers=bearer("oncall-ann")
        )
        refused = await client.get("/api/v1/targets")
        house.clock.pass_time(1)
        later = await client.get("/api/v1/targets")

    assert codes == [200, 200, 429]
    assert refused.headers["retry-after"] == "1"
    assert (other.status_code, later.status_code) == (200, 200)


@pytest.mark.parametrize(
    "path", ["/api/v1/targets", "/metrics", "/probe?target=studio"]
)
async def test_wrong_tokens_are_refused_faster_than_they_can_be_tried(
    path: str,
) -> None:
    house = ApiHouse(READER, rates=Rates(failures=Rate(per_second=1, burst=3)))

    async with house.client("nobody") as client:
        codes = [(await client.get(path)).status_code for _ in "abcd"]
        known = await client.get("/api/v1/targets", headers=bearer("reader"))

    assert codes == [401, 401, 401, 429]
    assert known.status_code == 200


def test_a_token_that_was_let_in_is_held_until_it_is_replaced() -> None:
    tokens = Tokens([PROMETHEUS])

    held = tokens.holds(PROMETHEUS)
    tokens.replace([])

    assert held
    assert not tokens.holds(PROMETHEUS)


def test_a_bucket_for_every_caller_is_bounded() -> None:
    clock = FakeClock()
    limits = Limits(Rates(), clock)

    for number in range(20_000):
        limits.spend("", f"peer{number}", reads=True)

    assert len(limits._reads._buckets) <= 10_000  # noqa: SLF001 - the bound


@pytest.mark.parametrize(
    ("address", "ours"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.0.2.1", False),
        ("::ffff:192.0.2.1", False),
        ("localhost", False),
        ("", False),
    ],
)
def test_loopback_is_known_in_all_its_forms(
    address: str, *, ours: bool
) -> None:
    assert is_loopback(address) is ours


def test_a_gate_can_be_opened_by_any_of_several_scopes() -> None:
    guard = Gate(Tokens(), Limits(Rates(), FakeClock())).needs("a", "b")

    assert guard.scheme_name == "bearer"
