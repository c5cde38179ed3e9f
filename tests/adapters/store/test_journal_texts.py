"""Whatever texts come in, a journal gives back what it can hold."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.adapters.store.journal_audit import storable
from monitor.adapters.store.journal_json import (
    VERSION,
    pairs_of,
    pairs_text,
    plan_of,
    plan_text,
    principal_of,
    principal_text,
)
from monitor.adapters.store.journal_rows import change_of, change_row
from monitor.domain.recovery.audit import Entry, flaws
from monitor.domain.recovery.change import Change
from monitor.domain.recovery.identity import Identity
from monitor.domain.recovery.plan import Aim, BreakGlass, Plan
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.verdict import Verdict
from monitor.domain.recovery.words import Action, Outcome, State
from tests.adapters.store.journal_desk import (
    BOB,
    applied,
    approval,
    change,
    finished,
    intended,
    plan,
)
from tests.adapters.store_desk import opened
from tests.fakes.journal_memory import clean

ODD = st.one_of(
    st.text(max_size=20),
    st.text(st.characters(categories=["Cs", "Cc", "Lo"]), max_size=20),
    st.sampled_from(["\ud800", "a\udc80b", "\0", "a\nb", "'; DROP TABLE", ""]),
)
TIMES = st.floats(allow_nan=False, allow_infinity=False)
WHOLE = st.integers(min_value=-(2**63), max_value=2**63 - 1)
TUPLES = st.lists(ODD, max_size=3).map(tuple)
IDENTITIES = st.builds(
    Identity,
    boot_id=ODD,
    pid=WHOLE,
    start_ticks=WHOLE,
    uid=WHOLE,
    cmdline=TUPLES,
    cwd=ODD,
    cgroup=ODD,
)
PRINCIPALS = st.builds(Principal, name=ODD, person=ODD)
AIMS = st.builds(
    Aim,
    action=st.sampled_from(Action),
    target=ODD,
    url=ODD,
    host=ODD,
    manager=ODD,
    unit=ODD,
    directory=ODD,
    port=WHOLE,
    boot_id=ODD,
    processes=st.lists(IDENTITIES, max_size=2).map(tuple),
    steps=TUPLES,
    break_glass=st.none() | st.builds(BreakGlass, gate=ODD, reason=ODD),
    cards=TUPLES,
    bystanders=TUPLES,
)
PLANS = st.builds(
    Plan,
    id=ODD,
    aim=AIMS,
    digest=ODD,
    reason=ODD,
    by=PRINCIPALS,
    cause=ODD,
    created_at=TIMES,
    expires_at=TIMES,
    gates=st.lists(st.builds(Verdict, gate=ODD, because=ODD)).map(tuple),
    in_flight=TUPLES,
    approvals=WHOLE,
    confirm=ODD,
    notes=TUPLES,
    by_hand=TUPLES,
    parent=ODD,
)
CHANGES = st.builds(
    Change,
    id=ODD,
    plan=ODD,
    action=st.sampled_from(Action),
    target=ODD,
    host=ODD,
    by=PRINCIPALS,
    state=st.sampled_from(State),
    because=ODD,
    created_at=TIMES,
    updated_at=TIMES,
    expires_at=TIMES,
    owner=ODD,
    token=WHOLE,
    intent_at=st.none() | TIMES,
    outcome=st.none() | st.sampled_from(Outcome),
    progress=ODD,
    cancel_asked_by=ODD,
    done=st.booleans(),
    parent=ODD,
)
ENTRIES = st.builds(
    Entry,
    at=TIMES,
    what=ODD,
    plan=ODD,
    who=ODD,
    action=ODD,
    target=ODD,
    host=ODD,
    change=ODD,
    trigger=ODD,
    outcome=ODD,
    because=ODD,
    detail=st.lists(st.tuples(ODD, ODD), max_size=3).map(tuple),
)


@given(PLANS)
def test_a_plan_goes_through_json(one: Plan) -> None:
    assert plan_of(plan_text(one)) == clean(one)


@given(PRINCIPALS)
def test_who_asked_goes_through_json(one: Principal) -> None:
    assert principal_of(principal_text(one)) == clean(one)


@given(CHANGES)
def test_a_change_goes_through_a_row(one: Change) -> None:
    row = change_row(one)

    assert change_of(row) == clean(one)  # type: ignore[arg-type] # a mapping
    json.dumps(row, ensure_ascii=False).encode()


@given(ENTRIES)
def test_an_entry_is_stored_without_what_no_database_holds(
    one: Entry,
) -> None:
    kept = storable(one)

    assert kept == clean(one)
    assert storable(kept) == kept
    assert pairs_of(pairs_text(kept.detail)) == kept.detail


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(odd=ODD, one=ENTRIES)
async def test_odd_texts_go_through_a_file(
    empty: Path, path: Path, odd: str, one: Entry
) -> None:
    shutil.copy(empty, path)
    asked = replace(
        plan(), reason=odd, aim=replace(plan().aim, unit=odd, steps=(odd,))
    )
    said = replace(BOB, person=f"bob{odd}")
    with opened(path) as store:
        journal = store.journal
        await journal.keep_plan(asked, one)
        await journal.approve(approval(by=said), one)
        kept = await journal.apply(replace(change(), because=odd), one)
        going = await intended(journal, kept)
        await finished(journal, going)
        await applied(journal, change("c2"))

        record = await journal.plan("p1")
        chain = await journal.audit(limit=99)
        head = await journal.head()

    assert record is not None
    assert record.plan == clean(asked)
    assert record.approvals == (clean(approval(by=said)),)
    assert kept.because == clean(odd)
    assert chain[0].entry == clean(one)
    assert list(flaws(chain, head)) == []


def test_a_lone_surrogate_becomes_a_question_mark() -> None:
    odd = replace(plan(), reason="a\udc80b\0c\nd")

    assert plan_of(plan_text(odd)).reason == "a?b\0c\nd"


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"v": 2, "name": "ann", "person": "", "trigger": "person"}',
        f'{{"v": {VERSION}, "name": "ann", "person": 3, "trigger": "person"}}',
        f'{{"v": {VERSION}, "name": "ann", "person": "", "trigger": "god"}}',
        f'{{"v": {VERSION}, "name": "ann"}}',
    ],
)
def test_json_of_another_shape_or_version_is_refused(raw: str) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        principal_of(raw)


@pytest.mark.parametrize(
    "change_", [{"approvals": True}, {"approvals": 1.5}, {"created_at": "1"}]
)
def test_numbers_of_a_plan_are_numbers(change_: dict[str, object]) -> None:
    raw = {**json.loads(plan_text(plan())), **change_}

    with pytest.raises(TypeError):
        plan_of(json.dumps(raw))
