"""The parts `gpu` and `pmon`: nvidia-smi, at most one stuck at a time."""

from dataclasses import dataclass

from monitor.gate.protocol import number_of
from monitor.simulator.gate.site import Question, Site

QUICK = 0.06
"""Seconds that an nvidia-smi takes here that does not hang."""
_WITHIN = 7.0
_MOST = 60.0
_BUSY = 75
_ENDED = 124


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What came of a run, after it `takes` so many seconds."""

    code: int
    stdout: str = ""
    takes: float = 0.0


def ask(
    site: Site, question: Question, within: float, *, pmon: bool = False
) -> Run:
    """Ask nvidia-smi.

    While it hangs the first run ends with 124 when its time is over, and
    stays in the kernel; those after it end at once with 75.
    """
    tool = site.nvidia_smi
    if tool.hangs:
        return _stuck(site, question, within)
    printed = (tool.pmon if pmon else tool.query)(site.monotonic())
    return Run(code=printed.code, stdout=printed.stdout)


def _stuck(site: Site, question: Question, within: float) -> Run:
    if not site.world.get_stuck():
        return Run(code=_BUSY)
    limit = number_of(dict(question), "within", _WITHIN, _MOST)
    return Run(code=_ENDED, takes=min(limit, within))
