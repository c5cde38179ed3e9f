"""A reboot is proved by another boot id of the same, whole machine."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.recovery.proof_reboot import (
    BACK_WITHIN,
    DOWN_WITHIN,
    GPUS_WITHIN,
    HostGlance,
    RebootTerms,
    Returned,
    prove_reboot,
)
from tests.domain.recovery.situations import BOOT, NOW

NEW = "5b1d6a52-2f0e-4f6e-8a9f-3f1c8f6f0a11"
THIRD = "9c1d6a52-2f0e-4f6e-8a9f-3f1c8f6f0a11"
TERMS = RebootTerms(boot_id=BOOT, gpus=2)


def up(at: float, boot_id: str = NEW, gpus: int | None = 2) -> HostGlance:
    return HostGlance(
        at=NOW + at,
        since_sent=at,
        boot_id=boot_id,
        gpus=gpus,
        because="it answers",
    )


def away(at: float, reason: str = "unreachable") -> HostGlance:
    return HostGlance(
        at=NOW + at,
        since_sent=at,
        reason=reason,
        because=f"cannot reach gpu1: {reason}",
    )


def still(at: float) -> HostGlance:
    return up(at, BOOT)


def unseen(at: float) -> HostGlance:
    return HostGlance(at=NOW + at, since_sent=at, because="nobody looked")


def proved(
    *glances: HostGlance,
    terms: RebootTerms = TERMS,
    since_sent: float | None = None,
) -> Returned:
    last = glances[-1].since_sent if glances else 0.0
    as_of = last if since_sent is None else since_sent
    return prove_reboot(terms, glances, since_sent=as_of)


def test_a_machine_that_went_and_came_back_whole_was_booted() -> None:
    found = proved(still(1.0), away(10.0), up(90.0))

    assert found == Returned(
        word="proven",
        because=f"it was booted: its boot id was {BOOT} and is {NEW} (seen at"
        " 2023-11-14 22:14:50 UTC), its host key the same, and its 2 GPUs are"
        " there",
        boot_id=NEW,
    )


def test_another_boot_id_is_enough_where_nobody_saw_it_go() -> None:
    assert proved(up(30.0)).word == "proven"
    assert proved(still(1.0), up(30.0)).word == "proven"


@pytest.mark.parametrize(
    ("at", "word"), [(DOWN_WITHIN - 0.1, "pending"), (DOWN_WITHIN, "failed")]
)
def test_the_boot_that_was_there_has_to_end_in_time(
    at: float, word: str
) -> None:
    found = proved(still(1.0), still(at))

    assert found.word == word
    if word == "failed":
        assert found.because.startswith(
            "it did not go down within 5 min: it was not booted"
        )
    else:
        assert found.because == "it has not gone down yet"


def test_a_line_that_was_cut_is_no_boot() -> None:
    blip = (still(1.0), away(10.0), still(20.0))

    found = proved(*blip, still(DOWN_WITHIN))

    assert proved(*blip).word == "pending"
    assert found.word == "failed"
    assert found.because.startswith(
        "it was away and is back with the boot id that it had: it was not"
        " booted"
    )


@pytest.mark.parametrize("at", [DOWN_WITHIN + 1.0, BACK_WITHIN - 1.0])
def test_the_same_boot_id_fails_whenever_it_is_back(at: float) -> None:
    assert proved(away(10.0), still(at)).word == "failed"


@pytest.mark.parametrize(
    ("at", "word"), [(BACK_WITHIN - 0.1, "pending"), (BACK_WITHIN, "failed")]
)
@pytest.mark.parametrize("reason", ["unreachable", "timeout", "auth"])
def test_a_machine_that_stays_away_has_failed(
    at: float, word: str, reason: str
) -> None:
    found = proved(away(10.0), away(at, reason))

    assert found.word == word
    how = "it stays away" if word == "failed" else "it is not back yet"
    assert found.because.startswith(how)
    assert found.because.endswith(f"cannot reach gpu1: {reason}")


def test_where_nobody_looks_it_is_as_good_as_away() -> None:
    assert proved().because == "it is not back yet: nobody looked"
    assert proved(unseen(10.0)).word == "pending"
    assert proved(unseen(10.0), since_sent=BACK_WITHIN).word == "failed"


def test_a_look_that_was_not_taken_changes_nothing() -> None:
    assert proved(up(30.0), unseen(40.0)).word == "proven"
    assert proved(away(10.0), unseen(20.0)) == proved(
        away(10.0), since_sent=20.0
    )


@pytest.mark.parametrize("later", [None, up(90.0), still(90.0)])
def test_another_host_key_ends_it_whatever_comes_after(
    later: HostGlance | None,
) -> None:
    looks = (away(10.0), away(60.0, "host_key"))

    found = proved(*looks, *((later,) if later else ()))

    assert found.word == "failed"
    assert found.because == (
        "another host key answers (seen at 2023-11-14 22:14:20 UTC): somebody"
        " has to look whether it is the same machine; cannot reach gpu1:"
        " host_key"
    )
    assert found.boot_id == ""


@pytest.mark.parametrize(
    "text",
    [
        "cat: boot_id: Permission denied",
        "00000000-0000-0000-0000-000000000000",
        NEW.upper(),
        f"{NEW}\n",
    ],
)
def test_what_is_no_boot_id_proves_no_boot(text: str) -> None:
    found = proved(away(10.0), up(60.0, text))

    assert found.word == "pending"
    assert found.because.endswith("which is no boot id")
    late = proved(away(10.0), up(60.0, text), since_sent=BACK_WITHIN)
    assert late.word == "failed"


@pytest.mark.parametrize("text", ["", "b1", BOOT.upper()])
def test_without_the_boot_before_nothing_can_be_proved(text: str) -> None:
    found = proved(up(60.0), terms=replace(TERMS, boot_id=text))

    assert found == Returned(
        word="failed", because="which boot it was before is not known"
    )


@pytest.mark.parametrize(
    ("gpus", "word"),
    [
        (None, "pending"),
        (0, "pending"),
        (1, "pending"),
        (2, "proven"),
        (3, "proven"),
    ],
)
def test_it_comes_back_with_as_many_gpus_as_before(
    gpus: int | None, word: str
) -> None:
    assert proved(away(10.0), up(90.0, gpus=gpus)).word == word


def test_gpus_that_come_late_are_waited_for() -> None:
    looks = (away(10.0), up(90.0, gpus=None), up(100.0, gpus=1))

    found = proved(*looks)

    assert found.word == "pending"
    assert found.because.endswith("; 1 of 2 GPUs are there")
    assert proved(*looks, up(390.0)).word == "proven"
    assert proved(*looks, up(120.0), up(130.0, gpus=1)).word == "proven"


@pytest.mark.parametrize(
    ("gpus", "told"),
    [(1, "1 of 2 GPUs are there"), (None, "its 2 GPUs could not be counted")],
)
def test_gpus_that_stay_missing_have_failed_it(
    gpus: int | None, told: str
) -> None:
    looks = (away(10.0), up(90.0, gpus=gpus), up(390.0, gpus=gpus))

    found = proved(*looks)

    assert proved(*looks, since_sent=389.9).word == "pending"
    assert found.word == "failed"
    assert found.because.startswith(
        f"GPUs are missing: {told} 5 min after it came back"
    )


def test_a_gpu_that_comes_after_its_time_does_not_count() -> None:
    looks = (up(90.0, gpus=1), up(90.0 + GPUS_WITHIN + 0.1, gpus=2))

    assert proved(*looks).word == "failed"


def test_where_nobody_ever_saw_its_gpus_that_is_told() -> None:
    found = proved(up(90.0, gpus=None), terms=replace(TERMS, gpus=None))

    assert found.word == "proven"
    assert found.because.endswith("how many GPUs it had is not known")


@pytest.mark.parametrize(
    ("at", "word"), [(BACK_WITHIN, "proven"), (BACK_WITHIN + 1.0, "failed")]
)
def test_back_too_late_is_not_back(at: float, word: str) -> None:
    found = proved(away(10.0), up(at))

    assert found.word == word
    if word == "failed":
        assert found.because.startswith("it came back 25 min after the reboot")


@pytest.mark.parametrize(
    ("uptime", "word"),
    [
        (None, "failed"),
        (0.0, "failed"),
        (99.0, "failed"),
        (101.0, "proven"),
        (1e9, "proven"),
    ],
)
def test_its_own_uptime_tells_when_it_came_to_who_looks_late(
    uptime: float | None, word: str
) -> None:
    late = replace(up(BACK_WITHIN + 100.0), uptime=uptime)

    assert proved(late).word == word


def test_one_that_comes_and_goes_has_its_time_too() -> None:
    looks = (away(10.0), up(90.0, gpus=0), away(100.0))
    limit = BACK_WITHIN + GPUS_WITHIN

    assert proved(*looks, since_sent=limit - 0.1).word == "pending"
    assert proved(*looks, since_sent=limit).because.startswith(
        "it came back and went away again: not back within 30 min"
    )


def test_one_that_boots_twice_is_proved_by_its_newest_boot() -> None:
    looks = (up(60.0, NEW, gpus=0), away(70.0), up(120.0, THIRD))

    found = proved(*looks)

    assert (found.word, found.boot_id) == ("proven", THIRD)


glances = st.lists(
    st.builds(
        HostGlance,
        at=st.just(NOW),
        since_sent=st.floats(0.0, 3000.0),
        boot_id=st.sampled_from(["", BOOT, NEW, THIRD, "no id"]),
        reason=st.sampled_from(["", "timeout", "host_key"]),
        gpus=st.sampled_from([None, 0, 1, 2]),
        because=st.just("as seen"),
    ),
    max_size=6,
).map(lambda some: sorted(some, key=lambda one: one.since_sent))


@given(looks=glances, gpus=st.sampled_from([None, 0, 2]))
def test_nothing_is_proved_without_another_boot_the_same_key_and_gpus(
    looks: list[HostGlance], gpus: int | None
) -> None:
    terms = RebootTerms(boot_id=BOOT, gpus=gpus)

    found = proved(*looks, terms=terms)

    if found.word == "proven":
        seen = [one for one in looks if one.boot_id == found.boot_id]
        assert found.boot_id in {NEW, THIRD}
        assert all(one.reason != "host_key" for one in looks)
        assert gpus is None or any((one.gpus or 0) >= gpus for one in seen)
    else:
        assert found.boot_id == ""


@given(looks=glances)
def test_it_is_over_in_half_an_hour_whatever_is_seen(
    looks: list[HostGlance],
) -> None:
    late = BACK_WITHIN + GPUS_WITHIN

    found = proved(*looks, since_sent=max(late, 3000.0))

    assert found.word != "pending"
