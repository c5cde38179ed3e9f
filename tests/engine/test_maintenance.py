"""The book of planned work."""

import asyncio
from dataclasses import replace

import pytest

from monitor.domain.errors import CannotStore
from monitor.domain.fleet import Target
from monitor.domain.maintenance import CannotPlan, Selector, Window
from monitor.domain.observation import CheckKey, Kind
from monitor.engine import maintenance
from monitor.engine.maintenance import Book
from tests.fakes.clock import FakeClock
from tests.fakes.store import FakeStore

STUDIO = Target(
    name="studio", url="http://studio:9002", dialect="rest", host="gpu1"
)
ATTIC = Target(name="attic", url="http://attic:9002", dialect="rest")

NAMED = Selector(targets=("studio",))


class House:
    """A book, and what it asks."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = FakeStore()
        self.targets = {"studio": STUDIO, "attic": ATTIC}
        self.hosts = {"gpu1", "gpu2"}
        self.book = self.another_book()

    def another_book(self) -> Book:
        return Book(
            clock=self.clock,
            store=self.store,
            targets=lambda: self.targets,
            hosts=lambda: self.hosts,
        )

    def window(
        self,
        name: str = "w1",
        *,
        starts_in: float = 0.0,
        selector: Selector = NAMED,
    ) -> Window:
        now = self.clock.now()
        return Window(
            id=name,
            starts_at=now + starts_in,
            ends_at=now + starts_in + 3600,
            selector=selector,
            reason="new driver",
            by="ann",
            created_at=now,
        )


def key(kind: Kind, subject: str) -> CheckKey:
    return CheckKey(kind=kind, subject=subject, check="any")


async def test_a_target_is_in_the_window_that_names_it() -> None:
    house = House()

    window = await house.book.start(house.window())

    assert house.book.planned("studio") == window
    assert house.book.planned("attic") is None
    assert house.book.planned("a stranger") is None


async def test_a_window_of_a_host_covers_its_servers_and_its_own_checks() -> (
    None
):
    house = House()

    await house.book.start(house.window(selector=Selector(hosts=("gpu1",))))

    assert house.book.covers(key(Kind.TARGET, "studio"))
    assert house.book.covers(key(Kind.HOST, "gpu1"))
    assert not house.book.covers(key(Kind.TARGET, "attic"))
    assert not house.book.covers(key(Kind.HOST, "gpu2"))


async def test_a_window_of_a_target_does_not_cover_its_host() -> None:
    house = House()

    await house.book.start(house.window())

    assert house.book.covers(key(Kind.TARGET, "studio"))
    assert not house.book.covers(key(Kind.HOST, "gpu1"))


@pytest.mark.parametrize("kind", list(Kind))
async def test_without_windows_nothing_is_planned(kind: Kind) -> None:
    house = House()

    assert not house.book.covers(key(kind, "studio"))
    assert house.book.planned("studio") is None
    assert house.book.planned_host("gpu1") is None


async def test_the_monitor_itself_is_never_in_maintenance() -> None:
    house = House()
    await house.book.start(house.window())

    assert not house.book.covers(key(Kind.MONITOR, "studio"))


async def test_a_window_begins_and_ends_by_the_clock() -> None:
    house = House()
    await house.book.start(house.window(starts_in=60))

    before = house.book.planned("studio")
    house.clock.pass_time(60)
    within = house.book.planned("studio")
    house.clock.pass_time(3600)
    after = house.book.planned("studio")

    assert (before is None, within is None, after is None) == (
        True,
        False,
        True,
    )


async def test_windows_are_listed_soonest_first_until_they_are_over() -> None:
    house = House()
    await house.book.start(house.window("later", starts_in=1800))
    await house.book.start(house.window("now"))

    both = [w.id for w in house.book.windows()]
    house.clock.pass_time(3600)
    one = [w.id for w in house.book.windows()]

    assert both == ["now", "later"]
    assert one == ["later"]


async def test_a_window_that_was_ended_is_over_at_once() -> None:
    house = House()
    await house.book.start(house.window())
    house.clock.pass_time(10)

    ended = await house.book.end("w1", house.clock.now())

    assert ended is not None
    assert ended.ended_at == house.clock.now()
    assert house.book.planned("studio") is None
    assert house.book.windows() == []
    assert house.store.all_windows == {"w1": ended}


async def test_a_window_that_was_ended_stays_so_when_the_clock_goes_back() -> (
    None
):
    house = House()
    await house.book.start(house.window())
    house.clock.pass_time(600)
    await house.book.end("w1", house.clock.now())

    house.clock.pass_time(-300)

    assert house.book.planned("studio") is None


async def test_what_is_not_there_cannot_be_ended() -> None:
    house = House()
    await house.book.start(house.window())
    house.clock.pass_time(3600)

    assert await house.book.end("w1", house.clock.now()) is None
    assert await house.book.end("w2", house.clock.now()) is None


async def test_a_window_that_makes_no_sense_changes_nothing() -> None:
    house = House()

    with pytest.raises(CannotPlan, match="no target is named 'celar'"):
        await house.book.start(
            house.window(selector=Selector(targets=("celar",)))
        )

    assert house.book.windows() == []
    assert house.store.all_windows == {}


async def test_a_reload_counts_at_once() -> None:
    house = House()
    await house.book.start(house.window(selector=Selector(hosts=("gpu1",))))
    house.targets = {
        "studio": replace(STUDIO, host="gpu2"),
        "attic": replace(ATTIC, host="gpu1"),
    }

    assert house.book.planned("studio") is None
    assert house.book.planned("attic") is not None


async def test_an_id_can_be_used_once() -> None:
    house = House()
    await house.book.start(house.window())

    with pytest.raises(CannotPlan, match="w1 is there already"):
        await house.book.start(house.window())


async def test_the_number_of_windows_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(maintenance, "MOST", 2)
    house = House()
    await house.book.start(house.window("a"))
    await house.book.start(house.window("b", starts_in=60))

    with pytest.raises(CannotPlan, match="2 windows are open"):
        await house.book.start(house.window("c"))

    house.clock.pass_time(3600)
    await house.book.start(house.window("c"))
    assert [w.id for w in house.book.windows()] == ["b", "c"]


async def test_what_cannot_be_written_is_not_planned() -> None:
    house = House()
    house.store.full = True

    with pytest.raises(CannotStore):
        await house.book.start(house.window())

    assert house.book.planned("studio") is None


async def test_an_end_that_cannot_be_written_ends_nothing() -> None:
    house = House()
    await house.book.start(house.window())
    house.store.full = True

    with pytest.raises(CannotStore):
        await house.book.end("w1", house.clock.now())

    assert house.book.planned("studio") is not None


async def test_a_store_that_does_not_answer_is_waited_for_with_a_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(maintenance, "STORE_WAIT", 0.01)
    house = House()
    house.store.locked = asyncio.Event()

    with pytest.raises(CannotStore, match="cannot keep the maintenance wind"):
        await house.book.start(house.window())


async def test_windows_survive_a_restart() -> None:
    house = House()
    await house.book.start(house.window("a"))
    await house.book.start(house.window("b", starts_in=60))
    house.clock.pass_time(3600)

    again = house.another_book()
    await again.restore()

    assert [w.id for w in again.windows()] == ["b"]
    assert again.planned("studio") is not None


async def test_a_window_that_no_answer_could_show_is_not_restored() -> None:
    house = House()
    bad = replace(house.window("bad"), starts_at=-62_135_683_140.0)
    house.store.all_windows = {"bad": bad, "good": house.window("good")}

    await house.book.restore()

    assert [w.id for w in house.book.windows()] == ["good"]


async def test_what_was_started_since_is_newer_than_what_is_restored() -> None:
    house = House()
    await house.book.start(house.window())
    ended = await house.book.end("w1", house.clock.now() + 60)

    house.store.all_windows["w1"] = house.window()
    await house.book.restore()

    assert house.book.windows() == [ended]
