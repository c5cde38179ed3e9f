"""What nvidia-smi says, as it says it: the monitor reads it."""

from __future__ import annotations

import re
import time

from monitor.gate.commands import Ended
from monitor.gate.gaps import Gaps
from monitor.gate.protocol import number_of
from monitor.gate.smilock import run_smi

_RAW_AT_MOST = 8 << 20
_XML_AT_MOST = 900_000
_SAID_AT_MOST = 2000
_CLOCKS = re.compile(
    r"[ \t]*<supported_clocks>.*?</supported_clocks>[ \t]*\n?", re.DOTALL
)


def observe_gpu(question: dict[str, object], gaps: Gaps) -> dict[str, object]:
    """Return code and output of `nvidia-smi -q -x`, without long lists.

    An output that is too long is cut, which is a gap: half an XML is read
    as one that broke off.
    """
    within = number_of(question, "within", 8.0, 60.0)
    began = time.monotonic()
    ended = run_smi(("-q", "-x"), within, _RAW_AT_MOST)
    xml = _CLOCKS.sub("", ended.stdout.decode("utf-8", "replace"))
    short = cut_for_answer(xml, _XML_AT_MOST)
    if ended.cut or len(short) < len(xml):
        gaps.add("stdout", "cannot send all of it: it is too long")
    return {
        "code": ended.code,
        "stdout": short,
        "stderr": _smi_said(ended),
        "duration": round(time.monotonic() - began, 4),
    }


def _smi_said(ended: Ended) -> str:
    return ended.stderr.decode("utf-8", "replace")[:_SAID_AT_MOST]


def cut_for_answer(text: str, most: int) -> str:
    """Return a text of which JSON needs at most about `most` bytes."""
    room = most - len(text.encode("utf-8", "replace"))
    room -= sum(text.count(one) for one in '\n\t"\\')
    return text if room >= 0 else text[: most // 2]
