"""A drill: all is real but the effects, and what failed is told."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from typing_extensions import override

from monitor.domain.errors import (
    CannotReach,
    CannotStore,
    HandRefused,
    NotConfigured,
)
from monitor.domain.joblog.reading import JobsReading, StartedJob
from monitor.domain.recovery.drill import Drill, Would
from monitor.domain.recovery.plan import Aim
from monitor.domain.recovery.verdict import Verdict
from monitor.domain.recovery.words import RUNGS, Action, Word
from monitor.engine.check import Check
from monitor.engine.recovery.desk import Desk
from monitor.engine.recovery.drill import DRILLS_WITHIN, EXCUSED, would_be
from monitor.engine.recovery.drill_exercises import LOCKED_WITHIN
from monitor.engine.recovery.runner_lease import LASTS
from monitor.ports.recovery import Errand, HandAnswer, Lock
from tests.engine.recovery.theatre import play
from tests.engine.recovery.wards import Fleet
from tests.engine.recovery.wards_parts import (
    ANN,
    READING,
    Untouched,
    check_of,
    key,
    reboot_steps,
)
from tests.fakes.journal import FakeJournal

LOCK, ACT, REBOOT = (
    "lock of gpu1",
    "acting gate of gpu1",
    "reboot gate of gpu1",
)
STATUS, CANARY = "status of studio", "canary of studio"


@dataclass
class Root(Untouched):
    """A gate that only looks; `fleet` shows what was locked meanwhile."""

    fleet: Fleet
    answer: HandAnswer = field(
        default_factory=lambda: HandAnswer(nonce="n1", service=READING)
    )
    fails: Exception | None = None
    takes: float = 0.0
    prepared: list[tuple[Action, Errand]] = field(default_factory=list)
    locked: list[Lock] = field(default_factory=list)

    @override
    async def prepare(
        self, aim: Aim, errand: Errand, *, within: float
    ) -> HandAnswer:
        await asyncio.sleep(self.takes)
        self.prepared.append((aim.action, errand))
        self.locked += self.fleet.journal.all_locks.values()
        if self.fails:
            raise self.fails
        return self.answer


class Game:
    """A fleet whose studio is well, and a desk that drills."""

    def __init__(self) -> None:
        self.fleet = fleet = Fleet()
        steps = dict.fromkeys(Action, reboot_steps)
        fleet.scene = replace(fleet.scene, steps=steps)
        self.root = Root(fleet)
        fleet.hands["gpu1"] = self.root
        fleet.diagnose("none", "status")

    def canaries(self, target: str) -> Sequence[Check]:
        canary = self.fleet.eyes.get(key(target, "canary.enhance"))
        return [check_of(canary)] if canary else []

    async def drill(self, target: str = "studio") -> Drill:
        fleet = self.fleet
        desk = Desk(
            clock=fleet.clock,
            journal=fleet.journal,
            scene=fleet.scene,
            runner=fleet.carrier,
            tell=fleet.tell,
            new_id=fleet.new_id,
            owner="monitor-1",
            canaries=self.canaries,
        )
        return await desk.drill(target, ANN)

    def drilled(self, target: str = "studio") -> Drill:
        return asyncio.run(self.drill(target))


def passed(drill: Drill) -> dict[str, bool | None]:
    return {one.what: one.passed for one in drill.exercises}


def because(drill: Drill, what: str) -> str:
    return next(o.because for o in drill.exercises if o.what == what)


def test_a_drill_tries_the_lock_the_keys_a_status_and_a_canary() -> None:
    game = Game()

    drill = game.drilled()

    assert passed(drill) == dict.fromkeys(
        (ACT, REBOOT, LOCK, STATUS, CANARY), True
    )
    assert (drill.target, drill.cause) == ("studio", "none")
    assert drill.at == game.fleet.clock.now()


def test_a_drill_does_nothing_and_keeps_one_entry() -> None:
    game = Game()

    drill = game.drilled()

    journal = game.fleet.journal
    assert game.fleet.audited == ["drilled"]
    assert not journal.records
    assert not journal.all_changes
    entry = journal.chain[0].entry
    assert (entry.who, entry.target, entry.host) == ("ann", "studio", "gpu1")
    assert entry.action == "recover"
    told = dict(entry.detail)
    assert told[CANARY].startswith("passed: ")
    assert told["restart"].startswith(f"{drill.rungs[0].would.value}: ")
    assert entry.because.startswith("5 of 5 exercises passed, 0 failed")


def test_the_lock_is_held_while_root_looks_and_given_back() -> None:
    game = Game()

    game.drilled()

    assert {one.change for one in game.root.locked} == {"drill-id-1"}
    assert {one.host for one in game.root.locked} == {"gpu1"}
    assert {o.change for _, o in game.root.prepared} == {"drill-id-1"}
    assert {o.nonce for _, o in game.root.prepared} == {""}
    assert {a for a, _ in game.root.prepared} == {
        Action.RESTART,
        Action.REBOOT,
    }
    assert not game.fleet.journal.all_locks
    assert LOCKED_WITHIN < LASTS


@pytest.mark.parametrize(
    "error",
    [
        CannotReach("cannot reach gpu1: the line was lost", reason="reset"),
        HandRefused("cannot act: fenced", reason="fenced"),
    ],
)
def test_a_gate_that_refuses_fails_and_the_lock_is_given_back(
    error: Exception,
) -> None:
    game = Game()
    game.root.fails = error

    drill = game.drilled()

    assert passed(drill)[ACT] is False
    assert because(drill, ACT) == str(error)
    assert passed(drill)[LOCK] is True
    assert passed(drill)[CANARY] is True
    assert not game.fleet.journal.all_locks


def test_a_gate_that_tells_nothing_of_the_service_says_so() -> None:
    game = Game()
    game.root.answer = HandAnswer(nonce="n1")

    drill = game.drilled()

    assert "told nothing of the service" in because(drill, ACT)


def test_a_fault_of_ours_gives_the_lock_back_too() -> None:
    game = Game()
    game.root.fails = ZeroDivisionError()

    with pytest.raises(ZeroDivisionError):
        game.drilled()

    assert not game.fleet.journal.all_locks


def test_without_a_key_nothing_is_tried_with_it() -> None:
    game = Game()
    del game.fleet.hands["gpu1"]

    drill = game.drilled()

    assert passed(drill)[ACT] is None
    assert because(drill, ACT) == "gpu1 has no act_key_file"
    assert because(drill, REBOOT) == "gpu1 has no reboot_key_file"
    assert [one.would for one in drill.rungs] == [Would.REFUSE] * 3


def test_a_lock_that_somebody_has_fails_and_stays_theirs() -> None:
    game = Game()
    journal = game.fleet.journal
    held = Lock(
        host="gpu1",
        change="c9",
        owner="b",
        token=1,
        until=game.fleet.clock.now() + 60,
    )
    journal.all_locks["gpu1"] = held

    drill = game.drilled()

    assert passed(drill)[LOCK] is False
    assert "change c9 of b" in because(drill, LOCK)
    assert passed(drill)[ACT] is passed(drill)[REBOOT] is None
    assert journal.all_locks == {"gpu1": held}
    assert game.root.prepared == []


class Stuck(FakeJournal):
    """A journal that gives no lock back."""

    @override
    async def unlock(self, lock: Lock) -> None:
        raise CannotStore("cannot use the state database: disk full")


def test_a_lock_that_cannot_be_given_back_fails() -> None:
    game = Game()
    game.fleet.journal = Stuck()
    game.fleet.scene = replace(game.fleet.scene, journal=game.fleet.journal)

    drill = game.drilled()

    assert passed(drill)[LOCK] is False
    assert "it was not given back: " in because(drill, LOCK)
    assert passed(drill)[CANARY] is True


def test_a_server_on_no_machine_is_looked_at_all_the_same() -> None:
    game = Game()

    drill = game.drilled("porch")

    assert passed(drill) == {
        "lock of its machine": None,
        "acting gate of its machine": None,
        "reboot gate of its machine": None,
        "status of porch": True,
        "canary of porch": None,
    }


def test_what_fails_now_would_fail_then() -> None:
    game = Game()
    game.fleet.eye("studio", "canary.enhance").fails("timeout")

    drill = game.drilled()

    assert passed(drill)[CANARY] is False
    assert passed(drill)[STATUS] is True


def test_a_look_that_cannot_be_taken_was_not_tried() -> None:
    game = Game()
    game.fleet.eye("studio", "status").is_there = False

    drill = game.drilled()

    assert passed(drill)[STATUS] is None


def test_an_unknown_server_is_not_drilled() -> None:
    game = Game()

    with pytest.raises(NotConfigured):
        game.drilled("nowhere")

    assert game.fleet.audited == []


def test_a_drill_that_takes_too_long_tells_what_it_has() -> None:
    async def story() -> None:
        game = Game()
        loop = asyncio.get_running_loop()
        began = loop.time()
        game.fleet.eye("studio", "status").held = asyncio.Event()

        drill = await game.drill()

        assert loop.time() - began == pytest.approx(DRILLS_WITHIN)
        assert set(passed(drill).values()) == {None}
        assert [one.would for one in drill.rungs] == [Would.REFUSE] * 3
        assert all("no time was left" in o.because for o in drill.rungs)
        assert all("no time was left" in o.because for o in drill.exercises)

    play(story)


def test_slow_gates_are_cut_off_and_the_rest_is_tried() -> None:
    async def story() -> None:
        game = Game()
        game.root.takes = 1_000.0

        drill = await game.drill()

        assert passed(drill)[LOCK] is True
        assert passed(drill)[ACT] is False
        assert passed(drill)[CANARY] is True
        assert not game.fleet.journal.all_locks

    play(story)


def test_no_canary_is_run_beside_users_work() -> None:
    game = Game()
    job = StartedJob(id="wedding", updated_at=game.fleet.clock.now())
    game.fleet.eye("studio", "jobs").reading = JobsReading(
        directory="/opt/facefusion/.jobs", started=(job,)
    )

    drill = game.drilled()

    assert passed(drill)[CANARY] is None
    assert "job wedding" in because(drill, CANARY)
    assert game.fleet.eye("studio", "canary.enhance").looks == 0


def test_the_rungs_say_what_would_be_done_were_it_sick_now() -> None:
    game = Game()

    drill = game.drilled()

    assert tuple(one.action for one in drill.rungs) == RUNGS
    restart = drill.rungs[0]
    assert restart.would is Would.RUN
    assert "nothing is wrong now: healthy: studio is well" in restart.because
    assert restart.steps
    assert not restart.by_hand
    assert drill.rungs[2].by_hand
    assert {one.gate for one in restart.gates} >= EXCUSED - {"ladder"}


def test_what_the_diagnosis_forbids_would_not_be_applicable() -> None:
    game = Game()
    game.fleet.diagnose("gpu_lost", "status")

    drill = game.drilled()

    assert drill.rungs[0].would is Would.NOT_APPLICABLE
    assert drill.cause == "gpu_lost"


def verdict(gate: str, word: Word) -> Verdict:
    return Verdict(gate=gate, word=word, because="so it is")


@pytest.mark.parametrize("gate", sorted(EXCUSED))
def test_gates_that_miss_a_sick_server_do_not_make_it_refused(
    gate: str,
) -> None:
    gates = (verdict(gate, Word.REFUSED), verdict("mode", Word.ALLOWED))

    would, told = would_be("", gates)

    assert would is Would.RUN
    assert f"{gate}: so it is" in told


@pytest.mark.parametrize("gate", ["budget", "breaker", "allowed", "machine"])
def test_any_other_gate_makes_it_refused(gate: str) -> None:
    gates = (verdict("healthy", Word.REFUSED), verdict(gate, Word.REFUSED))

    assert would_be("", gates) == (Would.REFUSE, f"{gate}: so it is")


def test_what_waits_for_people_would_wait() -> None:
    gates = (verdict("approval", Word.WAITING),)

    assert would_be("", gates) == (Would.WAIT, "approval: so it is")


def test_what_is_not_applicable_is_not_weighed() -> None:
    gates = (verdict("budget", Word.REFUSED),)

    assert would_be("gpu_lost", gates) == (Would.NOT_APPLICABLE, "gpu_lost")
