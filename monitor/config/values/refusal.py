"""How a value says no: what is wrong, and what would help."""

from collections.abc import Iterable
from dataclasses import dataclass

Loc = tuple[str | int, ...]
"""The way to a setting: `("targets", 0, "url")`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One thing wrong with a value.

    `{value}` in the texts stands for the value as the file writes it, so
    that what came from `${NAME}` never gets into an error. `shown` is shown
    instead where we worked on the value, such as an absolute path. `at` names
    the settings that contradict each other, relative to the one that is
    validated; the error goes to the first of them that the file sets.
    """

    what: str
    hint: str
    at: tuple[Loc, ...] = ()
    shown: str | None = None


class Refused(ValueError):
    """A value is not accepted, for one reason or several."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__("; ".join(refusal.what for refusal in refusals))
        self.refusals = refusals


def refuse_if_any(refusals: Iterable[Refusal]) -> None:
    """Raise them together, so that one look at the file finds them all."""
    found = tuple(refusals)
    if found:
        raise Refused(*found)
