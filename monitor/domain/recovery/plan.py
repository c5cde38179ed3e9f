"""A plan: exactly what would be done to one server, and whether it may."""

from dataclasses import dataclass

from monitor.domain.recovery.identity import Identity
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.verdict import Verdict
from monitor.domain.recovery.words import Action, Outcome

PLAN_LASTS = 900.0
"""Seconds that a plan and its approvals hold: 15 min, as one-time approvals
elsewhere do (facts/recovery.md §2, human in the loop)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakGlass:
    """One gate that is skipped on purpose, and why."""

    gate: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What an action is aimed at: all that must still be so when it is done.

    Its digest is what approvals are bound to. `processes` are those that the
    action ends, empty where none runs. `steps` are what will be done, in
    order, a sentence each. `cards` are the GPUs whose memory is freed, by
    UUID. `bystanders` are who and what else on the machine it touches, a
    sentence each: whoever approves it approves that.
    """

    action: Action
    target: str
    url: str
    host: str
    manager: str
    unit: str
    directory: str
    port: int
    boot_id: str
    processes: tuple[Identity, ...]
    steps: tuple[str, ...]
    break_glass: BreakGlass | None = None
    cards: tuple[str, ...] = ()
    bystanders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would be done, as of the Unix time `created_at`.

    `digest` is of the aim. `in_flight` says what users' work would be lost,
    a sentence each. `approvals` are how many other people must agree.
    `confirm` is what has to be typed before it is applied. `cause` is the
    diagnosis that it answers. `notes` say what else is good to know, such as
    what is left alone. `by_hand` are the steps for people where nobody else
    can approve it. `parent` is the `recover` whose rung it is, empty for
    none.
    """

    id: str
    aim: Aim
    digest: str
    reason: str
    by: Principal
    cause: str
    created_at: float
    expires_at: float
    gates: tuple[Verdict, ...]
    in_flight: tuple[str, ...] = ()
    approvals: int = 0
    confirm: str = ""
    notes: tuple[str, ...] = ()
    by_hand: tuple[str, ...] = ()
    parent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One person's word for a plan, at a Unix time in seconds."""

    plan: str
    digest: str
    by: Principal
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRecord:
    """A plan as it is kept.

    `change` is the change that it was applied as, empty before. `outcome` is
    set once the plan is closed without a change, or with its change.
    """

    plan: Plan
    approvals: tuple[Approval, ...] = ()
    change: str = ""
    outcome: Outcome | None = None
    because: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it may still be applied, by what is kept of it."""
        return self.outcome is None and not self.change
