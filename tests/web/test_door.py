"""Who is shown the door when there is no room."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.web.door import Door
from tests.fakes.clock import FakeClock


class Held:
    """A connection that notes that it was dropped."""

    def __init__(self) -> None:
        self.dropped = False

    def drop(self) -> None:
        self.dropped = True


class Street:
    def __init__(self, *, per_peer: int = 2, overall: int = 5) -> None:
        self.clock = FakeClock()
        self.door = Door(
            self.clock.monotonic, per_peer=per_peer, overall=overall
        )

    def enter(self, peer: str, count: int = 1) -> list[Held]:
        held = [Held() for _ in range(count)]
        for connection in held:
            assert self.door.enter(connection, peer)
        return held


def test_a_burst_of_one_peer_is_let_in() -> None:
    street = Street()

    held = street.enter("a", 5)

    assert not any(connection.dropped for connection in held)


def test_who_waited_longest_of_a_peer_goes_when_it_holds_too_many() -> None:
    street = Street()
    first, second = street.enter("a", 2)
    street.clock.pass_time(2)

    street.enter("a")

    assert (first.dropped, second.dropped) == (True, False)


def test_another_peer_is_not_touched() -> None:
    street = Street()
    mine = street.enter("a", 2)
    street.clock.pass_time(2)

    street.enter("b", 3)

    assert not any(connection.dropped for connection in mine)


def test_without_room_the_one_that_waited_longest_goes() -> None:
    street = Street()
    first, *_ = street.enter("a", 5)

    street.enter("b")

    assert first.dropped
    assert len(street.door) == 5


def test_who_is_being_answered_is_never_dropped() -> None:
    street = Street(overall=1)
    (busy,) = street.enter("a")
    street.door.busy(busy)

    entered = street.door.enter(Held(), "b")

    assert not entered
    assert not busy.dropped


def test_who_was_answered_waits_again_at_the_end_of_the_line() -> None:
    street = Street(overall=2)
    first, second = street.enter("a", 2)
    street.door.busy(first)
    street.door.waits(first)

    street.enter("b")

    assert (first.dropped, second.dropped) == (False, True)


def test_who_left_is_forgotten() -> None:
    street = Street(overall=1)
    (gone,) = street.enter("a")

    street.door.left(gone)
    street.door.waits(gone)
    street.enter("b")

    assert not gone.dropped
    assert len(street.door) == 1


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["enter", "busy", "waits", "left"]),
            st.integers(0, 9),
        )
    )
)
def test_there_are_never_more_than_there_is_room_for(
    steps: list[tuple[str, int]],
) -> None:
    street = Street(per_peer=2, overall=4)
    people = [Held() for _ in range(10)]

    for step, who in steps:
        street.clock.pass_time(1.5)
        if step == "enter":
            street.door.left(people[who])
            people[who] = Held()
            street.door.enter(people[who], f"peer{who % 3}")
        else:
            getattr(street.door, step)(people[who])

        assert len(street.door) <= 4


@pytest.mark.parametrize("peer", ["", "::1"])
def test_a_peer_may_have_any_address(peer: str) -> None:
    assert Street().enter(peer)
