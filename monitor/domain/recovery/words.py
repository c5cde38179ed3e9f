"""The words of recovery: a public promise, as the names of causes are."""

from enum import StrEnum

from monitor.domain.diagnosis.cause import Remedy


class Action(StrEnum):
    """What can be asked for; the words of `Remedy`, and `recover`.

    `recover` climbs the rungs, mildest first, each a change of its own: it
    sends nothing itself.
    """

    RESTART = Remedy.RESTART.value
    FREE_GPU_MEMORY = Remedy.FREE_GPU_MEMORY.value
    REBOOT = Remedy.REBOOT.value
    RECOVER = "recover"


RUNGS = (Action.RESTART, Action.FREE_GPU_MEMORY, Action.REBOOT)
"""What is done to a machine, mildest first: the ladder of `recover`."""


class Trigger(StrEnum):
    """Who set something going: a person, or an alert or diagnosis of ours."""

    PERSON = "person"
    AUTOMATION = "automation"


class State(StrEnum):
    """Where a change is. Only `ended` is final.

    Before `intent` nothing has been sent to the machine; from it on nobody
    may say that nothing was. A `recover` is `climbing` from its begin to its
    end: its rungs are changes of their own.
    """

    WAITING = "waiting"
    READY = "ready"
    DRAINING = "draining"
    INTENT = "intent"
    SENT = "sent"
    VERIFYING = "verifying"
    UNKNOWN = "unknown"
    CLIMBING = "climbing"
    ENDED = "ended"


class Outcome(StrEnum):
    """How a request ended: exactly one, and it never changes."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REFUSED = "refused"
    ATTACHED = "attached"
    PLANNED_ONLY = "planned_only"
    EXPIRED = "expired"
    DENIED = "denied"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    INTERRUPTED = "interrupted"
    GAVE_UP = "gave_up"


class Word(StrEnum):
    """What a gate says: it allows, waits, is skipped, or refuses."""

    ALLOWED = "allowed"
    WAITING = "waiting"
    SKIPPED = "skipped"
    REFUSED = "refused"
