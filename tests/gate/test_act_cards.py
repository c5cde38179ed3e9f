"""Cards are looked at through one nvidia-smi at a time, and a whole answer."""

import os

import pytest

from monitor.gate.act_cards import look_at_cards, read_cards
from monitor.gate.protocol import Refused
from monitor.gate.smilock import lock_path, open_lock, take_lock
from tests.gate.act_machine import Machine, machine

__all__ = ["machine"]

CARD = "GPU-aa-1"
TABLE = f"<nvidia_smi_log><gpu><uuid>{CARD}</uuid></gpu></nvidia_smi_log>"


@pytest.fixture
def lock(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> int:
    """Be another nvidia-smi of ours: it has the lock."""
    monkeypatch.setenv("TMPDIR", str(machine.root))
    machine.tool("nvidia-smi", f"echo '{TABLE}'")
    held = open_lock(lock_path())
    assert held is not None
    assert take_lock(held)
    return held


def test_another_nvidia_smi_is_waited_for(lock: int) -> None:
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 9:
            os.close(lock)

    assert [one.uuid for one in look_at_cards([CARD], sleep=sleep)] == [CARD]
    assert waited == [0.5] * 9


def test_an_nvidia_smi_that_stays_is_told_in_the_end(lock: int) -> None:
    waited: list[float] = []

    with pytest.raises(Refused, match="code 75") as refused:
        look_at_cards([CARD], sleep=waited.append)

    os.close(lock)
    assert waited == [0.5] * 9
    assert refused.value.reason == "unsupported"


def test_an_answer_that_was_cut_is_none(machine: Machine) -> None:
    spaces = (8 << 20) - len(TABLE)
    tail = f"head -c {spaces} /dev/zero | tr '\\0' ' '"
    machine.tool("nvidia-smi", f"printf %s '{TABLE}'; {tail}")
    whole = look_at_cards([CARD])
    machine.tool("nvidia-smi", f"printf %s '{TABLE}'; {tail}; printf ' '")

    with pytest.raises(Refused, match="does not answer"):
        look_at_cards([CARD])

    assert whole[0].uuid == CARD


def test_a_holder_whose_memory_is_not_told_holds_some_all_the_same() -> None:
    held = "<processes><process_info><pid>7</pid></process_info></processes>"
    xml = f"<nvidia_smi_log><gpu>{held}</gpu></nvidia_smi_log>"

    assert read_cards(xml.encode())[0].held == ((7, "N/A"),)
