"""A look as root: through the acting key, or not at all."""

from typing import cast

import pytest

from monitor.adapters.gate.acting import RemoteHand
from monitor.daemon.root_look import WITHIN, LookAsRoot
from monitor.domain.errors import CannotReach, HandRefused
from monitor.domain.fleet import Target
from monitor.domain.recovery.words import Action
from monitor.domain.service.asked import Asked
from monitor.domain.service.reading import ServiceReading
from monitor.engine.recovery.scene import ServiceAddress

TARGET = Target(
    name="studio", url="http://192.0.2.1:9002", dialect="rest", host="gpu1"
)
PLACE = ServiceAddress(
    manager="systemd",
    unit="facefusion.service",
    directory="/opt/facefusion",
    port=9002,
)
SEEN = ServiceReading(manager="systemd", port=9002, boot_id="b")


class Hand:
    """Looks, or fails as it is told to."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.asked: list[tuple[Asked, float]] = []

    async def look(self, asked: Asked, *, within: float) -> ServiceReading:
        self.asked.append((asked, within))
        if self.failure is not None:
            raise self.failure
        return SEEN


def root(hand: Hand | None, keys: list[tuple[str, Action]]) -> LookAsRoot:
    def hands(host: str, action: Action) -> RemoteHand | None:
        keys.append((host, action))
        return cast("RemoteHand | None", hand)

    return LookAsRoot(hands)


async def test_root_looks_with_the_key_that_acts_and_never_reboots() -> None:
    hand, keys = Hand(), list[tuple[str, Action]]()

    seen = await root(hand, keys)(TARGET, PLACE)

    assert seen is SEEN
    assert keys == [("gpu1", Action.FREE_GPU_MEMORY)]
    ((asked, within),) = hand.asked
    assert (asked.unit, asked.directory, asked.port) == (
        "facefusion.service",
        "/opt/facefusion",
        9002,
    )
    assert within == WITHIN


@pytest.mark.parametrize(
    "failure",
    [
        CannotReach("cannot reach it", reason="timeout"),
        HandRefused("cannot look", reason="busy"),
    ],
)
async def test_a_look_that_fails_is_none(failure: Exception) -> None:
    assert await root(Hand(failure), [])(TARGET, PLACE) is None


async def test_without_a_key_nobody_looks() -> None:
    assert await root(None, [])(TARGET, PLACE) is None
