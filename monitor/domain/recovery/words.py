"""The words of recovery: a public promise, as the names of causes are."""

from enum import StrEnum

from monitor.domain.diagnosis.cause import Remedy

Action = Remedy
"""What can be done: restart, free-gpu-memory, reboot, mildest first."""


class Trigger(StrEnum):
    """Who set something going: a person, or an alert or diagnosis of ours."""

    PERSON = "person"
    AUTOMATION = "automation"


class State(StrEnum):
    """Where a change is. Only `ended` is final.

    Before `intent` nothing has been sent to the machine; from it on nobody
    may say that nothing was.
    """

    WAITING = "waiting"
    READY = "ready"
    DRAINING = "draining"
    INTENT = "intent"
    SENT = "sent"
    VERIFYING = "verifying"
    UNKNOWN = "unknown"
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
