"""Settings become checks."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from monitor.config import Settings
from monitor.daemon.house import House, build
from monitor.outputs.metrics import Metrics
from monitor.outputs.metrics.monitor import Self

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
        "studio/canary.enhance-codeformer",
        "studio/canary.age",
    ]


def test_canaries_of_one_server_share_a_lane(built: Build) -> None:
    house = built(canaries=[{"operation": "swap"}, {"operation": "age"}])

    assert [check.lane for check in house.checks] == ["", "studio", "studio"]


def test_a_batch_waits_for_the_backend_dialect(built: Build) -> None:
    assert names(built(canaries=[{"operation": "batch"}])) == ["studio/status"]


@pytest.mark.parametrize("dialect", ["gradio", "v4", "storycanvas"])
def test_a_dialect_not_spoken_yet_is_unknown_and_never_down(
    built: Build, dialect: str
) -> None:
    house = built(dialect=dialect)
    me = Self(version="1", configured_at=0, ssh_states=list)

    text = Metrics(house.board, house.clock, me).render().decode()

    assert names(house) == []
    assert "facefusion_up" not in text
    assert 'facefusion_health{state="unknown",target="studio"} 1.0' in text


def test_the_looks_have_the_times_of_the_settings(built: Build) -> None:
    house = built(
        status={"interval": "10s", "timeout": "3s", "failures": 5},
        canaries=[{"operation": "swap", "interval": "30s"}],
    )
    status, swap = house.checks

    assert (status.interval, status.timeout) == (10, 3)
    assert status.patience.failures == 5
    assert status.deadline > status.timeout
    assert swap.patience.confirm_interval == 30
    assert swap.deadline > swap.timeout
