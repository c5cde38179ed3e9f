"""`/probe`: one fresh look for Prometheus, which moves nothing."""

import asyncio

import pytest

from monitor.domain.canary.reading import (
    CanaryReading,
    Operation,
    Result,
)
from monitor.domain.health import Health
from tests.web.api_house import CANARY, GPU, STATUS, ApiHouse

HEADER = "X-Prometheus-Scrape-Timeout-Seconds"
RUN = CanaryReading(
    canary="swap",
    operation=Operation.SWAP,
    model="inswapper_128",
    result=Result.OK,
    duration=3.5,
)


async def test_a_probe_answers_with_the_series_of_one_fresh_look() -> None:
    house = ApiHouse()
    house.see(health=Health.UNHEALTHY, reason="refused")

    async with house.client() as client:
        answer = await client.get("/probe?target=studio")

    assert answer.headers["content-type"].startswith(
        "text/plain; version=0.0.4"
    )
    assert 'facefusion_up{target="studio"} 1.0\n' in answer.text
    assert 'facefusion_status_code{target="studio"} 200.0\n' in answer.text
    assert house.probed == [(STATUS, 5.0)]


async def test_a_probe_moves_no_state() -> None:
    house = ApiHouse()
    before = house.board.entry(STATUS)

    async with house.client() as client:
        await client.get("/probe?target=studio&module=status")

    assert house.board.entry(STATUS) is before
    assert house.hub.last == 0


@pytest.mark.parametrize(
    ("header", "within"),
    [("3", 2.5), ("60", 5.0), ("0.2", 0.05), ("1e1", 5.0), ("0", 0.05)],
)
async def test_the_scrape_timeout_less_half_a_second_is_honoured(
    header: str, within: float
) -> None:
    house = ApiHouse()

    async with house.client() as client:
        await client.get("/probe?target=studio", headers={HEADER: header})

    assert house.probed == [(STATUS, within)]


@pytest.mark.parametrize(
    ("asked", "header", "code"),
    [
        ("target=192.0.2.1", None, 404),
        ("target=http://192.0.2.1:9002", None, 404),
        ("", None, 404),
        ("target=studio&module=nothing", None, 400),
        ("target=attic", None, 400),
        ("target=studio&debug=true", None, 400),
        ("target=studio", "soon", 400),
        ("target=studio", "nan", 400),
        ("target=studio", "inf", 400),
        ("target=studio", "-1", 400),
        ("target=studio&module=canary.swap", None, 503),
    ],
)
async def test_what_cannot_be_probed_is_a_problem_and_nothing_is_sent(
    asked: str, header: str | None, code: int
) -> None:
    house = ApiHouse()
    headers = {} if header is None else {HEADER: header}

    async with house.client() as client:
        answer = await client.get(f"/probe?{asked}", headers=headers)

    assert answer.status_code == code
    assert answer.json()["detail"].startswith("cannot ")
    assert house.probed == []


async def test_a_canary_is_not_run_but_its_last_result_is_told() -> None:
    house = ApiHouse()
    house.see(CANARY, reading=RUN)
    house.clock.pass_time(86_400)

    async with house.client() as client:
        answer = await client.get("/probe?target=studio&module=canary.swap")

    assert house.probed == []
    assert (
        'facefusion_canary_last_run_timestamp_seconds{canary="swap",'
        'target="studio"} 1e+06\n'
    ) in answer.text
    assert "facefusion_canary_interval_seconds" in answer.text
    assert "facefusion_canary_success" not in answer.text


async def test_a_canary_that_ran_just_now_is_told_in_full() -> None:
    house = ApiHouse()
    house.see(CANARY, reading=RUN)

    async with house.client() as client:
        answer = await client.get("/probe?target=studio&module=canary.swap")

    assert house.probed == []
    assert (
        'facefusion_canary_last_duration_seconds{canary="swap",'
        'target="studio"} 3.5\n'
    ) in answer.text


async def test_the_checks_of_its_host_can_be_probed_by_a_target() -> None:
    house = ApiHouse()

    async with house.client() as client:
        answer = await client.get("/probe?target=studio&module=gpu")

    assert answer.status_code == 200
    assert house.probed == [(GPU, 5.0)]


async def test_a_look_that_does_not_end_is_given_up_in_time() -> None:
    house = ApiHouse()
    house.gate.clear()

    async with house.client() as client, asyncio.timeout(5):
        answer = await client.get(
            "/probe?target=studio", headers={HEADER: "0.55"}
        )

    assert answer.status_code == 504


async def test_discovery_makes_a_scrape_of_us_a_probe_of_each_target() -> None:
    house = ApiHouse(external_url="https://monitor.example/ff/")

    async with house.client() as client:
        (studio,) = (await client.get("/sd")).json()

    assert studio == {
        "targets": ["monitor.example"],
        "labels": {
            "__scheme__": "https",
            "__metrics_path__": "/ff/probe",
            "__param_target": "studio",
            "__param_module": "status",
            "instance": "studio",
            "__meta_facefusion_target": "studio",
            "__meta_facefusion_host": "gpu1",
            "__meta_facefusion_url": "http://192.0.2.1:9002",
            "__meta_facefusion_dialect": "rest",
            "__meta_facefusion_modules": "status,canary.swap",
            "__meta_facefusion_label_site": "studio",
        },
    }


async def test_discovery_names_us_as_we_were_asked() -> None:
    async with ApiHouse().client() as client:
        (studio,) = (await client.get("/sd")).json()

    assert studio["targets"] == ["localhost:10777"]
