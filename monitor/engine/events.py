"""What the engine tells: outputs translate it to metrics and log lines."""

from collections.abc import Callable
from dataclasses import dataclass

from monitor.domain.judgement import Track, Transition
from monitor.domain.observation import CheckKey, Observation
from monitor.engine.check import Check


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A scheduled run began `lag` seconds late; `missed` runs were lost."""

    check: Check
    lag: float
    missed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A run that was due did not happen."""

    check: Check
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A look ended, and whether it changed the opinion."""

    check: Check
    seen: Observation
    track: Track
    changed: Transition | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgot:
    """The store could not keep what was seen; watching goes on."""

    key: CheckKey
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Broke:
    """A probe failed in a way that it does not know: a fault of ours."""

    key: CheckKey
    error: BaseException


Event = Started | Skipped | Looked | Forgot | Broke
Tell = Callable[[Event], None]
