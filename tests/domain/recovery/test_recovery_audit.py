"""The audit: whatever is done to it afterwards is found."""

from dataclasses import fields, replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.recovery.audit import (
    GENESIS,
    Entry,
    Sealed,
    flaws,
    seal,
)

texts = st.text(max_size=12)
entries = st.builds(
    Entry,
    at=st.floats(0.0, 4e9),
    what=st.sampled_from(["planned", "intent", "sent", "outcome"]),
    plan=texts,
    who=texts,
    action=texts,
    target=texts,
    because=texts,
    detail=st.lists(st.tuples(texts, texts), max_size=2).map(tuple),
)
CUT = "cannot find entry {} as it was told before: the audit was cut or"


def chained(made: list[Entry]) -> list[Sealed]:
    last: Sealed | None = None
    chain: list[Sealed] = []
    for one in made:
        last = seal(one, last)
        chain.append(last)
    return chain


chains = st.lists(entries, min_size=1, max_size=6).map(chained)
places = st.integers(0, 99)
EXAMPLE = chained(
    [
        Entry(at=1.0, what="planned", plan="p1", who="ann"),
        Entry(at=2.0, what="intent", plan="p1", who="ann", change="c1"),
        Entry(at=3.0, what="outcome", plan="p1", who="ann", outcome="failed"),
    ]
)


@given(chains)
def test_a_whole_chain_has_no_flaw(chain: list[Sealed]) -> None:
    assert list(flaws(chain, None)) == []
    for head in chain:
        assert list(flaws(chain, head)) == []


@given(chains)
def test_entries_are_numbered_from_1_and_bound_to_the_one_before(
    chain: list[Sealed],
) -> None:
    assert [one.sequence for one in chain] == list(range(1, len(chain) + 1))
    assert chain[0].before == GENESIS
    for one, after in pairwise(chain):
        assert after.before == one.hash


@given(chains, places, entries)
def test_another_entry_in_a_place_is_found(
    chain: list[Sealed], place: int, other: Entry
) -> None:
    at = place % len(chain)
    edited = list(chain)
    edited[at] = replace(chain[at], entry=other)

    found = list(flaws(edited, chain[-1]))

    assert bool(found) is (other != chain[at].entry)


@pytest.mark.parametrize("name", [one.name for one in fields(Entry)])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_edit_of_any_field_is_found(name: str, place: int) -> None:
    edits: dict[str, object] = {"at": 9.0, "detail": (("a", "b"),)}
    entry = replace(
        EXAMPLE[place].entry,
        **{name: edits.get(name, "x")},  # type: ignore[arg-type]  # by name
    )
    edited = list(EXAMPLE)
    edited[place] = replace(EXAMPLE[place], entry=entry)

    assert list(flaws(edited, None)) == [
        f"cannot trust entry {place + 1}: it was changed"
    ]


@pytest.mark.parametrize(
    "forged",
    [{"sequence": 7}, {"before": "f" * 64}, {"hash": "f" * 64}],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_edit_of_the_seal_is_found(
    forged: dict[str, object], place: int
) -> None:
    edited = list(EXAMPLE)
    edited[place] = replace(
        EXAMPLE[place],
        **forged,  # type: ignore[arg-type]  # by name
    )

    assert list(flaws(edited, None))


@given(chains, places, places)
def test_entries_that_change_places_are_found(
    chain: list[Sealed], one: int, other: int
) -> None:
    here, there = one % len(chain), other % len(chain)
    swapped = list(chain)
    swapped[here], swapped[there] = chain[there], chain[here]

    assert bool(list(flaws(swapped, None))) is (here != there)


@given(chains, places)
def test_an_entry_that_is_taken_out_is_found(
    chain: list[Sealed], place: int
) -> None:
    at = place % len(chain)
    less = [*chain[:at], *chain[at + 1 :]]

    assert list(flaws(less, chain[-1]))


@given(chains, places, entries)
def test_an_entry_that_is_put_in_is_found(
    chain: list[Sealed], place: int, other: Entry
) -> None:
    at = place % len(chain)
    before = chain[at - 1] if at else None
    more = [*chain[:at], seal(other, before), *chain[at:]]

    assert list(flaws(more, chain[-1]))


@given(chains, places)
def test_an_end_that_is_cut_off_is_found_by_the_head(
    chain: list[Sealed], place: int
) -> None:
    left = chain[: place % len(chain)]

    assert list(flaws(left, None)) == []
    (found,) = flaws(left, chain[-1])
    assert found.startswith(CUT.format(len(chain)))


@given(chains, places, entries)
def test_a_chain_that_is_written_anew_is_found_by_the_head(
    chain: list[Sealed], place: int, other: Entry
) -> None:
    at = place % len(chain)
    made = [one.entry for one in chain]
    anew = chained([*made[:at], other, *made[at + 1 :]])

    found = list(flaws(anew, chain[-1]))

    assert list(flaws(anew, None)) == []
    assert bool(found) is (other != made[at])


@given(chains, entries)
def test_a_chain_that_went_on_since_the_head_is_whole(
    chain: list[Sealed], more: Entry
) -> None:
    longer = [*chain, seal(more, chain[-1])]

    assert list(flaws(longer, chain[-1])) == []


def test_a_flaw_names_the_entry_and_its_place() -> None:
    first, second, third = EXAMPLE

    assert list(flaws([first, third], None)) == [
        "cannot trust entry 3: it does not follow entry 1"
    ]
    assert list(flaws([second], first)) == [
        "cannot trust entry 2: it does not follow entry 0",
        f"{CUT.format(1)} rewritten",
    ]


def test_text_that_no_encoding_has_is_sealed_too() -> None:
    (one,) = chained([Entry(at=1.0, what="sent", plan="\udcff", who="ann")])

    assert list(flaws([one], one)) == []


def test_a_hash_is_the_same_in_every_version_of_ours() -> None:
    assert EXAMPLE[-1].hash == (
        "509fa69b94f3add4bd1721181df3632cdefbfc18b6aef3827b8e1c22366d6cf3"
    )
