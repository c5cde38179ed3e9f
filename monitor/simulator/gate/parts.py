"""The parts of `observe`, of the simulated machine."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from monitor.gate.protocol import Refused
from monitor.simulator.gate import gpu_parts, log_parts, machine_parts
from monitor.simulator.gate.cuda_part import cuda
from monitor.simulator.gate.service_part import service
from monitor.simulator.gate.site import Answer, Question, Site


@dataclass(slots=True)
class Look:
    """One `observe`: what it found, and for how long that takes."""

    site: Site
    within: float
    now: float
    gaps: list[Answer] = field(default_factory=list)
    takes: float = 0.0

    def gap(self, part: str, what: str, because: str) -> None:
        """Note that something is not known; `because` begins with cannot."""
        self.gaps.append({"part": part, "what": what, "because": because})

    def observe(self, name: str, question: Question) -> Answer | None:
        """Return one part, None where there is only a gap.

        Raises `Refused` for a part that there is not.
        """
        if name not in _PARTS:
            raise Refused("unknown_part", f"cannot observe {name[:64]!r}")
        return _PARTS[name](self, question)


def _machine(look: Look, _: Question) -> Answer:
    return machine_parts.machine(look.site, look.now)


def _disks(look: Look, question: Question) -> Answer:
    return machine_parts.disks(look.site, question)


def _kernel(look: Look, question: Question) -> Answer:
    return log_parts.kernel(look.site.world, question)


def _service(look: Look, question: Question) -> Answer:
    return service(look.site.world, question, look.now)


def _log(look: Look, question: Question) -> Answer | None:
    if question.get("source", "journal") != "journal":
        look.gap("log", "", "cannot read that log: there is only a journal")
        return None
    return log_parts.log(look.site.world, question)


def _jobs(look: Look, _: Question) -> Answer:
    return log_parts.jobs(look.site.world, look.now)


def _gpu(look: Look, question: Question) -> Answer:
    run = gpu_parts.ask(look.site, question, look.within)
    look.takes = max(look.takes, run.takes)
    return {
        "code": run.code,
        "stdout": run.stdout,
        "stderr": "",
        "duration": run.takes or gpu_parts.QUICK,
    }


def _pmon(look: Look, question: Question) -> Answer:
    run = gpu_parts.ask(look.site, question, look.within, pmon=True)
    look.takes = max(look.takes, run.takes)
    return {"code": run.code, "stdout": run.stdout}


def _cuda(look: Look, question: Question) -> Answer:
    return cuda(look.site, question, partial(look.gap, "cuda"))


_PARTS: dict[str, Callable[[Look, Question], Answer | None]] = {
    "machine": _machine,
    "disks": _disks,
    "kernel": _kernel,
    "service": _service,
    "log": _log,
    "jobs": _jobs,
    "gpu": _gpu,
    "pmon": _pmon,
    "cuda": _cuda,
}
