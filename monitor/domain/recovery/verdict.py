"""What one gate says of an action, and why."""

from dataclasses import dataclass

from monitor.domain.recovery.words import Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`gate` is the gate's name, `because` a sentence for people."""

    gate: str
    word: Word
    because: str


def refused(verdicts: tuple[Verdict, ...]) -> tuple[Verdict, ...]:
    """Return those that refuse."""
    return tuple(one for one in verdicts if one.word is Word.REFUSED)


def waits(verdicts: tuple[Verdict, ...]) -> tuple[Verdict, ...]:
    """Return those that wait for something."""
    return tuple(one for one in verdicts if one.word is Word.WAITING)
