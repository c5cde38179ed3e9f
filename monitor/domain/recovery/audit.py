"""The audit: every entry is bound to all before it by its hash."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256

GENESIS = "0" * 64
"""What the first entry is bound to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something that happened, at a Unix time in seconds.

    `what` is one word: planned, refused, approved, denied, applied, ready,
    draining, intent, sent, verifying, unknown, outcome, cancel_asked,
    attested, captured, reaped, fencing_raised. `outcome` is set in the one
    entry that ends a request. `plan` names the request, whether or not its
    plan was given out.
    """

    at: float
    what: str
    plan: str
    who: str
    action: str = ""
    target: str = ""
    host: str = ""
    change: str = ""
    trigger: str = ""
    outcome: str = ""
    because: str = ""
    detail: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """An entry in its place; `sequence` counts from 1 without gaps."""

    sequence: int
    entry: Entry
    before: str
    hash: str


def seal(entry: Entry, last: Sealed | None) -> Sealed:
    """Return an entry bound to the one before it."""
    before = last.hash if last else GENESIS
    sequence = last.sequence + 1 if last else 1
    return Sealed(
        sequence=sequence,
        entry=entry,
        before=before,
        hash=_hash(sequence, before, entry),
    )


def flaws(chain: Iterable[Sealed], head: Sealed | None) -> Iterator[str]:
    """Yield what is wrong with a chain, oldest first; nothing when whole.

    `head` is the newest entry that somebody else has seen: a chain that
    ends before it, or holds another there, was cut or rewritten.
    """
    last: Sealed | None = None
    found: dict[int, str] = {}
    for one in chain:
        expected = seal(one.entry, last)
        if (one.sequence, one.before) != (expected.sequence, expected.before):
            yield (
                f"cannot trust entry {one.sequence}: it does not follow"
                f" entry {expected.sequence - 1}"
            )
        elif one.hash != expected.hash:
            yield f"cannot trust entry {one.sequence}: it was changed"
        if head is not None and one.sequence == head.sequence:
            found[one.sequence] = one.hash
        last = one
    if head is not None and found.get(head.sequence) != head.hash:
        yield (
            f"cannot find entry {head.sequence} as it was told before: the"
            " audit was cut or rewritten"
        )


def _hash(sequence: int, before: str, entry: Entry) -> str:
    text = json.dumps(
        [sequence, before, asdict(entry)],
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=True,
    )
    return sha256(text.encode()).hexdigest()
