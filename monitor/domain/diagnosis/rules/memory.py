"""GPU memory: none left, or less each time."""

from collections.abc import Iterator

from monitor.domain.diagnosis.backing import (
    brought_down,
    facts_of,
    is_disproved,
)
from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.cause import Remedy
from monitor.domain.diagnosis.finding import Fact, Finding, Rule, last
from monitor.domain.diagnosis.holders import Holders, holders
from monitor.domain.diagnosis.memory.floor import leak
from monitor.domain.diagnosis.told import Told, logged
from monitor.domain.health import Health
from monitor.domain.joblog.kinds import classify
from monitor.domain.joblog.verdict import RECENT
from monitor.domain.machine.words import length, size
from monitor.domain.quote import quote

_KIND = "out_of_memory"
"""What the log, or an answer to a canary, is called (`joblog.kinds`)."""
_OWN = (Remedy.RESTART, Remedy.FREE_GPU_MEMORY)


def gpu_memory_exhausted(case: Case) -> Iterator[Finding]:
    """Yield GPU memory that did not suffice, and who holds it.

    What nothing backs is a suspicion: until a canary finds out, and where
    there is none for as long as the log check calls a line recent. Nobody's
    work is ended for it.
    """
    told = _exhausted(case)
    if told is None:
        return
    down = brought_down(case, told.at)
    if not down and not _may_be(case, told):
        return
    held = holders(case)
    yield Finding(
        cause="gpu_memory_exhausted",
        because=f"GPU memory ran out: {told.because}; {held.words}"
        f"{_no_help(held)}",
        facts=(told.fact, *facts_of(down), *_seen(case.gpu, held.words)),
        health=None if down else Health.DEGRADED,
        remedies=_OWN if down and held.is_own else (),
    )


def gpu_memory_leak(case: Case) -> Iterator[Finding]:
    """Yield a process that holds more GPU memory the longer it runs."""
    found = leak(case.memory.floors)
    if found is None or not holders(case).own:
        return
    because = (
        "what it holds of the GPU's memory while idle grew from"
        f" {size(found.first)} to {size(found.last)} in"
        f" {length(found.seconds)}, in {found.steps} steps, and never fell"
    )
    yield Finding(
        cause="gpu_memory_leak",
        because=because,
        facts=_seen(case.gpu, because),
    )


def _exhausted(case: Case) -> Told | None:
    """Return the newest sign that no later work disproves."""
    line = logged(case, _KIND)
    found = [*_answers(case), *([line] if line else [])]
    standing = [one for one in found if not is_disproved(case, one)]
    return max(standing, key=lambda one: one.at, default=None)


def _answers(case: Case) -> Iterator[Told]:
    for canary in case.canaries():
        seen = canary.seen
        if seen is None or seen.health is not Health.UNHEALTHY:
            continue
        if classify(seen.because) == _KIND:
            because = f"{canary.key.check}: {quote(seen.because)}"
            at = seen.at + seen.duration
            said = Fact(key=seen.key, because=seen.because, at=seen.at)
            yield Told(because=because, at=at, fact=said)


def _may_be(case: Case, told: Told) -> bool:
    if told.undated:
        return False
    return any(case.canaries()) or case.now - told.at <= RECENT


def _no_help(held: Holders) -> str:
    if held.is_own or not held.others:
        return ""
    return ": others hold most, so that no restart of it helps"


def _seen(gpu: Look | None, because: str) -> tuple[Fact, ...]:
    return last(gpu, because) if gpu else ()


RULES: tuple[Rule, ...] = (gpu_memory_exhausted, gpu_memory_leak)
