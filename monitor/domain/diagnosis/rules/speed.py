"""Jobs that take too long, told apart by what else was seen.

They hold only where a canary is slow: heat, others' work and load that slow
nothing are no fault. Evidence counts from a minute before the slow run on;
until the machine was looked at after it, nothing is certain.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.finding import Finding, Rule, fact, last
from monitor.domain.diagnosis.rules.batches import is_the_backends
from monitor.domain.diagnosis.rules.fallback import fallback, suspected
from monitor.domain.health import Health
from monitor.domain.observation import Observation

AROUND = 60.0
"""Seconds before a slow run from which on evidence counts. Figures of the
GPUs come every 15 s, those of the machine every 30 s."""
LOOK_BACK = 900.0
"""Seconds before the newest slow run from which on evidence counts at most:
a canary that runs once an hour must not speak for it that long."""
LASTING = 3
"""Looks at the GPUs that show others' work before it is no moment's."""
_STRAINED = frozenset({"overloaded", "memory_low"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slow:
    """Canaries that are slow; `began` is when the evidence begins."""

    looks: tuple[Look, ...]
    began: float
    ended: float
    because: str

    @property
    def health(self) -> Health:
        """Unhealthy where a run took what no GPU needs for one image."""
        hopeless = any(look.is_down for look in self.looks)
        return Health.UNHEALTHY if hopeless else Health.DEGRADED


def speed(case: Case) -> Iterator[Finding]:
    """Find why canaries are slow; `slow` where nothing explains it."""
    slow = _slow(case)
    if slow is None:
        yield from _suspected(case)
        yield from _crowded_out(case)
        return
    found = [
        *_heat(case, slow),
        *_on_cpu(case, slow),
        *_others(case, slow),
        *_overload(case, slow),
    ]
    yield from found or [_unknown(case, slow)]


def _slow(case: Case) -> _Slow | None:
    looks = tuple(
        look
        for look in case.canaries()
        if look.is_bad
        and look.reason == "slow"
        and not is_the_backends(case, look)
    )
    return _made_of(looks, [one.grounds for one in looks if one.grounds])


def _made_of(looks: tuple[Look, ...], runs: list[Observation]) -> _Slow | None:
    if not runs:
        return None
    newest = max(runs, key=_end)
    first = max(min(run.at for run in runs), newest.at - LOOK_BACK)
    return _Slow(
        looks=looks,
        began=first - AROUND,
        ended=_end(newest),
        because=newest.because,
    )


def _end(run: Observation) -> float:
    return run.at + run.duration


def _heat(case: Case, slow: _Slow) -> Iterator[Finding]:
    heat = case.memory.heat
    if heat.at is not None and heat.at >= slow.began:
        because = f"heat slows {heat.card or 'its GPU'} down"
        yield _found("thermal_throttling", because, slow, case.gpu)


def _on_cpu(case: Case, slow: _Slow) -> Iterator[Finding]:
    if because := fallback(case, slow.began):
        yield _found(
            "cpu_fallback", because, slow, case.gpu, case.process, case.logs
        )


def _others(case: Case, slow: _Slow) -> Iterator[Finding]:
    times = case.memory.pressure.by_others
    if times and times[-1] >= slow.began:
        because = "others' work loads its GPU"
        yield _found("gpu_busy", because, slow, case.gpu)


def _overload(case: Case, slow: _Slow) -> Iterator[Finding]:
    machine, at = case.machine, case.memory.pressure.on_host
    if machine is None:
        return
    if machine.is_bad and machine.reason in _STRAINED and machine.grounds:
        because = machine.grounds.because
        yield _found("host_overloaded", because, slow, machine)
    elif at is not None and at >= slow.began:
        because = "its machine has more to do than CPUs"
        yield _found("host_overloaded", because, slow, machine)


def _unknown(case: Case, slow: _Slow) -> Finding:
    """Return that nothing explains it, once everything was looked at."""
    beside = (("gpu", case.gpu), ("host", case.machine))
    wants = tuple(
        name
        for name, look in beside
        if look and look.seen and look.seen.at < slow.ended
    )
    return Finding(
        cause="slow",
        because=slow.because,
        facts=tuple(one for look in slow.looks for one in fact(look)),
        health=slow.health,
        wants=wants,
    )


def _found(
    cause: str, because: str, slow: _Slow, *beside: Look | None
) -> Finding:
    looks = [look for look in beside if look is not None]
    return Finding(
        cause=cause,
        because=f"{because}: {slow.because}",
        facts=(
            *(one for look in slow.looks for one in fact(look)),
            *(one for look in looks for one in last(look)),
        ),
        health=slow.health,
    )


def _crowded_out(case: Case) -> Iterator[Finding]:
    """Find others' work that lasts, although it excuses a slow run.

    Such a run sets no opinion: the server was busy. Whose work it was is
    sure where its own process was seen not to work meanwhile.
    """
    looks = tuple(filter(_was_excused, case.canaries()))
    slow = _made_of(looks, [one.seen for one in looks if one.seen])
    pressure = case.memory.pressure
    if slow is None or pressure.process_at is None:
        return
    sure = [
        at
        for at in pressure.by_others
        if slow.began <= at <= pressure.process_at
    ]
    if len(sure) >= LASTING:
        yield Finding(
            cause="gpu_busy",
            because=f"others' work loads its GPU: {slow.because}",
            facts=tuple(
                one
                for look in (*looks, case.gpu)
                if look is not None
                for one in last(look)
            ),
        )


def _was_excused(look: Look) -> bool:
    seen = look.seen
    return (
        seen is not None
        and seen.health is Health.UNKNOWN
        and seen.reason == "slow"
    )


def _suspected(case: Case) -> Iterator[Finding]:
    """Without canaries nobody sees how fast it is: the log may tell."""
    logs = case.logs
    if logs is None or any(case.canaries()):
        return
    if because := suspected(case):
        yield Finding(cause="cpu_fallback", because=because, facts=last(logs))


RULES: tuple[Rule, ...] = (speed,)
