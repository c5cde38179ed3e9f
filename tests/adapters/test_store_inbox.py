"""The inbox, in memory and on the disk: nothing lost, nothing twice."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.store import inbox as keeping
from monitor.domain.alerts.alert import Alert, Outcome, Settled
from monitor.domain.alerts.rules import REFUSED_FOR
from monitor.domain.errors import CannotStore
from monitor.ports.alerts import Inbox
from tests.adapters.store_desk import opened
from tests.fakes.alerts import HUNG, OVER, other
from tests.fakes.inbox import FakeInbox

AT = 1_000.0


@pytest.fixture(params=["memory", "disk"])
def inbox(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Inbox]:
    if request.param == "memory":
        yield FakeInbox()
        return
    with opened(tmp_path / "state.db") as store:
        yield store.inbox


async def waiting(inbox: Inbox) -> list[Alert]:
    return [one.alert for one in await inbox.pending(limit=100)]


async def test_what_is_kept_waits_in_the_order_it_came(inbox: Inbox) -> None:
    alerts = [HUNG, other(1), other(2, target="attic", name="Other")]

    kept = await inbox.keep(alerts, at=AT)

    assert list(kept) == [None] * 3
    assert await waiting(inbox) == alerts
    (first,) = await inbox.pending(limit=1)
    assert first.at == AT


async def test_what_came_of_it_waits_no_more(inbox: Inbox) -> None:
    await inbox.keep([HUNG, other(1)], at=AT)
    first, _ = await inbox.pending(limit=10)
    said = Settled(
        number=first.number, outcome=Outcome.PLANNED, because="plan p1"
    )

    await inbox.settle([said])
    again = await inbox.keep([HUNG, other(1)], at=AT + 1)

    assert await waiting(inbox) == [other(1)]
    assert list(again) == [Outcome.DUPLICATE] * 2


async def test_one_that_was_refused_has_another_turn_after_a_while(
    inbox: Inbox,
) -> None:
    """What a gate refused may pass by itself, and it fires yet."""
    await inbox.keep([HUNG], at=AT)
    (first,) = await inbox.pending(limit=10)
    said = Settled(
        number=first.number, outcome=Outcome.REFUSED, because="busy"
    )
    await inbox.settle([said])

    soon = await inbox.keep([HUNG], at=AT + REFUSED_FOR - 1)
    late = await inbox.keep([HUNG], at=AT + REFUSED_FOR)

    assert (list(soon), list(late)) == ([Outcome.DUPLICATE], [None])
    assert await waiting(inbox) == [HUNG]


async def test_one_that_was_stale_and_comes_again_waits_anew(
    inbox: Inbox,
) -> None:
    """It fires yet, and nothing was done for it: it may have its turn."""
    await inbox.keep([HUNG, other(1)], at=AT)
    first, _ = await inbox.pending(limit=10)
    said = Settled(number=first.number, outcome=Outcome.STALE, because="old")
    await inbox.settle([said])

    again = await inbox.keep([HUNG], at=AT + 1_000)

    assert list(again) == [None]
    assert {one.alert: one.at for one in await inbox.pending(limit=10)} == {
        HUNG: AT + 1_000,
        other(1): AT,
    }


@pytest.mark.parametrize(
    "change",
    [
        {"receiver": "another"},
        {"fingerprint": "0" * 16},
        {"started": "2026-11-23T19:15:02.332Z"},
    ],
)
async def test_another_key_is_another_alert(
    inbox: Inbox, change: dict[str, str]
) -> None:
    changed = replace(HUNG, **change)  # type: ignore[arg-type] # by name

    await inbox.keep([HUNG, changed], at=AT)

    assert await waiting(inbox) == [HUNG, changed]


async def test_other_labels_under_the_same_key_change_nothing(
    inbox: Inbox,
) -> None:
    await inbox.keep([HUNG], at=AT)

    await inbox.keep([replace(HUNG, target="attic")], at=AT)

    assert await waiting(inbox) == [HUNG]


async def test_one_that_is_over_waits_no_more(inbox: Inbox) -> None:
    await inbox.keep([HUNG, other(1)], at=AT)

    kept = await inbox.keep([OVER], at=AT)

    assert list(kept) == [Outcome.RESOLVED]
    assert await waiting(inbox) == [other(1)]


async def test_one_that_is_over_before_it_was_heard_of_never_waits(
    inbox: Inbox,
) -> None:
    kept = await inbox.keep([OVER], at=AT)
    late = await inbox.keep([HUNG], at=AT)
    anew = await inbox.keep([replace(HUNG, started="later")], at=AT)

    assert list(kept) == [Outcome.RESOLVED]
    assert list(late) == [Outcome.DUPLICATE]
    assert list(anew) == [None]


async def test_no_alerts_are_fine(inbox: Inbox) -> None:
    assert list(await inbox.keep([], at=AT)) == []
    await inbox.settle([])


@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=50))
async def test_a_label_is_read_as_it_was_written(text: str) -> None:
    inbox = FakeInbox()
    alert = replace(HUNG, target=text)

    await inbox.keep([alert], at=AT)

    assert await waiting(inbox) == [alert]


async def test_it_outlives_the_monitor(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    quotes = replace(HUNG, target="'; DROP TABLE alerts; --\0\u2028{{ x }}")
    with opened(file) as store:
        await store.inbox.keep([HUNG, replace(quotes, started="2")], at=AT)

    with opened(file) as store:
        left = await waiting(store.inbox)

    assert left == [HUNG, replace(quotes, started="2")]


async def test_all_are_kept_or_none(tmp_path: Path) -> None:
    with opened(tmp_path / "state.db") as store:
        with pytest.raises(CannotStore):
            await store.inbox.keep(
                [HUNG, replace(other(1), target="\ud800")], at=AT
            )
        left = await waiting(store.inbox)

    assert left == []


async def test_so_many_wait_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "MOST_WAITING", 3)
    with opened(tmp_path / "state.db") as store:
        await store.inbox.keep([other(1), other(2)], at=AT)
        with pytest.raises(CannotStore, match="2 alerts wait already"):
            await store.inbox.keep([other(3), other(4)], at=AT)
        await store.inbox.keep([other(3)], at=AT)

        assert len(await waiting(store.inbox)) == 3


async def test_the_oldest_that_came_to_something_are_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "KEPT", 2)
    with opened(tmp_path / "state.db") as store:
        inbox = store.inbox
        await inbox.keep([other(n) for n in range(5)], at=AT)
        first, *others = await inbox.pending(limit=10)
        await inbox.settle(
            [
                Settled(number=one.number, outcome=Outcome.NO_RULE, because="")
                for one in others
            ]
        )
        again = await inbox.keep([other(n) for n in range(5)], at=AT)

    assert list(again) == [Outcome.DUPLICATE, None, None, *again[3:]]
    assert list(again[3:]) == [Outcome.DUPLICATE] * 2
    assert first.alert == other(0)


async def test_ten_thousand_are_kept_at_once(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with opened(file) as store:
        await store.inbox.keep([other(n) for n in range(10_000)], at=AT)
        some = await store.inbox.pending(limit=500)

        with sa.create_engine(f"sqlite:///{file}").connect() as db:
            many = db.execute(sa.text("SELECT count(*) FROM alerts"))

            assert many.scalar_one() == 10_000
    assert len(some) == 500
