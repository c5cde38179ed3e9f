"""The first part of an answer."""

from collections.abc import Sequence
from dataclasses import dataclass

Headers = Sequence[tuple[bytes, bytes]]
"""In the order they came; names in lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The code and the headers of an answer."""

    code: int
    headers: Headers

    def get(self, name: bytes) -> str:
        """Return a header by its name in lower case, empty for none."""
        said = [value for known, value in self.headers if known == name]
        return b", ".join(said).decode(errors="replace")

    def joined(self) -> dict[str, str]:
        """Return all headers, the values of one name joined."""
        names = {name for name, _ in self.headers}
        return {name.decode("ascii"): self.get(name) for name in names}
