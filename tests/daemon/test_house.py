"""Settings become checks."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from monitor.config import Settings
from monitor.daemon.house import House, build
from monitor.domain.health import Health
from monitor.domain.observation import Kind

URL = "http://127.0.0.1:9002"
Build = Callable[..., House]


@pytest.fixture
async def built() -> AsyncIterator[Build]:
    houses: list[House] = []

    def make(**target: Any) -> House:  # noqa: ANN401 - any setting
        settings = Settings.model_validate(
            {"targets": [{"name": "studio", "url": URL, **target}]}
        )
        houses.append(build(settings, public_url="http://127.0.0.1:1"))
        return houses[-1]

    yield make
    for house in houses:
        await house.close()


def names(house: House) -> list[str]:
    return [check.key.label for check in house.checks]


def test_a_target_has_a_status_check_and_its_canaries(built: Build) -> None:
    house = built(
        canaries=[
            {"operation": "enhance", "model": "codeformer"},
            {"operation": "age"},
        ]
    )

    assert names(house) == [
        "studio/status",
        "studio/network",
        "studio/canary.enhance-codeformer",
        "studio/canary.age",
    ]


def test_canaries_of_one_server_share_a_lane(built: Build) -> None:
    house = built(canaries=[{"operation": "swap"}, {"operation": "age"}])

    lanes = [check.lane for check in house.checks]
    assert lanes == ["", "", "studio", "studio"]


def test_a_batch_needs_a_character_and_an_image_of_the_backend(
    built: Build,
) -> None:
    canaries = [{"operation": "batch"}]
    backend = {"url": "http://127.0.0.1:8000"}
    more = {"character_id": "c", "image_url": "http://127.0.0.1:8000/u/a.jpg"}

    without = names(built(canaries=canaries, backend=backend))
    complete = names(built(canaries=canaries, backend={**backend, **more}))

    assert "studio/canary.batch" not in without
    assert complete == [
        "studio/status",
        "studio/network",
        "studio/backend",
        "studio/canary.batch",
    ]


def test_a_page_is_looked_at_with_a_browsers_eyes(built: Build) -> None:
    house = built(browser={"origin": "https://storycanvas.example"})

    assert names(house)[2:] == ["studio/browser"]


def test_control_addresses_are_one_look_at_ourselves(built: Build) -> None:
    house = built()
    settings = Settings.model_validate(
        {
            "targets": [{"name": "studio", "url": URL}],
            "control_addresses": ["127.0.0.1:53"],
        }
    )

    house.put(house.plan(settings, public_url=""))
    [control] = [c for c in house.checks if c.key.kind is Kind.MONITOR]
    house.put(house.plan(settings, public_url=""))

    assert control in house.checks
    assert control.kind == "control"


def test_a_backend_may_be_the_server_itself(built: Build) -> None:
    house = built(dialect="storycanvas", canaries=[{"operation": "age"}])

    assert names(house) == [
        "studio/status",
        "studio/network",
        "studio/canary.age",
    ]


@pytest.mark.parametrize("dialect", ["gradio", "v4"])
def test_a_dialect_not_spoken_yet_is_unknown_and_never_down(
    built: Build, dialect: str
) -> None:
    house = built(dialect=dialect)

    assert names(house) == ["studio/network"]
    assert house.board.health("studio", 0.0) is Health.UNKNOWN


def test_the_looks_have_the_times_of_the_settings(built: Build) -> None:
    house = built(
        status={"interval": "10s", "timeout": "3s", "failures": 5},
        canaries=[{"operation": "swap", "interval": "30s"}],
    )
    status, network, swap = house.checks

    assert (status.interval, status.timeout) == (10, 3)
    assert (network.interval, network.timeout) == (10, 3)
    assert status.patience.failures == 5
    assert status.deadline > status.timeout
    assert swap.patience.confirm_interval == 30
    assert swap.deadline > swap.timeout
