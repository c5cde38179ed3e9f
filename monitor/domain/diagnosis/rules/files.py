"""What FaceFusion needs on disk and does not find: models and programs.

Its log says so; that counts where a check went down at about that time.
"""

from collections.abc import Iterator

from monitor.domain.diagnosis.backing import brought_down, facts_of
from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.finding import Finding, Rule
from monitor.domain.diagnosis.told import logged, said_before
from monitor.domain.health import Health
from monitor.domain.service.memory import LOOP_WITHIN


def model_files_corrupt(case: Case) -> Iterator[Finding]:
    """Yield model files that are not what their checksums say."""
    yield from _of(case, "model_files_corrupt", "a model's file is broken")


def dependency_missing(case: Case) -> Iterator[Finding]:
    """Yield a program or library that FaceFusion does not find."""
    yield from _of(
        case, "dependency_missing", "FaceFusion lacks what it needs"
    )


def _of(case: Case, cause: str, what: str) -> Iterator[Finding]:
    """Yield it where it brought something down, or ends each start.

    In a loop of starts each one says it anew, and the present one may not
    have come so far yet. It is why the loop was, until that is over.
    """
    loop = _loop(case)
    told = logged(case, cause)
    if told is None and loop is not None:
        told = said_before(case, cause, LOOP_WITHIN)
    if told is None:
        return
    down = brought_down(case, told.at)
    if not down and loop is None:
        return
    yield Finding(
        cause=cause,
        because=f"{what}: {told.because}",
        facts=(told.fact, *facts_of(down or _all(loop))),
        health=None if down else Health.DEGRADED,
    )


def _all(look: Look | None) -> tuple[Look, ...]:
    return () if look is None else (look,)


def _loop(case: Case) -> Look | None:
    process = case.process
    if process is None or not process.is_bad:
        return None
    return process if process.reason == "crash_loop" else None


RULES: tuple[Rule, ...] = (model_files_corrupt, dependency_missing)
