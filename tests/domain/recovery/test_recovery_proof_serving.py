"""The proof of a server that serves on, whose process was not ended."""

from dataclasses import replace

import pytest

from monitor.domain.canary.reading import Result
from monitor.domain.recovery.proof import Glance, Proof, Terms, Trial
from monitor.domain.recovery.proof_serving import prove_serving
from tests.domain.recovery.test_recovery_proof import (
    BARE,
    TERMS,
    glance,
    reading,
    row,
    server,
    trial,
)


def at(
    since: float, glances: list[Glance], *trials: Trial, terms: Terms = TERMS
) -> Proof:
    return prove_serving(terms, glances, trials, since_sent=since)


def test_three_good_looks_and_a_canary_and_a_look_prove_it() -> None:
    proof = at(9.0, row(1.0, 3.0, 5.0, 8.0), trial(7.0))

    assert proof.word == "proven"
    assert "canary enhance was" in proof.because


def test_without_canaries_three_good_looks_prove_it() -> None:
    assert at(5.0, row(1.0, 3.0), terms=BARE).word == "pending"
    proof = at(6.0, row(1.0, 3.0, 5.0), terms=BARE)

    assert proof.word == "proven"
    assert "no canaries" in proof.because


def test_the_status_has_to_pass_after_the_canary() -> None:
    proof = at(8.0, row(1.0, 3.0, 5.0), trial(7.0))

    assert proof.word == "pending"
    assert not proof.wants_canary


@pytest.mark.parametrize("passed", [None, False])
def test_a_bad_look_begins_the_row_anew_and_none_counts_for_nothing(
    passed: bool | None,  # noqa: FBT001 - a parameter of the test
) -> None:
    between = glance(4.0, passed=passed)
    looks = [*row(1.0, 3.0), between, *row(5.0)]

    proof = at(6.0, looks, terms=BARE)

    assert proof.word == ("proven" if passed is None else "pending")


def test_a_canary_before_it_served_proves_nothing() -> None:
    proof = at(8.0, row(1.0, 3.0, 5.0, 7.0), trial(5.0))

    assert proof.word == "pending"
    assert proof.wants_canary


def test_canaries_that_do_not_pass_in_time_are_a_failure() -> None:
    looks, bad = row(1.0, 3.0, 5.0, 8.0), trial(7.0, Result.ERROR)

    assert at(64.9, looks, bad).word == "pending"
    proof = at(65.0, looks, bad)

    assert proof.word == "failed"
    assert "no canary passed" in proof.because
    assert "canary enhance was" in proof.because


def test_a_status_that_does_not_pass_in_time_is_a_failure() -> None:
    limit = TERMS.began + TERMS.serves_within
    late = row(limit - 4.0, limit - 2.0, limit + 0.1)

    assert at(limit - 0.1, []).word == "pending"
    assert at(limit, []).word == "failed"
    assert at(limit + 1.0, late, terms=BARE).word == "failed"
    in_time = row(limit - 4.0, limit - 2.0, limit)
    assert at(limit, in_time, terms=BARE).word == "proven"


def test_a_machine_that_was_booted_is_a_failure_at_once() -> None:
    other = replace(reading(server()), boot_id="another")
    nameless = replace(reading(server()), boot_id="")

    proof = at(2.0, row(1.0, service=other))

    assert proof.word == "failed"
    assert "was booted meanwhile" in proof.because
    assert at(2.0, row(1.0, service=nameless)).word == "pending"
