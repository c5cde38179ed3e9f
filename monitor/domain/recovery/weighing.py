"""All gates, weighed together: who may pass, and why nobody else."""

from monitor.domain.recovery.break_glass import SKIPPABLE, skipped
from monitor.domain.recovery.gates.approval import approval, needed_approvals
from monitor.domain.recovery.gates.blast_radius import blast_radius
from monitor.domain.recovery.gates.blind import blind
from monitor.domain.recovery.gates.breaker import breaker
from monitor.domain.recovery.gates.budget import budget
from monitor.domain.recovery.gates.busy import busy
from monitor.domain.recovery.gates.cooldown import cooldown
from monitor.domain.recovery.gates.crash_loop import crash_loop
from monitor.domain.recovery.gates.hand import hand
from monitor.domain.recovery.gates.healthy import healthy
from monitor.domain.recovery.gates.identity import identity
from monitor.domain.recovery.gates.ladder import ladder
from monitor.domain.recovery.gates.lock import lock
from monitor.domain.recovery.gates.machine import machine
from monitor.domain.recovery.gates.maintenance import maintenance
from monitor.domain.recovery.gates.mode import mode
from monitor.domain.recovery.gates.permitted import permitted
from monitor.domain.recovery.gates.remedy import remedy
from monitor.domain.recovery.gates.said import Gate
from monitor.domain.recovery.gates.second_vantage import second_vantage
from monitor.domain.recovery.gates.starting import starting
from monitor.domain.recovery.gates.stopped import stopped
from monitor.domain.recovery.situation import Situation
from monitor.domain.recovery.verdict import Verdict
from monitor.domain.recovery.words import Action, Word

__all__ = ["GATES", "SKIPPABLE", "may_skip", "needed_approvals", "weigh"]

_TABLE: tuple[tuple[str, Gate], ...] = (
    ("mode", mode),
    ("allowed", permitted),
    ("blind", blind),
    ("maintenance", maintenance),
    ("healthy", healthy),
    ("stopped", stopped),
    ("starting", starting),
    ("crash_loop", crash_loop),
    ("diagnosis", remedy),
    ("second_vantage", second_vantage),
    ("busy", busy),
    ("cooldown", cooldown),
    ("budget", budget),
    ("breaker", breaker),
    ("blast_radius", blast_radius),
    ("ladder", ladder),
    ("machine", machine),
    ("approval", approval),
    ("lock", lock),
    ("hand", hand),
    ("identity", identity),
)
GATES: tuple[str, ...] = tuple(name for name, _ in _TABLE)
"""The names of the gates in the order of verdicts: a public promise."""

AT_EACH_RUNG = frozenset(
    {
        "diagnosis",
        "busy",
        "cooldown",
        "budget",
        "breaker",
        "blast_radius",
        "ladder",
        "machine",
        "identity",
    }
)
"""Gates that `recover` itself passes: it sends nothing, and each of its rungs
is weighed by all of them."""


def weigh(situation: Situation) -> tuple[Verdict, ...]:
    """Return what every gate says, always all of them, in their order."""
    glass = skipped(situation)
    verdicts = (_verdict(situation, name, gate) for name, gate in _TABLE)
    return tuple(
        _skip(situation, one, glass.reason)
        if glass is not None and glass.gate == one.gate
        else one
        for one in verdicts
    )


def may_skip(gate: str) -> str:
    """Return why break-glass may not skip a gate, empty where it may."""
    if gate in SKIPPABLE:
        return ""
    known = ", ".join(name for name in GATES if name in SKIPPABLE)
    if gate in GATES:
        return f"cannot skip the gate {gate}: nobody may; others are {known}"
    return f"cannot skip the gate {gate!r}: there is none; there are {known}"


def _verdict(situation: Situation, name: str, gate: Gate) -> Verdict:
    if situation.action is Action.RECOVER and name in AT_EACH_RUNG:
        return Verdict(
            gate=name, word=Word.ALLOWED, because="weighed at each rung"
        )
    word, because = gate(situation)
    return Verdict(gate=name, word=word, because=because)


def _skip(situation: Situation, said: Verdict, reason: str) -> Verdict:
    """Tell also what the gate would have said: people approve by that."""
    return Verdict(
        gate=said.gate,
        word=Word.SKIPPED,
        because=f"skipped by {situation.by.who} ({reason}); else"
        f" {said.word.value}: {said.because}",
    )
