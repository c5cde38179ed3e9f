"""Reading JSON objects that a stranger wrote, one typed field at a time.

A field is what it should be, or `Unreadable` names it: `cannot read
machine.cpus: it is a text, not a whole number`. Unknown fields are nobody's
concern: a newer gate may say more. Absent and null are the same: not known.
"""

from collections.abc import Mapping
from typing import TypeVar

from monitor.domain.errors import Unreadable

T = TypeVar("T")

TEXT_LIMIT = 1024
"""Characters of a text, where its field says nothing else."""
LIST_LIMIT = 4096
"""Members of a list, where its field says nothing else."""
WHOLE_LIMIT = 2**63 - 1
"""The largest integer that SQLite keeps, and above every size there is."""
NUMBER_LIMIT = 1e15
"""Above every time and length in seconds; a float is still exact there."""


class Part:
    """One JSON object and the name it goes by in errors.

    Getters raise `Unreadable` for a field that is absent; those called
    `maybe_…` return None then. A field of another type, out of range, not
    finite or too long is refused by both.
    """

    def __init__(self, given: object, name: str) -> None:
        if not isinstance(given, Mapping):
            raise _wrong(name, given, "an object")
        self._fields: Mapping[object, object] = given
        self.name = name

    def text(
        self, key: str, *, limit: int = TEXT_LIMIT, cut: bool = False
    ) -> str:
        """Return a text that every output can encode.

        One longer than `limit` characters is refused, or with `cut` cut:
        never cut what is compared later (ids, cursors).
        """
        return self._needed(key, self.maybe_text(key, limit=limit, cut=cut))

    def maybe_text(
        self, key: str, *, limit: int = TEXT_LIMIT, cut: bool = False
    ) -> str | None:
        """Return a text as `text` does, None when it is absent."""
        given = self._fields.get(key)
        if given is None:
            return None
        return _text(given, self.path(key), limit=limit, cut=cut)

    def whole(
        self, key: str, *, least: int = 0, most: int = WHOLE_LIMIT
    ) -> int:
        """Return an integer; 3.0 and true are none."""
        return self._needed(key, self.maybe_whole(key, least=least, most=most))

    def maybe_whole(
        self, key: str, *, least: int = 0, most: int = WHOLE_LIMIT
    ) -> int | None:
        """Return an integer as `whole` does, None when it is absent."""
        given = self._fields.get(key)
        if given is None:
            return None
        if type(given) is not int:
            raise _wrong(self.path(key), given, "a whole number")
        return _within(given, self.path(key), least, most)

    def number(
        self, key: str, *, least: float = 0, most: float = NUMBER_LIMIT
    ) -> float:
        """Return a finite number, written with a fraction or without."""
        found = self.maybe_number(key, least=least, most=most)
        return self._needed(key, found)

    def maybe_number(
        self, key: str, *, least: float = 0, most: float = NUMBER_LIMIT
    ) -> float | None:
        """Return a number as `number` does, None when it is absent."""
        given = self._fields.get(key)
        if given is None:
            return None
        return _number(given, self.path(key), least, most)

    def maybe_numbers(
        self, key: str, *, least: float = 0, most: int = LIST_LIMIT
    ) -> tuple[float, ...] | None:
        """Return a list of at most `most` numbers, None when absent."""
        given = self._maybe_list(key, most=most, cut=False)
        if given is None:
            return None
        path = self.path(key)
        return tuple(
            _number(one, f"{path}[{place}]", least, NUMBER_LIMIT)
            for place, one in enumerate(given)
        )

    def flag(self, key: str) -> bool:
        """Return true or false; 0 and 1 are neither."""
        return self._needed(key, self.maybe_flag(key))

    def maybe_flag(self, key: str) -> bool | None:
        """Return true or false, None when it is absent."""
        given = self._fields.get(key)
        if given is None:
            return None
        return _is(bool, given, self.path(key), "true or false")

    def part(self, key: str) -> "Part":
        """Return an object within this one."""
        return self._needed(key, self.maybe_part(key))

    def maybe_part(self, key: str) -> "Part | None":
        """Return an object within this one, None when it is absent."""
        given = self._fields.get(key)
        return None if given is None else Part(given, self.path(key))

    def items(
        self, key: str, *, most: int = LIST_LIMIT, cut: bool = False
    ) -> tuple[tuple[str, object], ...]:
        """Return a list's members, each with its name for errors.

        They are not looked at yet, so that one bad member need not spoil
        the others: `Part(member, name)` reads one. More than `most` are
        refused, or with `cut` left out.
        """
        given = self._needed(key, self._maybe_list(key, most=most, cut=cut))
        path = self.path(key)
        return tuple(
            (f"{path}[{place}]", one) for place, one in enumerate(given)
        )

    def maybe_texts(
        self,
        key: str,
        *,
        limit: int = TEXT_LIMIT,
        most: int = LIST_LIMIT,
        cut: bool = False,
    ) -> tuple[str, ...] | None:
        """Return a list of texts, None when it is absent.

        `cut` cuts texts longer than `limit` and lists longer than `most`.
        """
        given = self._maybe_list(key, most=most, cut=cut)
        if given is None:
            return None
        path = self.path(key)
        return tuple(
            _text(one, f"{path}[{place}]", limit=limit, cut=cut)
            for place, one in enumerate(given)
        )

    def called(self, name: str) -> "Part":
        """Return the same object by another name."""
        return Part(self._fields, name)

    def has(self, key: str) -> bool:
        """Return whether a field is there and not null."""
        return self._fields.get(key) is not None

    def path(self, key: str) -> str:
        """Return the name by which an error calls a field."""
        return f"{self.name}.{key}" if self.name else key

    def _needed(self, key: str, found: T | None) -> T:
        if found is None:
            raise Unreadable(f"cannot read {self.path(key)}: it is missing")
        return found

    def _maybe_list(
        self, key: str, *, most: int, cut: bool
    ) -> list[object] | None:
        given = self._fields.get(key)
        if given is None:
            return None
        members: list[object] = _is(list, given, self.path(key), "a list")
        if len(members) > most and not cut:
            raise Unreadable(
                f"cannot read {self.path(key)}: {len(members)} members are"
                f" more than {most}"
            )
        return members[:most]


def _is(kind: type[T], given: object, path: str, wanted: str) -> T:
    if not isinstance(given, kind):
        raise _wrong(path, given, wanted)
    return given


def _text(given: object, path: str, *, limit: int, cut: bool) -> str:
    text = _is(str, given, path, "a text")
    if len(text) > limit and not cut:
        raise Unreadable(
            f"cannot read {path}: {len(text)} characters are more than {limit}"
        )
    return _encodable(text[:limit])


def _encodable(text: str) -> str:
    """Replace what PostgreSQL (NUL) or UTF-8 (half a pair) cannot hold."""
    return text.replace("\x00", "?").encode("utf-8", "replace").decode()


def _number(given: object, path: str, least: float, most: float) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise _wrong(path, given, "a number")
    return float(_within(given, path, least, most))


_Size = TypeVar("_Size", int, float)


def _within(given: _Size, path: str, least: float, most: float) -> _Size:
    """Refuse what is out of range: NaN and infinity always are."""
    if not least <= given <= most:
        raise Unreadable(
            f"cannot read {path}: it is not between {least:g} and {most:g}"
        )
    return given


def _wrong(path: str, given: object, wanted: str) -> Unreadable:
    called = _CALLED.get(type(given), "something else")
    name = path or "the answer"
    return Unreadable(f"cannot read {name}: it is {called}, not {wanted}")


_CALLED = {
    bool: "true or false",
    dict: "an object",
    float: "a number",
    int: "a whole number",
    list: "a list",
    str: "a text",
    type(None): "missing",
}
