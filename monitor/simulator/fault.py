"""One way in which something simulated can be broken."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way to be broken.

    `takes` says what its number means, empty when it takes none; `value` is
    that number when nobody gives one.
    """

    name: str
    description: str
    takes: str = ""
    value: float | None = None
