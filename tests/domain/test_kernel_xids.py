"""The Xid table, beside facts/gpu.md."""

import re
from pathlib import Path

import pytest

from monitor.domain.gpu.advice import ADVICE
from monitor.domain.gpu.faults import DEPTH
from monitor.domain.kernel.slot import slot
from monitor.domain.kernel.xids import UNKNOWN, XIDS, xid


@pytest.mark.parametrize(
    ("number", "advice", "fault"),
    [
        (13, "restart_app", ""),
        (31, "restart_app", ""),
        (38, "watch", ""),
        (43, "restart_app", ""),
        (45, "none", ""),
        (48, "drain_reset", "gpu_hardware"),
        (54, "page", "gpu_hardware"),
        (62, "drain_reset", "gpu_reset_required"),
        (63, "none", ""),
        (64, "page", "gpu_hardware"),
        (74, "page", "gpu_hardware"),
        (79, "reboot", "gpu_lost"),
        (92, "ticket", ""),
        (94, "restart_app", ""),
        (95, "drain_reset", "gpu_reset_required"),
        (119, "reboot", "gpu_wedged"),
        (120, "reboot", "gpu_wedged"),
        (140, "drain_reset", "gpu_reset_required"),
        (143, "reboot", "gpu_lost"),
        (147, "page", "gpu_hardware"),
        (154, "watch", ""),
        (172, "reboot", "gpu_hardware"),
    ],
)
def test_an_xid_has_one_advice_and_at_most_one_fault(
    number: int, advice: str, fault: str
) -> None:
    known = xid(number)

    assert (known.advice, known.fault) == (advice, fault)


def test_an_unknown_xid_is_watched() -> None:
    assert xid(14) == UNKNOWN
    assert (UNKNOWN.advice, UNKNOWN.fault) == ("watch", "")


def test_every_word_of_the_table_is_one_of_ours() -> None:
    assert {known.advice for known in XIDS.values()} <= ADVICE
    assert {known.fault for known in XIDS.values()} <= {"", *DEPTH}
    assert all(known.meaning for known in XIDS.values())


def test_an_application_restart_is_advised_only_where_the_gpu_is_fine() -> (
    None
):
    for known in XIDS.values():
        if known.fault:
            assert known.advice in {"drain_reset", "reboot", "page"}


def test_every_row_of_the_facts_is_in_the_table(samples: Path) -> None:
    facts = (samples.parent / "facts" / "gpu.md").read_text()
    table = facts.partition("### Xid")[2].partition("\nNVIDIA, gpud")[0]
    rows = re.findall(r"(?m)^\| ([0-9][0-9/, -]*) \|", table)

    numbers = {number for row in rows for number in _numbers(row)}

    assert numbers == set(XIDS)


def _numbers(row: str) -> set[int]:
    found: set[int] = set()
    for piece in re.split(r"[/,] ?", row):
        first, _, last = piece.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found


@pytest.mark.parametrize(
    ("printed", "normal"),
    [
        ("0000:9b:00", "00000000:9B:00.0"),
        ("0000:9b:00.0", "00000000:9B:00.0"),
        ("00000000:9B:00.0", "00000000:9B:00.0"),
        ("0018:01:00", "00000018:01:00.0"),
        ("0000:9b:00.4", "00000000:9B:00.4"),
        ("", ""),
    ],
)
def test_the_kernels_spelling_is_nvidia_smis(
    printed: str, normal: str
) -> None:
    assert slot(printed) == normal
    assert slot(slot(printed)) == normal
