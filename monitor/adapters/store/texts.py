"""Texts and numbers as a database can hold them."""

LONGEST = 2000
"""Characters kept of a sentence for people."""


def clean(text: str) -> str:
    """Return a text that can be written: no lone surrogates.

    A server may send them, escaped in its JSON; no UTF-8 has them.
    """
    if text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode()


def sentence(text: str) -> str:
    """Return a sentence for people, clean and not endless."""
    return clean(text[:LONGEST])


def replaced(raw: bytes) -> str:
    """Return what a damaged file holds as a text."""
    return raw.decode("utf-8", "replace")


def optional(value: object) -> float | None:
    """Return a number or None. Raises `TypeError` for anything else."""
    return None if value is None else number(value)


def number(value: object) -> float:
    """Return a number. Raises `TypeError` for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("no number")
    return float(value)


def text(value: object) -> str:
    """Return a text. Raises `TypeError` for anything else."""
    if not isinstance(value, str):
        raise TypeError("no text")
    return value
