"""`audit verify`: whether nobody has rewritten what was done."""

import json

import pytest

from tests.cli.operating import Operator
from tests.fakes.recovery_documents import audited

VERIFY = ("audit", "verify")
HASHES = ["a1" * 32, "b2" * 32]


@pytest.fixture
def kept(operator: Operator) -> Operator:
    operator.desk.audit = [audited(n, h) for n, h in enumerate(HASHES, 1)]
    return operator


def test_a_whole_audit_shows_its_entries_and_its_head(
    kept: Operator,
) -> None:
    said = kept.says(*VERIFY)

    assert (said.code, said.err) == (0, "")
    assert said.out == f"audit: whole, 2 entries\nhead: 2:{HASHES[1]}\n"


def test_flaws_are_listed_and_exit_2(kept: Operator) -> None:
    kept.desk.flaws = [
        "cannot trust entry 1: it was changed",
        "cannot trust entry 2: it does not follow entry 1",
    ]

    said = kept.says(*VERIFY)

    assert said.code == 2
    assert said.out.splitlines() == [
        *kept.desk.flaws,
        "audit: not to be trusted, 2 entries",
        f"head: 2:{HASHES[1]}",
    ]


def test_an_empty_audit_is_whole_and_has_no_head(operator: Operator) -> None:
    said = operator.says(*VERIFY)

    assert (said.code, said.out) == (0, "audit: whole, 0 entries\n")


@pytest.mark.parametrize("sequence", [1, 2])
def test_an_entry_that_was_noted_elsewhere_is_found(
    kept: Operator, sequence: int
) -> None:
    noted = f"{sequence}:{HASHES[sequence - 1]}"

    assert kept.says(*VERIFY, "--head", noted).code == 0


@pytest.mark.parametrize("noted", [f"2:{'c3' * 32}", f"3:{HASHES[1]}"])
def test_an_audit_that_was_cut_or_written_anew_is_found(
    kept: Operator, noted: str
) -> None:
    said = kept.says(*VERIFY, "--head", noted)

    assert said.code == 2
    assert said.out.startswith(f"cannot find entry {noted[0]} as it was told")
    assert "audit: not to be trusted" in said.out


@pytest.mark.parametrize(
    "noted", ["2", f"0:{HASHES[0]}", "2:xyz", f"-1:{HASHES[0]}", "2:$(id)"]
)
def test_what_is_no_head_is_bad_usage(kept: Operator, noted: str) -> None:
    said = kept.says(*VERIFY, f"--head={noted}")

    assert said.code == 64
    assert said.err.startswith(f"cannot use --head: {noted!r} is not ")
    assert kept.desk.asked == []


def test_json_is_the_document_of_the_wire(kept: Operator) -> None:
    kept.desk.flaws = ["cannot trust entry 1: it was changed"]

    said = kept.says(*VERIFY, "--format", "json")

    told = json.loads(said.out)
    assert said.code == 2
    assert (told["ok"], told["entries"]) == (False, 2)
    assert told["head"] == {"sequence": 2, "hash": HASHES[1]}


def test_the_group_alone_shows_its_commands(operator: Operator) -> None:
    said = operator.says("audit")

    assert said.code == 64
    assert "verify" in said.out
