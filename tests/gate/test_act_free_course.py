"""The course of freeing memory: waiting, ending, starting, and what is told.

The looks at the cards are a story, and so is the clock.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest
from typing_extensions import override

from monitor.gate.act_asked import ActAsked, ProcessNamed
from monitor.gate.act_cards import CardSeen
from monitor.gate.act_config import ServiceKnown
from monitor.gate.act_free import IDLE_WITHIN, FreeMemory
from monitor.gate.act_process import BareRestart
from monitor.gate.act_signals import EffectFailed, Grip
from monitor.gate.act_start import Former
from monitor.gate.finding import ServiceAsked
from monitor.gate.protocol import Refused
from tests.gate.act_machine import Clock, Machine, machine

__all__ = ["machine"]

CARD = "GPU-aa-1"
SERVER, CHILD = 500, 501
NAMED = {
    pid: ProcessNamed(pid, 1, 7, ("a",), None, "/", is_server=pid == SERVER)
    for pid in (SERVER, CHILD)
}
UNSEEN = Refused("unsupported", "cannot tell who holds memory: no answer")
Look = CardSeen | Refused


class Hands(BareRestart):
    """Ends made-up processes but the `endless`, and starts on paper."""

    def __init__(self, *endless: int, trusted: bool = True) -> None:
        super().__init__(())
        self._trusted = trusted
        self.untouchable: set[int] = set()
        self.did: list[object] = []
        self._endless = endless

    @override
    def check_touchable(self, doomed: Iterable[ProcessNamed]) -> None:
        if any(one.pid in self.untouchable for one in doomed):
            raise Refused("forbidden", "cannot end it: it is the gate's own")

    @override
    @contextmanager
    def holding(
        self, doomed: Sequence[ProcessNamed]
    ) -> Iterator[dict[int, Grip]]:
        self.did.append(("hold", *(one.pid for one in doomed)))
        yield {}

    @override
    def end(
        self, some: Sequence[ProcessNamed], _grips: object, _say: object
    ) -> None:
        for one in some:
            if one.pid in self._endless:
                raise EffectFailed(f"cannot end process {one.pid}")
            self.did.append(one.pid)

    @override
    def starter(self, *_: object) -> Former:
        return Former(7, 7, (), "/")

    @override
    def start_again(self, *_: object) -> str:
        if not self._trusted:
            raise Refused("forbidden", "cannot use start: anybody wrote it")
        self.did.append("start")
        return "started"


class Course:
    """One freeing; `looks` are seen in turn, the last for ever."""

    def __init__(self, hands: Hands, *looks: Look) -> None:
        self.hands = hands
        self.clock = Clock()
        self.looks = list(looks)
        self.said: list[str] = []
        self.left_at = 0.0

    def look(self, uuids: Sequence[str]) -> Sequence[CardSeen]:
        assert list(uuids) == [CARD]
        self.left_at = self.clock.now
        found = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        if isinstance(found, Refused):
            raise found
        return [found]

    def sleep(self, seconds: float) -> None:
        self.clock.now += seconds

    def run(
        self,
        *pids: int,
        manager: str = "process",
        unit: Mapping[str, object] | None = None,
        deadline: float = 1100.0,
        states: Mapping[int, str] | None = None,
        strays: Sequence[int] = (),
    ) -> str:
        free = FreeMemory(self.hands, self.look, self.clock, self.sleep)
        asked = ActAsked(
            "free-gpu-memory", "studio", "c1", 7, 60.0,
            named=tuple(NAMED[pid] for pid in pids), cards=(CARD,),
        )  # fmt: skip
        processes = [
            {**NAMED[pid]._asdict(), "state": (states or {}).get(pid, "S")}
            for pid in pids
        ]
        seen = {
            "processes": [o for o in processes if o["pid"] not in strays],
            "strays": [o for o in processes if o["pid"] in strays],
            "unit": unit,
        }
        question = ServiceAsked(manager, "ff", "/", None)
        service = ServiceKnown("studio", question, {}, None)
        effect = free.effect(service, asked, seen, deadline)
        return effect.run(self.said.append)


def held(*pids: int, work: int | None = 0) -> CardSeen:
    return CardSeen(CARD, work, tuple((pid, "9 MiB") for pid in pids))


def test_who_serves_is_ended_first_and_all_are_held_before() -> None:
    hands = Hands()
    course = Course(hands, held(SERVER, CHILD))

    told = course.run(CHILD, SERVER)

    assert hands.did == [("hold", CHILD, SERVER), SERVER, CHILD, "start"]
    assert told == "ended 2 of its processes on 1 GPUs; started again"


def test_a_card_is_idle_after_two_looks_that_say_so_in_a_row() -> None:
    busy, idle = held(CHILD, work=6), held(CHILD, work=5)
    course = Course(Hands(), idle, idle, busy, idle, UNSEEN, idle, idle, idle)

    course.run(CHILD)

    assert course.clock.now == 1000.0 + 5 * 0.5
    assert course.said[0] == "none of these cards works"


def test_a_card_that_works_on_is_waited_for_ten_seconds_and_told() -> None:
    hands = Hands()
    course = Course(hands, held(CHILD, work=97))

    course.run(CHILD)

    assert course.clock.now == 1000.0 + IDLE_WITHIN
    assert course.said[0] == (
        "waited 10 s until they are idle: GPU-aa-1 worked at 97 %"
    )
    assert hands.did == [("hold", CHILD), CHILD]


def test_cards_that_vanish_are_told_and_do_not_stop_it() -> None:
    hands = Hands()
    course = Course(hands, held(CHILD), UNSEEN)

    course.run(CHILD)

    assert course.said == [
        f"waited 10 s until they are idle: {UNSEEN.because}",
        UNSEEN.because,
    ]
    assert hands.did == [("hold", CHILD), CHILD]


def test_what_is_left_is_told_of_each() -> None:
    course = Course(
        Hands(), *[held(SERVER, CHILD)] * 3, held(SERVER, SERVER, 9)
    )

    course.run(SERVER, CHILD)

    assert course.said[-2:] == [
        f"process {SERVER} holds 9 MiB on {CARD}, 9 MiB on {CARD} now",
        f"process {CHILD} holds nothing now",
    ]


@pytest.mark.parametrize("state", ["Z", "X"])
def test_a_holder_that_ended_is_told_and_not_signalled(state: str) -> None:
    hands = Hands()
    course = Course(hands, held(SERVER, CHILD))

    told = course.run(SERVER, CHILD, states={CHILD: state})

    assert hands.did == [("hold", SERVER), SERVER, "start"]
    assert f"process {CHILD} ended (state Z): no signal helps" in course.said
    assert told.startswith("ended 1 of its processes")


def test_a_stray_is_ended_and_a_serving_one_is_not_started() -> None:
    hands = Hands()

    told = Course(hands, held(SERVER)).run(SERVER, strays=[SERVER])

    assert hands.did == [("hold", SERVER), SERVER]
    assert told.endswith("it was left running")


def test_where_one_may_never_be_signalled_nothing_is_ended() -> None:
    hands = Hands()
    hands.untouchable.add(CHILD)

    with pytest.raises(Refused, match="the gate's own"):
        Course(hands, held(SERVER, CHILD)).run(SERVER, CHILD)

    assert hands.did == []


def test_a_child_that_does_not_end_keeps_no_server_from_its_start() -> None:
    hands = Hands(CHILD)
    course = Course(hands, held(SERVER, CHILD))

    with pytest.raises(EffectFailed, match=f"cannot end process {CHILD}"):
        course.run(SERVER, CHILD)

    assert hands.did[-1] == "start"
    assert "holds" in course.said[-1]


def test_a_server_that_does_not_end_is_not_started_beside_itself() -> None:
    hands = Hands(SERVER)
    course = Course(hands, held(SERVER, CHILD))

    with pytest.raises(EffectFailed, match=f"cannot end process {SERVER}"):
        course.run(SERVER, CHILD)

    assert hands.did[1:] == [CHILD]


def test_two_that_do_not_end_are_both_told() -> None:
    course = Course(Hands(SERVER, CHILD), held(SERVER, CHILD))

    with pytest.raises(EffectFailed) as failed:
        course.run(SERVER, CHILD)

    assert str(failed.value) == (
        f"cannot end process {SERVER}; cannot end process {CHILD}"
    )


def test_a_start_program_that_was_changed_meanwhile_is_told() -> None:
    course = Course(Hands(CHILD, trusted=False), held(SERVER, CHILD))

    with pytest.raises(EffectFailed) as failed:
        course.run(SERVER, CHILD)

    assert str(failed.value) == (
        f"cannot end process {CHILD}; cannot use start: anybody wrote it"
    )
    assert "holds" in course.said[-1]


UNITS = {
    "systemd": ("systemctl", {"load_state": "loaded"}, "start -- ff"),
    "docker": ("docker", {"state": "running"}, "start -- ff"),
}


@pytest.mark.parametrize("manager", UNITS)
def test_the_manager_starts_what_it_looks_after(
    manager: str, machine: Machine
) -> None:
    program, unit, words = UNITS[manager]
    machine.tool(program, f'echo "$*" >> {machine.effects}')
    hands = Hands()

    told = Course(hands, held(SERVER)).run(SERVER, manager=manager, unit=unit)

    assert machine.done()[0] == words
    assert hands.did == [("hold", SERVER), SERVER]
    assert told.endswith("started again")


@pytest.mark.parametrize("manager", UNITS)
def test_a_start_that_fails_is_a_failure(
    manager: str, machine: Machine
) -> None:
    program, unit, _ = UNITS[manager]
    machine.tool(program, "exit 1")
    course = Course(Hands(), held(SERVER))

    with pytest.raises(EffectFailed, match="cannot start ff"):
        course.run(SERVER, manager=manager, unit=unit)


@pytest.mark.parametrize("manager", UNITS)
def test_where_nobody_could_start_it_nothing_is_ended(manager: str) -> None:
    hands = Hands()

    with pytest.raises(Refused, match="cannot start"):
        Course(hands, held(SERVER)).run(SERVER, manager=manager, unit=None)

    assert hands.did == []


@pytest.mark.parametrize(
    ("deadline", "within"), [(0.0, 5.0), (1100.0, 99.5), (1004.0, 5.0)]
)
def test_a_start_gets_what_is_left_and_five_seconds_at_least(
    deadline: float, within: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = []

    def managed(*words: object) -> object:
        given.append(words[3])
        return type("Started", (), {"run": staticmethod(lambda _: "started")})

    monkeypatch.setattr("monitor.gate.act_free.managed", managed)
    course = Course(Hands(), held(SERVER))

    course.run(SERVER, manager="systemd", unit={}, deadline=deadline)

    assert given[-1] == within
