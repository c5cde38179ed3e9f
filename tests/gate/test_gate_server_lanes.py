"""One child at a time in a lane; what is stuck does not stop the rest."""

from collections.abc import Callable

from typing_extensions import override

from monitor.gate.children import Child
from monitor.gate.lanes import Lane, Task
from monitor.gate.outcome import Outcome


class FakeChild(Child):
    """A child without a process: the test says when it tells and goes."""

    def __init__(self, work: Callable[[], Outcome], seconds: float) -> None:
        super().__init__(pid=0, descriptor=99)
        self.work = work
        self.seconds = seconds
        self.is_gone = False
        self.kills = 0

    @override
    def hear(self) -> None:
        self.outcome = self.work()

    @override
    def kill(self) -> None:
        self.kills += 1

    @override
    def hang_up(self) -> None:
        self.descriptor = None

    @override
    def gone(self) -> bool:
        return self.is_gone


class World:
    """A lane, its children and what became of its tasks."""

    def __init__(self) -> None:
        self.children: list[FakeChild] = []
        self.full = False
        self.lane = Lane(self.start)
        self.done: list[tuple[str, Outcome]] = []
        self.avoided: list[list[str]] = []

    def start(self, work: Callable[[], Outcome], seconds: float) -> FakeChild:
        if self.full:
            raise BlockingIOError(11, "no room")
        self.children.append(FakeChild(work, seconds))
        return self.children[-1]

    def ask(
        self, name: str, deadline: float, outcome: Outcome | None = None
    ) -> None:
        def look(_seconds: float, stuck: list[str]) -> Outcome:
            self.avoided.append(stuck)
            return outcome or Outcome(answer={"of": name})

        def done(said: Outcome) -> None:
            self.done.append((name, said))

        self.lane.add(Task(name, look, deadline, done))

    @property
    def reasons(self) -> list[str]:
        return [f"{name} {said.reason}".strip() for name, said in self.done]

    def stick(self, now: float, outcome: Outcome | None = None) -> None:
        """Leave a child that told its answer and does not go."""
        self.ask("stuck", now + 5, outcome)
        self.lane.turn(now)
        self.lane.hear(now)
        self.lane.turn(now + 1)


def test_one_after_the_other() -> None:
    world = World()
    world.ask("first", 10)
    world.ask("second", 10)

    world.lane.turn(0)
    assert [child.seconds for child in world.children] == [10]
    world.lane.hear(1)
    world.lane.turn(1)
    assert world.reasons == ["first"]
    assert len(world.children) == 1
    world.children[0].is_gone = True
    world.lane.turn(2)

    assert [child.seconds for child in world.children] == [10, 8]
    assert world.lane.descriptor == 99


def test_what_is_late_is_ended_and_answered() -> None:
    world = World()
    world.ask("slow", 10)
    world.lane.turn(0)

    world.lane.turn(10)

    assert world.reasons == ["slow timeout"]
    assert world.children[0].kills == 1


def test_what_waits_too_long_is_answered() -> None:
    world = World()
    world.ask("slow", 60)
    world.ask("waits", 5)
    world.lane.turn(0)

    world.lane.turn(5)

    assert world.reasons == ["waits timeout"]
    assert "still runs" in world.done[0][1].because


def test_a_child_that_cannot_be_ended_closes_the_lane_until_it_goes() -> None:
    world = World()
    world.ask("stuck", 5)
    world.lane.turn(0)
    world.lane.turn(5)
    world.ask("next", 20)
    world.lane.turn(5.9)
    assert world.reasons == ["stuck timeout"]

    world.lane.turn(6)
    assert world.reasons == ["stuck timeout", "next timeout"]
    assert "stuck in the kernel" in world.done[1][1].because
    assert world.lane.descriptor is None

    world.children[0].is_gone = True
    world.ask("after", 30)
    world.lane.turn(8)
    assert len(world.children) == 2


def test_a_child_that_told_before_it_got_stuck_is_gone_around() -> None:
    world = World()
    gaps = [{"part": "disks", "what": "/nfs", "because": "cannot"}]

    world.stick(0, Outcome(answer={}, gaps=gaps))
    world.ask("next", 20)
    world.lane.turn(2)
    world.lane.hear(2)

    assert world.reasons == ["stuck", "next"]
    assert world.avoided == [[], ["/nfs"]]


def test_the_number_of_stuck_children_is_bounded() -> None:
    world = World()
    for now in (0.0, 10.0, 20.0):
        world.stick(now)

    world.ask("fourth", 40)
    world.lane.turn(30)

    assert len(world.children) == 3
    assert world.reasons[-1] == "fourth timeout"


def test_no_room_for_a_process_is_answered_and_the_next_is_tried() -> None:
    world = World()
    world.full = True
    world.ask("first", 10)
    world.ask("second", 10)

    world.lane.turn(0)

    assert world.reasons == ["first internal", "second internal"]
    assert "no room" in world.done[0][1].because


def test_it_says_when_to_turn_again() -> None:
    world = World()
    assert world.lane.wake(0) is None

    world.ask("first", 10)
    world.ask("second", 7)
    assert world.lane.wake(0) == 7
    world.lane.turn(0)
    assert world.lane.wake(0) == 7
    world.lane.hear(1)
    wake = world.lane.wake(1)
    assert wake is not None
    assert 1 < wake < 1.1
    world.lane.turn(7)
    world.lane.turn(8)
    assert world.lane.wake(8) == 9


def test_at_the_end_everything_is_killed() -> None:
    world = World()
    world.lane.hear(0)
    world.lane.kill()
    world.stick(0)
    world.ask("runs", 20)
    world.lane.turn(2)

    world.lane.kill()

    assert [child.kills for child in world.children] == [1, 1]
