"""The other rungs, carried out: memory is freed, a machine is booted."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from typing_extensions import override

from monitor.domain.errors import HandRefused
from monitor.domain.recovery.change import Change, ended
from monitor.domain.recovery.words import Action, Outcome, State
from monitor.engine.events import ChangeTold
from monitor.engine.recovery.runner import Runner
from monitor.engine.recovery.runner_course import Course
from tests.engine.recovery.rungs import (
    BOOTED,
    FreeingHand,
    StrayHand,
    boots,
    cards,
    carried,
    frees,
    ready,
)
from tests.engine.recovery.theatre import Theatre, play
from tests.fakes.hand import BOOT


def test_memory_is_freed_and_the_new_server_is_proved() -> None:
    async def story() -> None:
        there = frees()

        await carried(there)

        over = there.change()
        assert over.outcome is Outcome.SUCCEEDED, over.because
        assert "none of the ended processes (4000)" in over.because
        assert "process 5000 is new" in over.because
        assert over.done

    play(story)


@pytest.mark.parametrize("how", ["gone", "over", "open"])
def test_a_rung_is_carried_out_only_while_its_recover_goes_on(
    how: str,
) -> None:
    async def story() -> None:
        there = Theatre()
        change = replace(await there.applied(), parent="r1")
        there.journal.all_changes["c1"] = change
        if how != "gone":
            climb = await there.applied(plan=there.plan("p2"), id_="r1")
            over = ended(climb, Outcome.CANCELLED, "no", there.clock.now())
            kept = over if how == "over" else climb
            there.journal.all_changes["r1"] = kept

        await there.monitor("a").carry(change)

        goes = how == "open"
        expected = Outcome.SUCCEEDED if goes else Outcome.CANCELLED
        assert there.change().outcome is expected, there.change().because
        assert there.hand.effects == (["c1"] if goes else [])
        assert there.journal.all_locks == {}

    play(story)


def test_memory_that_nobody_holds_and_stays_is_a_failure() -> None:
    async def story() -> None:
        there = frees(cards(None))

        await carried(there)

        over = there.change()
        assert over.outcome is Outcome.FAILED
        assert "no process holds them" in over.because
        assert over.done

    play(story)


@dataclass
class BlindingHand(FreeingHand):
    """An effect after which the machine tells nothing, or nothing in time."""

    looks_take: float = 0.5
    reason: str = ""

    @override
    async def _effect(self, change: str) -> None:
        assert self.there is not None
        await super()._effect(change)
        self.there.looks_take = self.looks_take
        self.there.host_reason = self.reason


def test_memory_that_nobody_can_look_at_is_a_failure() -> None:
    async def story() -> None:
        there = frees()
        there.hand = BlindingHand(there.clock, there=there, reason="timeout")

        await carried(there)

        over = there.change()
        assert over.outcome is Outcome.FAILED
        assert "who holds memory was not seen: gpu timeout" in over.because

    play(story)


def test_looks_at_the_cards_that_do_not_end_are_a_failure() -> None:
    async def story() -> None:
        there = frees()
        there.hand = BlindingHand(there.clock, there=there, looks_take=9_999.0)

        await carried(there)

        over = there.change()
        assert over.outcome is Outcome.FAILED
        assert "took too long" in over.because

    play(story)


def test_looks_at_a_machine_that_do_not_end_are_a_failure() -> None:
    async def story() -> None:
        there = boots()
        first = there.monitor("a")
        first.runner.begin(await ready(there))
        await first.until(lambda: bool(there.hand.effects))
        there.looks_take = 99_999.0
        await first.until(lambda: there.change().is_over, within=99_000.0)

        over = there.change()
        assert over.outcome is Outcome.FAILED
        assert "took too long" in over.because

    play(story)


def test_a_stray_is_ended_and_the_server_has_to_serve_on() -> None:
    async def story() -> None:
        there = frees()
        there.hand = StrayHand(there.clock, there=there)
        there.gpu = cards(77)

        await carried(there)

        over = there.change()
        assert over.outcome is Outcome.SUCCEEDED, over.because
        assert "(77)" in over.because
        assert "its status passed 3 times" in over.because
        assert "is new" not in over.because

    play(story)


def test_memory_of_before_that_was_not_kept_proves_nothing() -> None:
    async def story() -> None:
        there = frees()
        there.hand.line = "after"
        first = there.monitor("a")
        first.runner.begin(await ready(there))
        await first.until(lambda: bool(there.hand.effects))
        await first.die()
        there.journal.all_captured.clear()

        await there.monitor("b").sweep_until_quiet()

        over = there.change()
        assert over.outcome is Outcome.FAILED
        assert "was not kept" in over.because

    play(story)


def test_a_machine_is_booted_and_its_server_proved() -> None:
    async def story() -> None:
        there = boots()

        await carried(there)

        over = there.change()
        assert over.outcome is Outcome.SUCCEEDED, over.because
        assert f"and is {BOOTED}" in over.because
        assert "its 2 GPUs are there" in over.because
        assert "process 5000 is new" in over.because
        assert over.done
        assert there.hand.effects == ["c1"]

    play(story)


@pytest.mark.parametrize(
    ("there", "because"),
    [
        (lambda: boots(booted_to=BOOT), "it was not booted"),
        (lambda: boots(gpus=1), "1 of 2 GPUs are there"),
    ],
)
def test_a_machine_that_is_not_whole_again_is_a_failure(
    there: Callable[[], Theatre], because: str
) -> None:
    async def story() -> None:
        stage = there()

        await carried(stage)

        over = stage.change()
        assert over.outcome is Outcome.FAILED
        assert because in over.because
        assert over.done

    play(story)


def test_what_the_machine_refused_is_not_done() -> None:
    async def story() -> None:
        there = boots()
        refused = HandRefused("cannot act: apt works", reason="machine")
        there.hand.refuses["act"] = refused

        await carried(there)

        assert there.change().outcome is Outcome.FAILED
        assert not there.change().done

    play(story)


def test_a_machine_that_boots_takes_its_other_servers_along() -> None:
    async def story() -> None:
        there = boots()
        there.neighbours = ("annex",)
        monitor = there.monitor("a")
        monitor.runner.begin(await ready(there))

        await monitor.until(lambda: there.change().state is State.VERIFYING)

        told = "reboot of gpu1 is under way (change c1)"
        assert monitor.runner.changing("annex") == told
        assert "reboot is under way" in monitor.runner.changing("studio")
        assert not monitor.runner.changing("attic")
        assert there.held == ["studio", "annex"]

    play(story)


def test_a_change_that_was_taken_over_is_told_as_it_is_kept() -> None:
    async def story() -> None:
        there = Theatre()
        first = there.monitor("a")
        change = await there.applied()
        theirs = replace(change, owner="b", because="b carries it")
        there.journal.all_changes["c1"] = theirs

        await first.carry(change)

        told = [one for one in there.told if isinstance(one, ChangeTold)]
        assert told[-1].change == theirs

    play(story)


def test_a_recover_is_carried_by_its_climb() -> None:
    async def story() -> None:
        there = Theatre()
        there.action = Action.RECOVER
        change, climbs = await there.applied(), list[Change]()
        kit = there.monitor("a").kit

        def climbing(one: Change) -> Course:
            climbs.append(one)
            return Course(kit, one, against="it is a test")

        runner = Runner(kit, climbing=climbing)
        runner.begin(change)

        assert climbs == [change]
        assert runner.carries("c1")
        await runner.close(10.0)

    play(story)
