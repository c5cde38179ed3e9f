"""Memory is back when nobody that was ended holds any, nor nobody does."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.recovery.identity import Identity, identities
from monitor.domain.recovery.machine_use import Card, GpuTable, GpuUse, Whose
from monitor.domain.recovery.proof import Proof
from monitor.domain.recovery.proof_memory import (
    SLACK_BYTES,
    MemoryGlance,
    MemoryTerms,
    prove_memory,
)
from monitor.domain.service.reading import ServiceReading
from tests.domain.recovery.situations import (
    CARD,
    NOW,
    OURS,
    SERVER,
    SERVICE,
    TABLE,
)

GIB = 1024**3
ENDED = identities(SERVICE)
TERMS = MemoryTerms(before=TABLE, ended=ENDED, within=60.0)
"""Before: 9 GiB used, 8 GiB of it by the process that was ended."""
REBORN = replace(
    OURS,
    pid=900,
    memory_bytes=5 * GIB,
    identity=replace(ENDED[0], pid=900, start_ticks=150_000),
)
NEIGHBOUR = GpuUse(
    uuid="GPU-1", pid=7, name="blender", whose=Whose.OTHER, memory_bytes=GIB
)


def after(
    *uses: GpuUse,
    used: int | None = GIB,
    utilization: float | None = 0.0,
    at: float = 10.0,
) -> MemoryGlance:
    table = GpuTable(
        at=NOW + at,
        cards=(replace(CARD, used_bytes=used, utilization=utilization),),
        uses=uses,
    )
    return MemoryGlance(
        at=NOW + at,
        since_sent=at,
        table=table,
        service=SERVICE,
        because="nvidia-smi answers",
    )


def proved(
    *looks: MemoryGlance,
    terms: MemoryTerms = TERMS,
    since_sent: float = 10.0,
) -> Proof:
    return prove_memory(terms, looks, since_sent=since_sent)


def test_memory_is_back_when_the_ended_are_gone_and_nothing_is_left() -> None:
    assert proved(after()) == Proof(
        word="proven",
        because="none of the ended processes (812) is on its GPUs any more"
        " and no memory is left behind: GPU 0 uses 1.0 GiB",
    )


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (GIB + SLACK_BYTES, "proven"),
        (GIB + SLACK_BYTES + 1, "pending"),
        (8 * GIB, "pending"),
        (0, "proven"),
    ],
)
def test_what_nobody_holds_may_grow_by_little_only(
    left: int, expected: str
) -> None:
    assert proved(after(used=left)).word == expected


def test_memory_that_nobody_holds_is_told_with_what_it_was() -> None:
    found = proved(after(used=9 * GIB), since_sent=60.0)

    assert found == Proof(
        word="failed",
        because="the memory is not back within 1 min: 9.0 GiB of GPU 0 are"
        " used and no process holds them; before it were 1.0 GiB",
    )


def test_what_nobody_held_before_and_holds_now_is_told() -> None:
    before = replace(TERMS.before.cards[0], used_bytes=11 * GIB)
    terms = replace(TERMS, before=replace(TERMS.before, cards=(before,)))

    found = proved(after(used=3 * GIB), terms=terms)

    assert found.word == "proven"
    assert found.because.endswith(
        "GPU 0 uses 3.0 GiB; 3.0 GiB of GPU 0 no process holds, now as before"
    )


def test_what_new_processes_hold_is_no_memory_that_was_kept() -> None:
    assert proved(after(REBORN, used=6 * GIB)).word == "proven"
    assert proved(after(NEIGHBOUR, used=2 * GIB)).word == "proven"
    assert proved(after(NEIGHBOUR, used=4 * GIB)).word == "pending"


def test_less_used_than_its_processes_hold_is_nothing_left() -> None:
    before = replace(TABLE, cards=(replace(CARD, used_bytes=7 * GIB),))
    terms = replace(TERMS, before=before)

    assert proved(after(used=SLACK_BYTES), terms=terms).word == "proven"
    assert proved(after(used=SLACK_BYTES + 1), terms=terms).word == "pending"


@pytest.mark.parametrize(
    "use",
    [
        OURS,
        replace(OURS, whose=Whose.OTHER, identity=None),
        replace(OURS, memory_bytes=0),
        replace(OURS, uuid="GPU-1", memory_bytes=None),
    ],
)
def test_one_that_is_there_yet_has_given_nothing_back(use: GpuUse) -> None:
    found = proved(after(use, used=9 * GIB))

    assert found.word == "pending"
    assert found.because.startswith("process 812 is on GPU 0 yet, which holds")
    assert proved(after(use), since_sent=60.0).word == "failed"


def test_its_number_in_use_again_is_another_process() -> None:
    again = replace(REBORN, pid=812)

    assert proved(after(again, used=6 * GIB)).word == "proven"


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("D", "; it waits in the kernel (state D) and no signal ends it"),
        ("Z", "; it has ended, and its parent did not take note (state Z)"),
        ("S", ""),
    ],
)
@pytest.mark.parametrize("is_stray", [False, True])
def test_what_keeps_a_process_is_told(
    state: str,
    told: str,
    is_stray: bool,  # noqa: FBT001 - a table
) -> None:
    stays = (replace(SERVER, pid=3), replace(SERVER, state=state))
    seen = replace(
        SERVICE,
        processes=() if is_stray else stays,
        strays=stays if is_stray else None,
    )

    found = proved(replace(after(OURS), service=seen))

    assert found.because == (
        f"process 812 is on GPU 0 yet, which holds 8.0 GiB{told}"
    )


def test_a_process_of_which_the_host_tells_nothing_is_there_yet() -> None:
    for seen in (None, replace(SERVICE, processes=())):
        found = proved(replace(after(OURS), service=seen))
        assert found.because.endswith("which holds 8.0 GiB")


def test_a_card_that_vanished_is_no_memory_that_came_back() -> None:
    gone = after()
    assert gone.table is not None
    gone = replace(gone, table=replace(gone.table, cards=()))

    found = proved(gone)

    assert found.word == "failed"
    assert found.because.startswith("GPU 0 (GPU-1) is not there any more")


@pytest.mark.parametrize(
    ("boot_id", "word"), [("another", "failed"), ("", "proven")]
)
def test_memory_that_a_boot_gave_back_was_not_freed(
    boot_id: str, word: str
) -> None:
    booted = replace(after(), service=replace(SERVICE, boot_id=boot_id))

    assert proved(booted).word == word


@pytest.mark.parametrize("service", [None, SERVICE])
def test_nobody_was_ended_on_another_boot(
    service: ServiceReading | None,
) -> None:
    look = replace(after(), service=service)

    assert proved(look, terms=replace(TERMS, ended=())).word == "proven"


@pytest.mark.parametrize("age", [10.0, 10.1, 500.0])
def test_what_was_seen_before_the_effect_proves_nothing(age: float) -> None:
    look = after()
    assert look.table is not None
    old = replace(look, table=replace(look.table, at=look.at - age))

    found = proved(old)

    assert found == Proof(
        word="pending",
        because="who holds memory was not seen: nvidia-smi answers",
    )
    assert proved(old, since_sent=60.0).word == "failed"


def test_a_look_at_the_very_moment_of_the_effect_proves_nothing() -> None:
    assert proved(after(at=0.0), since_sent=0.0).word == "pending"


def test_where_nobody_sees_who_holds_memory_nothing_is_proven() -> None:
    unseen = replace(after(), table=None, because="cannot reach gpu1")

    assert proved(after(), unseen) == Proof(
        word="pending",
        because="who holds memory was not seen: cannot reach gpu1",
    )
    assert proved(unseen, since_sent=60.0).word == "failed"
    assert proved().because == "who holds memory was not seen: nobody looked"
    assert proved(since_sent=60.0).word == "failed"


@pytest.mark.parametrize(
    ("began", "since_sent", "word"),
    [
        (0.0, 59.9, "pending"),
        (0.0, 60.0, "failed"),
        (40.0, 60.0, "pending"),
        (40.0, 100.0, "failed"),
    ],
)
def test_the_time_runs_from_the_beginning_of_the_proof(
    began: float, since_sent: float, word: str
) -> None:
    terms = replace(TERMS, began=began)

    found = proved(after(OURS), terms=terms, since_sent=since_sent)

    assert found.word == word


@pytest.mark.parametrize("before", [None, 9 * GIB])
def test_a_card_that_tells_no_amount_proves_nothing(
    before: int | None,
) -> None:
    table = replace(TABLE, cards=(replace(CARD, used_bytes=before),))
    used = GIB if before is None else None

    found = proved(after(used=used), terms=replace(TERMS, before=table))

    assert found.word == "pending"
    assert found.because == "how much memory GPU 0 uses is not told"


@pytest.mark.parametrize(
    ("used", "word"),
    [(9 * GIB - 1, "proven"), (9 * GIB, "pending"), (10 * GIB, "pending")],
)
@pytest.mark.parametrize("told_before", [True, False])
def test_where_processes_tell_no_amounts_less_must_be_used_than_before(
    used: int,
    word: str,
    told_before: bool,  # noqa: FBT001 - a table
) -> None:
    hidden = replace(NEIGHBOUR, memory_bytes=None)
    before = TABLE if told_before else replace(TABLE, uses=(OURS, hidden))
    uses = (hidden,) if told_before else ()

    found = proved(
        after(*uses, used=used), terms=replace(TERMS, before=before)
    )

    assert found.word == word
    if word == "pending":
        assert found.because.endswith("does not tell what each process holds")


def test_a_card_without_an_ended_process_has_nothing_to_give_back() -> None:
    other = Card(uuid="GPU-2", index=1, used_bytes=2 * GIB, utilization=0.0)
    hidden = replace(NEIGHBOUR, uuid="GPU-2", memory_bytes=None)
    before = replace(TABLE, cards=(CARD, other), uses=(OURS, hidden))
    look = after()
    assert look.table is not None
    both = replace(
        look,
        table=replace(
            look.table, cards=(*look.table.cards, other), uses=(hidden,)
        ),
    )

    assert proved(both, terms=replace(TERMS, before=before)).word == "proven"


def test_each_card_has_to_give_back_what_it_held() -> None:
    other = replace(CARD, uuid="GPU-2", index=1)
    before = replace(
        TABLE, cards=(CARD, other), uses=(OURS, replace(OURS, uuid="GPU-2"))
    )
    look = after()
    assert look.table is not None
    kept = replace(
        look,
        table=replace(look.table, cards=(*look.table.cards, other)),
    )

    found = proved(kept, terms=replace(TERMS, before=before))

    assert found.because.startswith("9.0 GiB of GPU 1 are used and no process")


GHOSTLY = after(utilization=1.0)


@pytest.mark.parametrize(
    ("looks", "is_told"),
    [
        ((GHOSTLY,), True),
        ((GHOSTLY, GHOSTLY), True),
        ((after(utilization=0.95),), True),
        ((after(utilization=0.94),), False),
        ((after(), GHOSTLY), False),
        ((GHOSTLY, after()), False),
        ((after(REBORN, used=6 * GIB, utilization=1.0),), False),
        ((after(utilization=None),), False),
    ],
)
def test_a_card_that_works_for_nobody_is_told_and_proves_nothing(
    looks: tuple[MemoryGlance, ...],
    is_told: bool,  # noqa: FBT001 - a table
) -> None:
    found = proved(*looks)

    assert found.word == "proven"
    assert ("and no process uses it: it may be latched" in found.because) is (
        is_told
    )


def test_a_ghost_is_told_where_the_memory_is_kept_too() -> None:
    found = proved(after(used=9 * GIB, utilization=1.0))

    assert found.word == "pending"
    assert "; GPU 0 shows 100% and no process uses it" in found.because


amounts = st.one_of(st.none(), st.integers(0, 12 * GIB))
any_uses = st.lists(
    st.builds(
        GpuUse,
        uuid=st.just("GPU-1"),
        pid=st.sampled_from([7, 812, 900]),
        name=st.just("python"),
        whose=st.sampled_from(list(Whose)),
        memory_bytes=amounts,
        identity=st.sampled_from(
            [None, ENDED[0], replace(ENDED[0], start_ticks=150_000)]
        ),
    ),
    max_size=3,
)
any_looks = st.lists(
    st.builds(
        after,
        used=amounts,
        utilization=st.one_of(st.none(), st.floats(0.0, 1.0)),
        at=st.floats(0.0, 90.0),
    ),
    max_size=3,
)


@given(looks=any_looks, uses=any_uses, used=amounts, since=st.floats(0, 120))
def test_whatever_is_seen_what_is_there_yet_was_never_freed(
    looks: list[MemoryGlance],
    uses: list[GpuUse],
    used: int | None,
    since: float,
) -> None:
    last = after(*uses, used=used, at=90.0)

    found = proved(*looks, last, since_sent=since)

    def is_old(one: Identity | None) -> bool:
        return one is None or one.start_ticks == ENDED[0].start_ticks

    if any(one.pid == 812 and is_old(one.identity) for one in uses):
        assert found.word != "proven"
    if used is None:
        assert found.word != "proven"
    if found.word == "pending":
        assert since < TERMS.within
    assert found.because
    assert not found.wants_canary
