"""How much of the fleet may be down for us at once."""

from dataclasses import replace

import pytest

from monitor.domain.recovery.counting import (
    at_once,
)
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.situation import Peer
from monitor.domain.recovery.words import Word
from tests.domain.recovery.situations import (
    ANN,
    ROBOT,
    situation,
    word,
)

A, R = Word.ALLOWED, Word.REFUSED


def test_one_server_of_four_may_be_changed_at_once_and_always_one() -> None:
    assert [at_once(servers) for servers in range(1, 9)] == [
        *(1, 1, 1, 1),
        *(1, 1, 1, 2),
    ]
    assert at_once(20) == 5


@pytest.mark.parametrize("servers", range(1, 9))
def test_no_more_than_a_quarter_of_the_fleet_is_changed_at_once(
    servers: int,
) -> None:
    for changing in range(servers):
        peers = tuple(
            Peer(name=f"s{n}", serves=True, is_changing=n < changing)
            for n in range(servers - 1)
        )
        this = Peer(name="studio", serves=False)
        expected = A if changing + 1 <= max(1, servers // 4) else R

        assert word("blast_radius", situation(peers=peers)) is expected
        assert (
            word("blast_radius", situation(peers=(*peers, this))) is expected
        )


def test_a_change_of_this_server_itself_is_the_locks_matter() -> None:
    peers = (
        Peer(name="studio", serves=False, is_changing=True),
        Peer(name="annex", serves=True),
    )

    assert word("blast_radius", situation(peers=peers)) is A


@pytest.mark.parametrize(
    ("own", "other", "changing", "expected"),
    [
        (True, True, False, A),
        (True, False, False, R),
        (True, None, False, R),
        (False, False, False, A),
        (None, False, False, A),
        (False, True, False, A),
    ],
)
def test_the_last_server_that_serves_is_left_alone(
    own: bool | None,  # noqa: FBT001 - a table
    other: bool | None,  # noqa: FBT001 - a table
    changing: bool,  # noqa: FBT001 - a table
    expected: Word,
) -> None:
    peers = (
        Peer(name="studio", serves=own),
        Peer(name="annex", serves=other, is_changing=changing),
    )

    assert word("blast_radius", situation(peers=peers)) is expected


def test_one_that_is_being_changed_does_not_count_as_left() -> None:
    well = Peer(name="annex", serves=True, is_changing=True)
    down = tuple(Peer(name=f"s{n}", serves=False) for n in range(6))
    this = Peer(name="studio", serves=True)

    given_ = situation(peers=(this, well, *down))

    assert word("blast_radius", given_) is R
    again = (this, replace(well, is_changing=False), *down)
    assert word("blast_radius", situation(peers=again)) is A


def test_a_fleet_of_one_may_be_changed_while_it_serves() -> None:
    alone = (Peer(name="studio", serves=True),)

    for peers in ((), alone):
        given_ = situation(by=ROBOT, peers=peers)
        assert word("blast_radius", given_) is A


@pytest.mark.parametrize("by", [ANN, ROBOT])
@pytest.mark.parametrize("servers", range(1, 9))
def test_more_than_half_down_at_once_is_suspicious_to_automation(
    servers: int, by: Principal
) -> None:
    for down in range(servers + 1):
        peers = tuple(
            Peer(name="studio" if n == 0 else f"s{n}", serves=n >= down)
            for n in range(servers)
        )
        given_ = situation(by=by, peers=peers)
        suspicious = servers >= 4 and down > servers / 2
        expected = R if suspicious and by is ROBOT else A

        assert word("blast_radius", given_) is expected
