"""What was done before: what budgets, cooldowns and breakers count."""

from dataclasses import dataclass

from monitor.domain.recovery.words import Action, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """A change whose intent was written, at the Unix time `intent_at`.

    `outcome` is None while it goes on; `ended_at` then too. Intents count,
    not successes: what was tried may have been done. `done`: the machine
    said that it did it, or tried to; without it a failure proves nothing.
    `parent` is the `recover` whose rung it was, empty for none.
    """

    change: str
    action: Action
    target: str
    intent_at: float
    outcome: Outcome | None = None
    ended_at: float | None = None
    done: bool = False
    parent: str = ""
