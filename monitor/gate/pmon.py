"""How much of each GPU its processes used, in the last second."""

from __future__ import annotations

from monitor.gate.gaps import Gaps
from monitor.gate.nvidia_smi import cut_for_answer
from monitor.gate.protocol import number_of
from monitor.gate.smilock import run_smi

_TABLE_AT_MOST = 200_000


def observe_pmon(question: dict[str, object], gaps: Gaps) -> dict[str, object]:
    """Return code and output of `nvidia-smi pmon -c 1`."""
    within = number_of(question, "within", 8.0, 60.0)
    ended = run_smi(("pmon", "-c", "1"), within, _TABLE_AT_MOST)
    table = ended.stdout.decode("utf-8", "replace")
    short = cut_for_answer(table, _TABLE_AT_MOST)
    if ended.cut or len(short) < len(table):
        gaps.add("stdout", "cannot send all of it: it is too long")
    return {"code": ended.code, "stdout": short}
