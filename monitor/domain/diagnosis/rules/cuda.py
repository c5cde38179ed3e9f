"""The process and its GPU do not get on: CUDA errors, a driver that refuses.

What the log says is believed as far as the server's own looks back it.
"""

from collections.abc import Iterator

from monitor.domain.diagnosis.backing import (
    brought_down,
    facts_of,
    failing_since,
    is_disproved,
)
from monitor.domain.diagnosis.case import Case
from monitor.domain.diagnosis.finding import Finding, Rule, fact
from monitor.domain.diagnosis.rules.files import RULES as FILES
from monitor.domain.diagnosis.told import Told, logged
from monitor.domain.diagnosis.xids import of_its_processes, often
from monitor.domain.health import Health

_MOMENT = 10.0
"""Seconds after an error for which a GPU's share may still be of before."""


def cuda_fault(case: Case) -> Iterator[Finding]:
    """Yield an error after which a process cannot use its GPU again.

    Backed by what is down since, or where there is no canary that could
    contradict, it is the table's; while none has run since, a suspicion,
    for which nobody's work is ended.
    Work that went well after it disproves it.
    """
    told = _last_fault(case)
    if told is None:
        return
    down = failing_since(case, told.at)
    if told.undated and not down:
        return
    is_sure = bool(down) or not any(case.canaries())
    doubt = "" if is_sure else "; no canary has run since"
    yield Finding(
        cause="cuda_fault",
        because=f"a CUDA error: {told.because}{often(case)}{doubt}",
        facts=(told.fact, *facts_of(down)),
        health=None if is_sure else Health.DEGRADED,
        remedies=None if is_sure else (),
    )


def cuda_unavailable(case: Case) -> Iterator[Finding]:
    """Yield a driver that lets FaceFusion in no more, and who is to blame.

    Where nvidia-smi is well a reboot of its host would heal nothing.
    """
    told = logged(case, "cuda_unavailable")
    if told is None or not (down := brought_down(case, told.at)):
        return
    facts, gpu = (told.fact, *facts_of(down)), case.gpu
    if gpu is None or not gpu.is_well:
        yield Finding(
            cause="driver_mismatch",
            because=f"the driver refuses FaceFusion: {told.because}",
            facts=facts,
        )
    elif case.target.manager == "docker":
        yield Finding(
            cause="container_gpu_lost",
            because="the container cannot use the GPU, which is fine on its"
            f" host: {told.because}",
            facts=(*facts, *fact(gpu)),
        )
    else:
        yield Finding(
            cause="driver_mismatch",
            because="the driver refuses FaceFusion while nvidia-smi works"
            " (compare the CUDA versions, and see CUDA_VISIBLE_DEVICES):"
            f" {told.because}",
            facts=(*facts, *fact(gpu)),
            remedies=(),
        )


def _last_fault(case: Case) -> Told | None:
    """Return the newest error that no later work disproves."""
    line = logged(case, "cuda_fault")
    found = [*of_its_processes(case), *([line] if line else [])]
    standing = [one for one in found if not _is_over(case, one)]
    return max(standing, key=lambda one: one.at, default=None)


def _is_over(case: Case, told: Told) -> bool:
    """Whether work went well since, or its GPU works for it again."""
    return is_disproved(case, told) or any(
        sample.on_gpu and sample.at > told.at + _MOMENT
        for sample in case.memory.work.samples
    )


RULES: tuple[Rule, ...] = (cuda_fault, cuda_unavailable, *FILES)
