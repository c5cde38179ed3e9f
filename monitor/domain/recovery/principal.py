"""Who asks: a token and the person who holds it."""

from dataclasses import dataclass

from monitor.domain.recovery.words import Trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who asked for something.

    `name` is the token's, or automation's rule; `person` who holds it, empty
    for automation. People are compared by person, never by token.
    """

    name: str
    person: str = ""
    trigger: Trigger = Trigger.PERSON

    @property
    def who(self) -> str:
        """Return whom it is put down to."""
        return self.person or self.name
