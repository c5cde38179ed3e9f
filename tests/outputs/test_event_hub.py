"""The hub: one ring for all listeners, a place in it for each."""

import asyncio

import pytest

from monitor.domain.health import Health
from monitor.domain.judgement import Track, Transition
from monitor.engine.events import (
    Audited,
    ChangeTold,
    Looked,
    PlanTold,
    Rewired,
    Skipped,
    Started,
)
from monitor.outputs.events import Hub, Message
from tests.fakes.clock import FakeClock
from tests.fakes.probe import STUDIO, FakeProbe, check_of, seen
from tests.outputs.recovering import change, record, sealed


@pytest.fixture
def hub() -> Hub:
    return Hub(FakeClock(), name="run1", keep=3, seats=1)


def kinds(hub: Hub) -> list[str]:
    return [message.kind for message in hub.after(0)[0]]


def test_a_look_is_told_and_a_changed_opinion_beside_it(hub: Hub) -> None:
    check = check_of(FakeProbe(FakeClock()))
    changed = Transition(
        key=STUDIO,
        at=1.0,
        before=Health.UNKNOWN,
        after=Health.HEALTHY,
        because="it is",
    )

    hub.heard(Looked(check=check, seen=seen(), track=Track(), changed=None))
    hub.heard(Looked(check=check, seen=seen(), track=Track(), changed=changed))

    assert kinds(hub) == ["observation", "observation", "transition"]


def test_what_concerns_nobody_outside_is_not_told(hub: Hub) -> None:
    check = check_of(FakeProbe(FakeClock()))

    hub.heard(Started(check=check, lag=0.0, missed=0))
    hub.heard(Skipped(check=check, reason="overlap"))
    hub.heard(Rewired())

    assert kinds(hub) == ["skipped", "reload"]


def test_plans_and_changes_are_told_and_the_audit_is_not(hub: Hub) -> None:
    hub.heard(PlanTold(record=record(target="attic")))
    hub.heard(ChangeTold(change=change(target="studio")))
    hub.heard(Audited(sealed=sealed()))

    about = [
        str(message.about and message.about.label)
        for message in hub.after(0)[0]
    ]

    assert kinds(hub) == ["plan", "change"]
    assert about == ["attic/plan", "studio/change"]


def test_the_ring_is_bounded_and_says_how_much_was_lost(hub: Hub) -> None:
    for number in range(5):
        hub.say("observation", number)

    messages, lost = hub.after(1)

    assert [message.what for message in messages] == [2, 3, 4]
    assert lost == 1


def test_a_listener_gets_what_came_after_its_place(hub: Hub) -> None:
    for number in range(3):
        hub.say("observation", number)

    messages, lost = hub.after(2)

    assert ([message.number for message in messages], lost) == ([3], 0)
    assert hub.after(3) == ([], 0)


def test_a_message_is_rendered_once_for_all_and_never_for_nobody(
    hub: Hub,
) -> None:
    rendered: list[int] = []

    def render(message: Message) -> bytes:
        rendered.append(message.number)
        return b"said"

    hub.say("observation", 1)
    hub.say("observation", 2)
    (first, _), _ = hub.after(0)

    said = [first.rendered(render) for _ in range(3)]

    assert (said, rendered) == ([b"said"] * 3, [1])


async def test_who_waits_is_woken_by_news(hub: Hub) -> None:
    waiting = [asyncio.create_task(hub.news(0, within=5.0)) for _ in range(3)]
    await asyncio.sleep(0)

    hub.say("observation", 1)

    async with asyncio.timeout(2):
        await asyncio.gather(*waiting)


async def test_news_that_are_there_already_are_not_waited_for(
    hub: Hub,
) -> None:
    hub.say("observation", 1)

    async with asyncio.timeout(1):
        await hub.news(0, within=60.0)


async def test_waiting_ends_without_news(hub: Hub) -> None:
    await hub.news(0, within=0.01)

    assert hub.last == 0


async def test_closing_wakes_everybody(hub: Hub) -> None:
    waiting = asyncio.create_task(hub.news(0, within=60.0))
    await asyncio.sleep(0)

    hub.close()

    async with asyncio.timeout(1):
        await waiting
    assert hub.closed


def test_a_seat_is_free_again_after_use(hub: Hub) -> None:
    with hub.seat():
        taken = hub.full

    assert (taken, hub.full) == (True, False)
