"""A look as root: the key that acts only observes with it."""

from collections.abc import AsyncIterator

import pytest

from monitor.adapters.gate.acting import RemoteHand
from monitor.domain.errors import CannotReach, HandRefused
from monitor.domain.service.asked import Asked
from tests.adapters.acting_gate import (
    BOOT,
    SERVICE,
    WITHIN,
    ActingGate,
    Body,
    refuses,
    says,
)

ASKED = Asked(
    target="studio",
    manager="systemd",
    unit="facefusion.service",
    directory="/opt/facefusion",
    port=7860,
    is_loopback=False,
    start_grace=60.0,
)
LOOK = {
    "at": 5.0,
    "boot_id": BOOT,
    "parts": {"service": {**SERVICE, "strays": []}},
    "gaps": [],
}


@pytest.fixture
def gate() -> ActingGate:
    return ActingGate()


@pytest.fixture
async def hand(gate: ActingGate) -> AsyncIterator[RemoteHand]:
    made = gate.hand()
    yield made
    await made.close()


async def test_what_root_sees_is_read_as_any_look_is(
    gate: ActingGate, hand: RemoteHand
) -> None:
    gate.will("observe", says(LOOK))

    seen = await hand.look(ASKED, within=WITHIN)

    assert [one.pid for one in seen.processes] == [412]
    assert (seen.boot_id, seen.strays) == (BOOT, ())


async def test_a_look_names_the_service_and_does_nothing(
    gate: ActingGate, hand: RemoteHand
) -> None:
    gate.will("observe", says(LOOK))

    await hand.look(ASKED, within=WITHIN)

    (asked,) = gate.asked
    assert asked["verb"] == "observe"
    assert asked["parts"] == {"service": ASKED.question}
    assert 0 < asked["within"] < WITHIN
    assert "do" not in asked


@pytest.mark.parametrize(
    "half",
    [
        {**LOOK, "boot_id": None},
        {**LOOK, "parts": {}},
        {"at": 5.0, "boot_id": BOOT},
    ],
)
async def test_half_a_look_is_none(
    gate: ActingGate, hand: RemoteHand, half: Body
) -> None:
    gate.will("observe", says(half))

    with pytest.raises(CannotReach, match=r"^cannot"):
        await hand.look(ASKED, within=WITHIN)


async def test_a_gate_that_does_not_let_us_look_is_told(
    gate: ActingGate, hand: RemoteHand
) -> None:
    gate.will("observe", refuses("forbidden"))

    with pytest.raises(HandRefused, match=r"^cannot"):
        await hand.look(ASKED, within=WITHIN)
