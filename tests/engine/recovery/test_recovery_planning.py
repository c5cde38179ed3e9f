"""Planning: whether an aim is still the planned one, and who asks."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.recovery.digest import digest
from monitor.domain.recovery.identity import Identity, identities
from monitor.domain.recovery.plan import (
    PLAN_LASTS,
    Aim,
    Approval,
    BreakGlass,
    Plan,
    PlanRecord,
)
from monitor.domain.recovery.policy import Policy
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.verdict import Verdict
from monitor.domain.recovery.words import Action, Word
from monitor.engine.recovery.asked import Asked
from monitor.engine.recovery.planning import (
    SET_BACK,
    alone,
    flaw,
    is_past,
    no_longer_holds,
    people,
    weighed_by,
)
from monitor.engine.recovery.planning_aim import differences, processes_of
from monitor.engine.recovery.words_of import LONGEST, shortened
from tests.engine.recovery.wards_parts import (
    ANN,
    BOB,
    BOOT,
    CHILD,
    CLEO,
    NOBODY,
    OTHER_BOOT,
    READING,
    RULE,
    SERVER,
)

SERVES, HELPS = identities(replace(READING, processes=(SERVER, CHILD)))
AIM = Aim(
    action=Action.RESTART,
    target="studio",
    url="http://studio:9002",
    host="gpu1",
    manager="systemd",
    unit="facefusion.service",
    directory="/opt/facefusion",
    port=9002,
    boot_id=BOOT,
    processes=(SERVES,),
    steps=("restart it",),
)
PLAN = Plan(
    id="p1",
    aim=AIM,
    digest=digest(AIM),
    reason="it hangs",
    by=ANN,
    cause="hung",
    created_at=1_000.0,
    expires_at=1_000.0 + PLAN_LASTS,
    gates=(),
)
ASKED = Asked(action=Action.RESTART, target="studio", reason="it hangs")


def test_children_that_came_or_went_are_no_other_aim() -> None:
    planned = (SERVES, HELPS)

    assert processes_of(READING, planned) == planned


def test_another_server_process_is_another_aim() -> None:
    other = replace(SERVER, start_ticks=200_000)
    reading = replace(READING, processes=(other,))

    assert processes_of(reading, (SERVES,)) == identities(reading)


def test_where_nothing_serves_what_is_left_is_the_aim() -> None:
    """Orphans of a dead server are not excused as children."""
    reading = replace(READING, processes=(CHILD,))

    assert processes_of(reading, ()) == (HELPS,)


def test_a_server_that_is_gone_is_another_aim() -> None:
    reading = replace(READING, processes=())

    assert processes_of(reading, (SERVES,)) == ()


def test_a_host_that_tells_nothing_shows_no_processes() -> None:
    assert processes_of(None, (SERVES,)) == ()


def test_the_same_aim_has_no_differences() -> None:
    assert list(differences(AIM, AIM)) == []
    assert no_longer_holds(PLAN, AIM) == ""


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (replace(AIM, unit="other.service"), ["its unit is other.service"]),
        (replace(AIM, host=""), ["its machine is not set now"]),
        (replace(AIM, port=9003, url="x"), ["its URL is x", "port is 9003"]),
        (replace(AIM, boot_id=OTHER_BOOT), ["its machine was booted since"]),
        (replace(AIM, boot_id=""), ["its machine told nothing just now"]),
        (replace(AIM, processes=()), ["process 4242 is gone"]),
        (replace(AIM, processes=(SERVES, HELPS)), ["process 4300 is new"]),
        (
            replace(AIM, processes=(replace(SERVES, start_ticks=1),)),
            ["process 4242 is gone or is another"],
        ),
        (replace(AIM, steps=("do more",)), ["its steps are others now"]),
        (replace(AIM, break_glass=BreakGlass(gate="busy", reason="x")), [""]),
    ],
)
def test_what_is_other_is_told_in_words(now: Aim, words: list[str]) -> None:
    told = no_longer_holds(PLAN, now)

    assert told.startswith("the plan no longer holds: ")
    for one in words:
        assert one in told


def test_a_machine_that_told_nothing_before_is_told_apart() -> None:
    before = replace(AIM, boot_id="")

    assert list(differences(before, AIM)) == [
        "its machine told nothing when it was planned"
    ]


def test_a_plan_that_was_edited_in_the_journal_does_not_hold() -> None:
    """Also when the edit is what is seen now."""
    edited = replace(AIM, unit="sshd.service")

    assert no_longer_holds(replace(PLAN, aim=edited), AIM) != ""
    assert no_longer_holds(replace(PLAN, aim=edited), edited) != ""


_pids = st.lists(
    st.integers(min_value=2, max_value=9), unique=True, max_size=4
)


@given(_pids, _pids, st.booleans(), st.booleans())
def test_processes_count_as_the_planned_ones_only_with_the_same_servers(
    before: list[int],
    now: list[int],
    was_serving: bool,  # noqa: FBT001 - hypothesis hands it in by place
    is_serving: bool,  # noqa: FBT001 - hypothesis hands it in by place
) -> None:
    """Whatever is excused, the processes that serve never are."""
    planned = _made(before, serving=was_serving)
    found = _made(now, serving=is_serving)
    reading = replace(
        READING,
        processes=tuple(
            replace(SERVER, pid=o.pid, is_server=o.is_server) for o in found
        ),
    )

    taken = processes_of(reading, planned)

    assert [o for o in taken if o.is_server] == [
        o for o in found if o.is_server
    ]
    assert taken in (planned, found)


def _made(pids: list[int], *, serving: bool) -> tuple[Identity, ...]:
    """Return processes of which the first serves, when one does."""
    return tuple(
        replace(SERVES, pid=pid, is_server=serving and pid == pids[0])
        for pid in sorted(pids)
    )


@pytest.mark.parametrize(
    ("now", "past"),
    [
        (1_000.0, False),
        (1_000.0 + PLAN_LASTS - 0.1, False),
        (1_000.0 + PLAN_LASTS, True),
        (1_000.0 - SET_BACK, False),
        (1_000.0 - SET_BACK - 0.1, True),
    ],
)
def test_a_plan_lasts_fifteen_minutes_and_not_over_a_clock_set_back(
    now: float, *, past: bool
) -> None:
    assert is_past(PLAN, now) is past


def test_a_plan_is_weighed_as_the_request_of_whom_it_was_made_for() -> None:
    assert weighed_by(PLAN, BOB) == ANN
    assert weighed_by(replace(PLAN, by=RULE), BOB) == RULE
    assert weighed_by(PLAN, RULE) == RULE


def test_only_automation_needs_the_word_of_the_mode_gate() -> None:
    waits = (
        Verdict(gate="busy", word=Word.WAITING, because="a job runs"),
        Verdict(gate="mode", word=Word.WAITING, because="a person must"),
    )
    may = (Verdict(gate="mode", word=Word.ALLOWED, because="it is auto"),)

    assert alone(waits, RULE) == "a person must"
    assert alone(waits, ANN) == ""
    assert alone(may, RULE) == ""


def _word(by: Principal, digest_: str = PLAN.digest) -> Approval:
    return Approval(plan="p1", digest=digest_, by=by, at=1_001.0)


def test_people_count_once_and_never_who_asked_or_who_meant_another() -> None:
    words = (
        _word(BOB),
        _word(replace(BOB, name="phone-bob")),
        _word(ANN),
        _word(NOBODY),
        _word(CLEO, "another digest"),
    )

    assert people(PlanRecord(plan=PLAN, approvals=words)) == {"bob"}


@pytest.mark.parametrize(
    ("glass", "by", "words"),
    [
        (BreakGlass(gate="lock", reason="hurry"), ANN, "cannot skip"),
        (BreakGlass(gate="nonsense; rm", reason="x"), ANN, "there is none"),
        (BreakGlass(gate="cooldown", reason="  "), ANN, "is empty"),
        (BreakGlass(gate="cooldown", reason="x" * 501), ANN, "too long"),
        (BreakGlass(gate="cooldown", reason="hurry"), RULE, "only a person"),
    ],
)
def test_glass_that_may_not_be_broken_is_refused_up_front(
    glass: BreakGlass, by: Principal, words: str
) -> None:
    assert words in flaw(replace(ASKED, break_glass=glass), by, Policy())


def test_what_is_asked_well_has_no_flaw() -> None:
    glass = BreakGlass(gate="cooldown", reason="x" * LONGEST)
    asked = replace(ASKED, reason="x" * LONGEST, break_glass=glass)

    assert flaw(asked, ANN, Policy()) == ""
    assert flaw(ASKED, RULE, Policy()) == ""


def test_a_reason_has_an_end() -> None:
    asked = replace(ASKED, reason="x" * (LONGEST + 1))

    assert "501 characters" in flaw(asked, ANN, Policy())


def test_nothing_is_planned_where_recovery_is_off() -> None:
    assert "is off" in flaw(ASKED, ANN, Policy(mode="off"))


@given(st.text())
def test_what_people_wrote_is_never_longer_than_anybody_reads(
    text: str,
) -> None:
    short = shortened(text)

    assert len(short) <= LONGEST
    assert short[:-1] == text.strip()[: len(short) - 1]
