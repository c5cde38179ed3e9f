"""`/api/v1/events`: what one listener is sent."""

import asyncio
import json
from typing import Any

import pytest
from pydantic import BaseModel

from monitor.domain.health import Health
from monitor.engine.events import Rewired, Skipped
from monitor.schemas.wire import utc
from monitor.web.auth import ANYBODY
from monitor.web.routes import events
from monitor.web.routes.events import MODELS, Listening
from monitor.web.telling.events import Sender
from tests.web.api_house import ANN, CANARY, GPU, ApiHouse, bearer

WITHIN = 5.0
PLANNED = "/api/v1/maintenance"
WORK = {"reason": "a driver", "duration_seconds": 60, "targets": ["studio"]}


class Event(BaseModel):
    """One event as a listener reads it."""

    event: str
    id: str
    data: dict[str, Any]


def parse(said: bytes) -> list[Event]:
    found = []
    for block in said.decode().split("\n\n"):
        fields = dict(
            line.split(": ", 1)
            for line in block.splitlines()
            if not line.startswith((":", "retry"))
        )
        if fields:
            data = json.loads(fields["data"])
            MODELS[fields["event"]].model_validate(data)
            found.append(
                Event(event=fields["event"], id=fields["id"], data=data)
            )
    return found


class Ear:
    """A listener at work."""

    def __init__(
        self, house: ApiHouse, last_id: str | None = None, target: str = ""
    ) -> None:
        self.house = house
        self.allowed = True
        listening = Listening(
            house.hub,
            Sender(house.hub.name, house.hear_broken),
            events._wants(target or None),  # noqa: SLF001 - the route's own
        )
        self._stream = listening.stream(last_id, lambda: self.allowed)

    async def next(self) -> bytes:
        async with asyncio.timeout(WITHIN):
            return await anext(self._stream)

    async def heard(self) -> list[Event]:
        return parse(await self.next())

    async def ends(self) -> bool:
        try:
            await self.next()
        except StopAsyncIteration:
            return True
        return False

    async def close(self) -> None:
        await self._stream.aclose()


async def listening(
    house: ApiHouse, last_id: str | None = None, target: str = ""
) -> Ear:
    ear = Ear(house, last_id, target)
    assert await ear.next() == events.RETRY
    return ear


async def test_a_listener_hears_what_happens_from_now_on() -> None:
    house = ApiHouse()
    house.see()
    ear = await listening(house)
    waiting = asyncio.create_task(ear.heard())
    await asyncio.sleep(0)

    house.see(health=Health.UNHEALTHY, reason="refused")
    (heard,) = await waiting

    assert (heard.event, heard.id) == ("observation", "run1-3")
    assert heard.data["subject"] == "studio"
    assert heard.data["observation"]["reason"] == "refused"
    await ear.close()


async def test_a_listener_that_comes_back_gets_what_it_missed() -> None:
    house = ApiHouse()
    for _ in range(3):
        house.see()

    ear = await listening(house, last_id="run1-2")
    heard = await ear.heard()

    assert [event.id for event in heard] == ["run1-3", "run1-4"]
    await ear.close()


async def test_a_listener_away_for_too_long_is_told_how_much_it_lost() -> None:
    house = ApiHouse()
    for _ in range(30):
        house.see()

    ear = await listening(house, last_id="run1-1")
    lost, *rest = await ear.heard()

    assert lost.data["events"] == house.hub.last - 1 - 20
    assert len(rest) == 20
    await ear.close()


@pytest.mark.parametrize("last_id", ["run0-7", "run1-999", "nonsense", "-1"])
async def test_after_a_restart_nobody_knows_how_much_was_lost(
    last_id: str,
) -> None:
    house = ApiHouse()

    ear = await listening(house, last_id=last_id)
    (lost,) = await ear.heard()

    assert (lost.event, lost.data["events"]) == ("lost", None)
    await ear.close()


async def test_a_slow_listener_loses_events_and_is_told() -> None:
    house = ApiHouse()
    ear = await listening(house)
    house.see()
    await ear.heard()

    for _ in range(30):
        house.see()
    lost, *rest = await ear.heard()

    assert (lost.data["events"], len(rest)) == (10, 20)
    await ear.close()


async def test_a_listener_of_one_target_hears_of_that_and_of_all() -> None:
    house = ApiHouse()
    house.see()
    house.see(GPU, reading=None)
    house.hub.heard(Rewired(targets=("gone",)))

    ear = await listening(house, last_id="run1-0", target="studio")
    heard = await ear.heard()

    assert [event.event for event in heard] == [
        "observation",
        "transition",
        "reload",
    ]
    await ear.close()


async def test_skipped_runs_and_planned_work_are_told() -> None:
    house = ApiHouse(ANN)
    house.hub.heard(
        Skipped(check=house.checks[CANARY], reason="budget", at=1.0)
    )
    async with house.client("oncall-ann") as client:
        started = await client.post(PLANNED, json=WORK)
        await client.delete(f"{PLANNED}/{started.json()['id']}")

    ear = await listening(house, last_id="run1-0")
    skipped, start, end = await ear.heard()

    assert skipped.data["skipped"]["reason"] == "budget"
    assert (start.data["change"], end.data["change"]) == ("started", "ended")
    await ear.close()


async def test_an_event_that_cannot_be_told_is_left_out_and_reported() -> None:
    house = ApiHouse()
    house.see()
    house.hub.say("maintenance", "no such thing")
    house.see()

    for _ in range(2):
        ear = await listening(house, last_id="run1-0")
        heard = await ear.heard()
        await ear.close()

        assert [e.id for e in heard] == ["run1-1", "run1-2", "run1-4"]
    assert [asked for asked, _ in house.broken] == ["tell the event run1-3"]


async def test_an_event_says_as_of_when_its_ages_are() -> None:
    house = ApiHouse(ANN)
    house.see()
    house.hub.heard(
        Skipped(
            check=house.checks[CANARY],
            reason="budget",
            at=house.clock.now(),
        )
    )
    async with house.client("oncall-ann") as client:
        await client.post(PLANNED, json=WORK)
    told_at = utc(house.clock.now()).isoformat().replace("+00:00", "Z")
    house.clock.pass_time(1000)

    ear = await listening(house, last_id="run1-0")
    heard = await ear.heard()

    assert [event.event for event in heard] == [
        "observation",
        "transition",
        "skipped",
        "maintenance",
    ]
    assert {event.data["at"] for event in heard} == {told_at}
    await ear.close()


async def test_a_stream_ends_when_its_token_is_gone() -> None:
    house = ApiHouse()
    ear = await listening(house)
    house.see()
    await ear.heard()

    ear.allowed = False
    house.see()

    assert await ear.ends()


async def test_a_stream_ends_when_the_monitor_does() -> None:
    house = ApiHouse()
    ear = await listening(house)

    house.hub.close()

    assert await ear.ends()


async def test_silence_is_broken_by_a_comment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(events, "HEARTBEAT", 0.01)
    ear = await listening(ApiHouse())

    said = await ear.next()

    assert said == events.STILL_HERE
    await ear.close()


async def test_when_all_seats_are_taken_a_listener_is_told_to_come_back() -> (
    None
):
    house = ApiHouse(seats=0)

    async with house.client() as client:
        answer = await client.get("/api/v1/events")

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "30"


async def test_a_stream_is_made_of_server_sent_events() -> None:
    house = ApiHouse(ANN)
    house.see()
    house.hub.close()

    async with house.client() as client:
        answer = await client.get(
            "/api/v1/events",
            headers={**bearer("oncall-ann"), "Last-Event-ID": "run1-0"},
        )

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert len(parse(answer.content)) == 2
    assert not house.hub.full


def test_without_tokens_anybody_here_may_go_on_listening() -> None:
    house = ApiHouse()

    assert house.tokens.holds(ANYBODY)
