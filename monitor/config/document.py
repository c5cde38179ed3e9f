"""The file as a tree that remembers where everything stands."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from monitor.config.values.refusal import Loc

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A value in the file.

    `line` is that of its key, or of the item; 0 outside of a file. `path`
    is where the file has it, which differs from its place once `defaults`
    are merged. `file` names a list of `targets_from`, empty for the
    configuration itself. `written` is a scalar as the file writes it, for
    messages. `secret` values came from the environment. `broken` ones were
    reported already.
    """

    value: "dict[str, Entry] | list[Entry] | Scalar"
    line: int = 0
    path: Loc = ()
    file: str = ""
    written: str = ""
    secret: bool = False
    broken: bool = False

    def child(self, step: str | int) -> "Entry | None":
        """Return what stands below, None when nothing does."""
        if isinstance(self.value, dict) and isinstance(step, str):
            return self.value.get(step)
        if isinstance(self.value, list) and isinstance(step, int):
            return self.value[step] if step < len(self.value) else None
        return None

    def nearest(self, loc: Loc) -> "tuple[Entry, Loc]":
        """Return the deepest entry on that way, and what is left of it."""
        entry = self
        for index, step in enumerate(loc):
            child = entry.child(step)
            if child is None:
                return entry, loc[index:]
            entry = child
        return entry, ()

    def items(self) -> "Iterator[tuple[str | int, Entry]]":
        """Yield what stands directly below it."""
        if isinstance(self.value, dict):
            yield from self.value.items()
        elif isinstance(self.value, list):
            yield from enumerate(self.value)

    def scalars(self, at: Loc = ()) -> "Iterator[tuple[Loc, Entry]]":
        """Yield every scalar with its place in this tree."""
        if not isinstance(self.value, dict | list):
            yield at, self
        for step, child in self.items():
            yield from child.scalars((*at, step))

    def size(self) -> int:
        """Return how many entries it is."""
        return 1 + sum(child.size() for _, child in self.items())

    def with_value(self, value: "dict[str, Entry] | list[Entry]") -> "Entry":
        """Return the same place with other things below it."""
        return replace(self, value=value)

    def plain(self) -> object:
        """Return it as dicts, lists and scalars."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value
