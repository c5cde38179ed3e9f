"""Pydantic's errors in our words: one table.

A sentence says what is wrong and what would help. `{value}` is put in
later, so that nothing secret passes through here.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from monitor.config.outline import Place, example, known, operations

Sentence = tuple[str, str]

_LONGEST_WORD = 64
_MOST_TO_COMPARE = 300
"""Comparing is slow; among more than these we guess nothing."""

_MOST_WORDS = 12
"""More choices than these are not listed in an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One of pydantic's errors: its type, message, details and place.

    `value` is what was refused; it may be secret and is only compared.
    """

    kind: str
    said: str
    context: Mapping[str, Any]
    place: Place
    value: object


def sentence(complaint: Complaint) -> Sentence:
    """Return what is wrong and what would help."""
    return _SENTENCES.get(complaint.kind, _other)(complaint)


def near(word: object, words: list[str]) -> str | None:
    """Return the one of `words` that was probably meant."""
    if not isinstance(word, str) or len(word) > _LONGEST_WORD:
        return None
    if len(words) > _MOST_TO_COMPARE:
        return None
    found = get_close_matches(word.lower(), words, n=1)
    return found[0] if found else None


def _unknown(complaint: Complaint) -> Sentence:
    words = known(complaint.place.parent)
    meant = near(complaint.place.path[-1], words)
    hint = f"known here: {', '.join(words)}"
    return "no such setting", f"did you mean {meant}?" if meant else hint


def _missing(complaint: Complaint) -> Sentence:
    return "is missing", _for_example(complaint)


def _choice(complaint: Complaint) -> Sentence:
    listed = str(complaint.context.get("expected", ""))
    words = re.findall(r"'([^']*)'", listed)
    return "{value} is not possible", _one_of(complaint.value, words)


def _no_operation(complaint: Complaint) -> Sentence:
    words = operations(complaint.place.node)
    value = complaint.value
    operation = value.get("operation") if isinstance(value, dict) else None
    if operation is None:
        return "is missing", _one_of(None, words)
    return "{value} is not possible", _one_of(operation, words)


def _one_of(value: object, words: list[str]) -> str:
    meant = near(value, words)
    choice = f"use {' or '.join([', '.join(words[:-1]), words[-1]])}"
    if len(words) > _MOST_WORDS:
        choice = "see facefusion-monitor config schema"
    return f"did you mean {meant}? ({choice})" if meant else choice


def _number(complaint: Complaint) -> Sentence:
    return "{value} is not a number", _for_example(complaint)


def _whole(complaint: Complaint) -> Sentence:
    return "{value} is not a whole number", _for_example(complaint)


def _range(words: str) -> Callable[[Complaint], Sentence]:
    def out_of_range(complaint: Complaint) -> Sentence:
        bound = next(iter(complaint.context.values()))
        return "{value} is out of range", f"it must be {words} {bound:g}"

    return out_of_range


def _text(complaint: Complaint) -> Sentence:
    match complaint.value:
        case bool():
            what = "{value} is read as true or false"
        case int() | float():
            what = "{value} is read as a number"
        case None:
            return "is empty", _for_example(complaint)
        case _:
            return "is not a text", _for_example(complaint)
    return what, "put it in quotes"


def _mapping(complaint: Complaint) -> Sentence:
    return "is not a mapping (key: value)", _for_example(complaint)


def _list(complaint: Complaint) -> Sentence:
    return "is not a list", _for_example(complaint)


def _empty(complaint: Complaint) -> Sentence:
    return "is empty", _for_example(complaint)


def _long(complaint: Complaint) -> Sentence:
    most = complaint.context["max_length"]
    return "is too long", f"{most} characters are the most"


def _other(complaint: Complaint) -> Sentence:
    return f"is not usable ({complaint.said})", _for_example(complaint)


def _for_example(complaint: Complaint) -> str:
    line = example(complaint.place)
    return f"write {line}, for example" if line else "write a text"


_SENTENCES: dict[str, Callable[[Complaint], Sentence]] = {
    "bool_parsing": _other,
    "dict_type": _mapping,
    "extra_forbidden": _unknown,
    "finite_number": _number,
    "float_parsing": _number,
    "float_type": _number,
    "greater_than": _range("more than"),
    "greater_than_equal": _range("at least"),
    "int_from_float": _whole,
    "int_parsing": _whole,
    "int_parsing_size": _whole,
    "int_type": _whole,
    "less_than_equal": _range("at most"),
    "literal_error": _choice,
    "missing": _missing,
    "model_attributes_type": _mapping,
    "model_type": _mapping,
    "path_type": _text,
    "string_too_long": _long,
    "string_too_short": _empty,
    "string_type": _text,
    "too_short": _empty,
    "tuple_type": _list,
    "union_tag_invalid": _no_operation,
    "union_tag_not_found": _no_operation,
}
"""By pydantic's error type."""
