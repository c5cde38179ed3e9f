"""What the operator lets be done to one server, and how often."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from monitor.domain.recovery.words import Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """At most `most` times within any `window` seconds."""

    most: int
    window: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """`targets[].recovery` of one server; `cooldown` in seconds.

    `mode` is off, suggest or auto; `auto` are the actions that need nobody's
    word in mode auto.
    """

    mode: str = "suggest"
    allow: frozenset[Action] = frozenset()
    auto: frozenset[Action] = frozenset()
    cooldown: float = 600.0
    budgets: Mapping[Action, Budget] = field(default_factory=dict)
