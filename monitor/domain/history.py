"""What is worth remembering, in the order it happened."""

from dataclasses import dataclass

from monitor.domain.canary.reading import Result
from monitor.domain.diagnosis.cause import Severity
from monitor.domain.health import Health
from monitor.domain.judgement import Track
from monitor.domain.observation import CheckKey

FAILURE_EVERY = 60.0
"""Seconds in which one failed look of a reason stands for those like it.

At a confirm interval of 2 s a dead server would fill the disk with the same
sentence; once a minute still shows how long it was said.
"""


DIAGNOSIS = "diagnosis"
"""The name under which changed diagnoses stand between a server's checks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One line of a history, newest first in every answer.

    `at` is a Unix time in seconds. A changed opinion has `before`; a canary
    run has `result` and, when it produced something, `seconds`; a failed
    look has neither. A changed diagnosis has `was`, the cause before, and
    `severity`; its cause is the `reason`. `health` is what came of it.
    `maintenance` says that it fell into planned work.
    """

    id: int
    key: CheckKey
    at: float
    health: Health
    because: str
    reason: str = ""
    before: Health | None = None
    result: Result | None = None
    seconds: float | None = None
    maintenance: bool = False
    was: str = ""
    severity: Severity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a check knew when we were last running.

    `told_at` and `last_success` are Unix times in seconds, as on the board.
    `url` is where the target was; empty for a machine and where unknown.
    """

    key: CheckKey
    track: Track
    last_success: float | None = None
    told_at: float | None = None
    url: str = ""


def is_news(at: float, last: float | None) -> bool:
    """Return whether a failed look says something new.

    `at` is when it was, `last` when the last one of the same check with the
    same reason was kept, Unix times in seconds; None when none was. After
    the clock was set back it is news again.
    """
    return last is None or not 0 <= at - last < FAILURE_EVERY
