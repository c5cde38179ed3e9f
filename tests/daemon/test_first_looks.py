"""Without a daemon one look is the opinion, and every look ends."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from monitor.config import Settings
from monitor.daemon.first_looks import FirstLooks
from monitor.daemon.house import House, build
from monitor.domain.health import Health
from monitor.domain.observation import CheckKey, Kind
from tests.fakes.probe import FakeProbe

CANARIES = [
    {"operation": "swap"},
    {"operation": "enhance", "model": "codeformer"},
    {"operation": "enhance", "model": "gfpgan_1.4"},
]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    target = {
        "name": "studio",
        "url": "http://127.0.0.1:9002",
        "canaries": CANARIES,
    }
    other = {"name": "annex", "url": "http://127.0.0.1:9003"}
    settings = Settings.model_validate({"targets": [target, other]})
    made = build(settings, public_url="http://127.0.0.1:1")
    yield made
    await made.close()


class Bedside:
    """A server of which each check is a probe of the test's own."""

    def __init__(self, house: House, *, canary: bool = False) -> None:
        self.looks = FirstLooks(house, "studio", canary=canary)
        self.probes: dict[str, FakeProbe] = {}
        for name, check in self.looks.checks.items():
            probe = FakeProbe(house.clock, check.key)
            self.probes[name] = probe
            checks = [
                replace(c, probe=probe, deadline=5.0) if c is check else c
                for c in house.checks
            ]
            board = house.board
            board.rewire(board.targets.values(), board.hosts.values(), checks)
        for check in house.checks:
            if check.key.subject == "studio":
                self.looks.checks[check.key.check] = check


async def test_one_bad_look_is_the_opinion(house: House) -> None:
    bedside = Bedside(house)
    bedside.probes["status"].health = Health.UNHEALTHY

    await bedside.looks.look_again("status", "nothing")

    status = bedside.looks.case().status
    assert status is not None
    assert status.is_down
    assert not status.in_doubt


@pytest.mark.parametrize("health", [Health.HEALTHY, Health.DEGRADED])
async def test_so_is_one_better_look_after_it(
    house: House, health: Health
) -> None:
    bedside = Bedside(house)
    probe = bedside.probes["status"]

    for one in (Health.UNHEALTHY, health):
        probe.health = one
        await bedside.looks.look_at("status")

    status = bedside.looks.case().status
    assert status is not None
    assert status.health is health


async def test_all_but_the_canary_is_begun_at_once(house: House) -> None:
    bedside = Bedside(house, canary=True)

    bedside.looks.begin()
    status = await bedside.looks.seen("status")
    network = await bedside.looks.seen("network")

    assert status is not None
    assert network is not None
    assert await bedside.looks.seen("canary.enhance-codeformer") is None
    assert bedside.probes["canary.enhance-codeformer"].looks == 0


async def test_what_was_begun_can_be_ended(house: House) -> None:
    bedside = Bedside(house)
    probe = bedside.probes["status"]
    probe.gate = asyncio.Event()
    bedside.looks.begin()
    await probe.begun.wait()

    await bedside.looks.end()

    assert probe.cleaned


async def test_a_look_that_does_not_end_is_cut_off(house: House) -> None:
    bedside = Bedside(house)
    probe = bedside.probes["status"]
    probe.gate = asyncio.Event()
    check = replace(bedside.looks.checks["status"], deadline=0.01)

    seen = await bedside.looks.look(check)

    assert (seen.health, seen.reason) == (Health.UNHEALTHY, "timeout")
    assert seen.because == "cannot finish the look within 0.01 s"
    assert probe.cleaned


async def test_a_probe_that_breaks_is_unknown(house: House) -> None:
    bedside = Bedside(house)
    bedside.probes["status"].error = RuntimeError("a bug")

    await bedside.looks.look_again("status")

    [seen] = bedside.looks.again["status"]
    assert (seen.health, seen.reason) == (Health.UNKNOWN, "internal")
    assert seen.because == "cannot look: RuntimeError: a bug"


def test_of_the_canaries_the_first_enhance_is_chosen(house: House) -> None:
    looks = FirstLooks(house, "studio", canary=True)

    assert looks.canary is not None
    assert looks.canary.key == CheckKey(
        kind=Kind.TARGET, subject="studio", check="canary.enhance-codeformer"
    )
    assert "canary.swap" not in looks.checks


def test_without_a_canary_none_is_on_the_board(house: House) -> None:
    looks = FirstLooks(house, "studio", canary=False)

    assert looks.canary is None
    assert not list(looks.case().canaries())


def test_another_servers_checks_are_not_looked_at(house: House) -> None:
    looks = FirstLooks(house, "studio", canary=True)

    assert {one.key.subject for one in looks.checks.values()} == {"studio"}
