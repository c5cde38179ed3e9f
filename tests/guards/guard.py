"""One guard, and how to remove it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A line of code that keeps us safe, and the tests that say so."""

    says: str
    file: str
    line: str
    without: str
    tests: str
