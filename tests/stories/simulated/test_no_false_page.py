"""Odd but healthy: hours of each, and nobody is told anything.

Every state lasts all the time, or comes again and again in it: for an eighth
of a day, and by `make exhaustive` for a whole one.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from monitor.domain.diagnosis.cause import Severity
from tests.stories.simulated.house import House
from tests.stories.simulated.settings import (
    ADDRESS,
    Document,
    lean,
    one_server,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

HOUR = 3600.0
DAY = 24 * HOUR
HARMLESS = {"none", "busy", "starting"}
Live = Callable[[House, float], Awaitable[None]]
"""What happens within so many seconds."""


@dataclass(frozen=True)
class Odd:
    """What goes on, and what its user's settings say."""

    live: Live
    settings: Callable[[], Document] = lean


def lasting(*faults: str, value: float | None = None) -> Live:
    """Return hours in which these are on all the time."""

    async def live(house: House, seconds: float) -> None:
        for name in faults:
            house.server.faults.switch_on(name, value)
        await house.pass_time(seconds)

    return live


def now_and_then(fault: str, *, every: float, lasts: float) -> Live:
    """Return hours in which a fault comes and goes."""

    async def live(house: House, seconds: float) -> None:
        for _ in range(round(seconds / every)):
            house.server.faults.switch_on(fault)
            await house.pass_time(lasts)
            house.server.faults.switch_off(fault)
            await house.pass_time(every - lasts)

    return live


async def reloads(house: House, seconds: float) -> None:
    """Change a label each hour: the server's checks are all made anew."""
    for hour in range(round(seconds / HOUR)):
        settings = one_server()
        settings["targets"][0]["labels"] = {"hour": str(hour)}
        house.reload(settings)
        await house.pass_time(HOUR)


async def clock_jumps(house: House, seconds: float) -> None:
    """Set our clock, and the machine's, ahead and back by hours."""
    for jump in (HOUR, -2 * HOUR, 26 * HOUR, -25 * HOUR):
        house.clock.jump(jump)
        await house.pass_time(seconds / 8)
        house.machine.clock.jump(jump)
        await house.pass_time(seconds / 8)


async def slow_backend(house: House, seconds: float) -> None:
    """Let the backend answer, each time after four seconds."""
    house.backend.slowness = 4.0
    await house.pass_time(seconds)


async def harmless_xids(house: House, seconds: float) -> None:
    """Let the kernel tell of what NVIDIA says to ignore or to watch."""
    for number in (45, 63, 93, 154) * 2:
        house.server.faults.switch_on("xid", number)
        await house.pass_time(seconds / 8)


async def lost_pings(house: House, seconds: float) -> None:
    """Lose all pings, then some, then let us send none."""
    for does in ("lost", "patchy"):
        house.street.ping_is(ADDRESS, does)
        await house.pass_time(seconds / 3)
    house.street.may_ping = False
    await house.pass_time(seconds / 3)


async def short_cuts(house: House, seconds: float) -> None:
    """Lose the way to everything for three seconds, every ten minutes."""
    for _ in range(round(seconds / 600)):
        house.street.is_gone = True
        await house.pass_time(3)
        house.street.is_gone = False
        await house.pass_time(597)


async def own_lag(house: House, seconds: float) -> None:
    """Let our own loop be late, as on a small machine."""
    house.loop_lag = 2.0
    await house.pass_time(seconds)


STATES: dict[str, Odd] = {
    "a long queue": Odd(lasting("busy", value=40)),
    "jobs of users, half of the time": Odd(
        now_and_then("busy", every=HOUR, lasts=HOUR / 2)
    ),
    "a 20-minute video job": Odd(
        now_and_then("video", every=4 * HOUR, lasts=1200)
    ),
    "a software power cap": Odd(lasting("power_cap")),
    "100 % without a process": Odd(lasting("phantom_load")),
    "MIG": Odd(lasting("mig")),
    "reloads": Odd(reloads, one_server),
    "cold runs": Odd(lasting("cold", value=12)),
    "clocks that jump": Odd(clock_jumps, one_server),
    "a slow backend": Odd(slow_backend, one_server),
    "planned restarts": Odd(now_and_then("restart", every=4 * HOUR, lasts=12)),
    "a second user of the GPU": Odd(lasting("second_user", value=1)),
    "a log full of warnings": Odd(lasting("log_noise")),
    "a loaded host": Odd(lasting("host_overloaded", value=1)),
    "notes of no account": Odd(harmless_xids),
    "lost pings": Odd(lost_pings, one_server),
    "short cuts of our network": Odd(short_cuts, one_server),
    "a loop that is late": Odd(own_lag),
}


@pytest.fixture(params=STATES, ids=lambda name: name.replace(" ", "_"))
def odd(request: pytest.FixtureRequest) -> Odd:
    return STATES[request.param]


@pytest.fixture
def settings(odd: Odd) -> Document:
    return odd.settings()


@pytest.mark.parametrize(
    "seconds",
    [
        pytest.param(DAY / 8, id="an_eighth"),
        pytest.param(DAY, id="whole", marks=pytest.mark.exhaustive),
    ],
)
async def test_an_odd_day_tells_nobody(
    house: House, odd: Odd, seconds: float
) -> None:
    await odd.live(house, seconds)

    assert [
        (one.cause, one.diagnosis.because)
        for one in house.diagnoses
        if one.cause not in HARMLESS
    ] == []
    assert {d.severity for d in house.diagnoses} <= {Severity.INFO.value}
    assert house.pages == []
