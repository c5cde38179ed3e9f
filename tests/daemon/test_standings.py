"""What may still be done to a server is told from what was read last."""

from collections.abc import Sequence
from dataclasses import replace

from typing_extensions import override

from monitor.daemon.standings import Standings
from monitor.domain.recovery.past import Deed
from monitor.domain.recovery.policy import Policy
from monitor.outputs.metrics.recovery import Standing
from tests.domain.recovery.situations import NOW, POLICY, TARGET, deed
from tests.fakes.clock import FakeClock
from tests.fakes.journal import FakeJournal


class Remembering(FakeJournal):
    """A journal of which only the deeds are asked."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[Deed] = []

    @override
    async def deeds(self, *, since: float) -> Sequence[Deed]:
        return [one for one in self.done if one.intent_at >= since]


class Desk:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.clock.time = NOW
        self.journal = Remembering()
        self.policies = {"studio": POLICY}
        self.targets = {"studio": TARGET}
        self.standings = Standings(
            clock=self.clock,
            journal=self.journal,
            targets=lambda: self.targets,
            policies=lambda: self.policies,
        )


def test_a_server_that_nothing_may_be_done_to_has_none() -> None:
    desk = Desk()
    desk.policies["attic"] = Policy()
    desk.policies["cellar"] = replace(POLICY, mode="off")
    desk.policies["gone"] = POLICY

    assert [one.target for one in desk.standings()] == ["studio"]


async def test_nothing_was_done_yet() -> None:
    desk = Desk()

    await desk.standings.refresh()

    assert list(desk.standings()) == [
        Standing(
            target="studio",
            budgets=(("free-gpu-memory", 3), ("reboot", 1), ("restart", 3)),
            breaker_open=False,
        )
    ]


async def test_what_was_done_counts_once_it_was_read_anew() -> None:
    desk = Desk()
    await desk.standings.refresh()
    desk.journal.done = [
        *(deed(ago) for ago in (900.0, 800.0, 700.0)),
        deed(700.0, target="attic"),
    ]

    (before,) = desk.standings()
    await desk.standings.refresh()
    (after,) = desk.standings()

    assert not before.breaker_open
    assert dict(after.budgets)["restart"] == 0
    assert dict(after.budgets)["reboot"] == 1
    assert after.breaker_open
