"""The client at the daemon's own application: rungs, drills, by hand."""

import json
from dataclasses import replace

import httpx
import pytest

from monitor.client import Client, PlanRefused, Unknown
from monitor.domain.recovery.drill import Would
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.words import Action, Outcome, State
from monitor.engine.recovery.asked import Asked
from monitor.schemas.change import ChangeNow
from tests.fakes.daemon_api import FakeDaemon, problem
from tests.web.recovery_house import RecoveryHouse

PERSON = Principal(name="oncall-ann", person="ann")


def client(house: RecoveryHouse, who: str = "oncall-ann") -> Client:
    return Client(
        "http://127.0.0.1:10777",
        token=f"{who}-secret",
        transport=httpx.ASGITransport(house.app, client=("127.0.0.1", 5)),
    )


async def test_a_drill_is_asked_for_by_its_target() -> None:
    house = RecoveryHouse()
    async with client(house) as door:
        told = await door.drill("studio")

    assert house.desk.drilled == [("studio", "ann")]
    assert told.ready is True
    assert [one.would for one in told.rungs] == [
        Would.RUN,
        Would.NOT_APPLICABLE,
        Would.WAIT,
    ]


async def test_the_same_key_drills_once() -> None:
    house = RecoveryHouse()
    async with client(house) as door:
        first = await door.drill("studio", key="k")
        again = await door.drill("studio", key="k")

    assert again == first
    assert len(house.desk.drilled) == 1


async def test_a_target_that_is_unknown_is_not_drilled() -> None:
    async with client(RecoveryHouse()) as door:
        with pytest.raises(Unknown, match="attic"):
            await door.drill("attic")


async def test_a_recover_is_followed_rung_by_rung() -> None:
    house = RecoveryHouse()
    desk = house.desk
    async with client(house) as door:
        plan = await door.plan("studio", Action.RECOVER, "it hangs")
        climb = await door.apply(plan.id, confirm="studio")
        desk.goes_on(climb.id, State.CLIMBING, "it climbs")
        seen: list[ChangeNow] = []
        async for told in door.follow(climb.id, within=9.0, every=0.0):
            seen.append(told)
            match len(seen):
                case 1:
                    await _rung(house, climb.id)
                case 2:
                    desk.ends("c2", Outcome.FAILED, "it answers 500")
                case 3:
                    desk.kept[climb.id] = replace(
                        desk.kept[climb.id], done=True
                    )
                    desk.ends(climb.id, Outcome.GAVE_UP, "nothing helped")
                case _:
                    pass

    assert [[rung.outcome for rung in one.rungs] for one in seen] == [
        [],
        [None],
        [Outcome.FAILED],
        [Outcome.FAILED],
    ]
    assert seen[-1].outcome is Outcome.GAVE_UP


async def _rung(house: RecoveryHouse, parent: str) -> None:
    asked = Asked(
        action=Action.RESTART, target="studio", reason="climb", parent=parent
    )
    plan = await house.desk.plan(asked, PERSON)
    change = await house.desk.apply(plan.id, PERSON, confirm="studio")
    house.desk.goes_on(change.id, State.INTENT, "it is about to be done")


async def test_what_people_can_do_comes_with_a_refusal() -> None:
    daemon = FakeDaemon()
    said = problem(409, "cannot reboot studio: apt runs")
    more = {
        "gates": [{"gate": "machine", "word": "refused", "because": "apt"}],
        "by_hand": ["wait for apt"],
    }
    body = json.dumps(json.loads(said.body) | more).encode()
    daemon.instead = lambda _: said._replace(body=body)
    door = Client("http://monitor.example", transport=daemon.transport())

    async with door:
        with pytest.raises(PlanRefused) as refused:
            await door.plan("studio", Action.REBOOT, "it hangs")

    assert refused.value.by_hand == ("wait for apt",)
