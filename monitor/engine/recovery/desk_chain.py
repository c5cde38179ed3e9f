"""The audit's chain, computed again a page at a time."""

from collections.abc import Iterable, Sequence

from monitor.domain.recovery.audit import Sealed, flaws
from monitor.ports.recovery import Journal

PAGE = 500
"""Entries that are read at once: a page takes a few milliseconds."""
MOST_FLAWS = 100
"""Flaws that are told: a chain that is broken so often is broken."""


async def flaws_of_chain(
    journal: Journal, heads: Iterable[Sealed | None]
) -> Sequence[str]:
    """Return what is wrong with the whole audit, none when it is whole.

    `heads` are entries that somebody has seen and that must still be there.
    Raises `CannotStore`.
    """
    sought = [head for head in heads if head is not None]
    found: list[str] = []
    kept: set[tuple[int, str]] = set()
    places = {head.sequence for head in sought}
    last: Sealed | None = None
    while page := await _page(journal, last):
        found += _flaws_after(last, page)
        last = page[-1]
        kept |= {(o.sequence, o.hash) for o in page if o.sequence in places}
    for head in sought:
        if (head.sequence, head.hash) not in kept:
            found += flaws((), head)
    return tuple(dict.fromkeys(found))[:MOST_FLAWS]


async def _page(journal: Journal, last: Sealed | None) -> Sequence[Sealed]:
    after = last.sequence if last else 0
    page = await journal.audit(after=after, limit=PAGE)
    return [one for one in page if one.sequence > after]


def _flaws_after(last: Sealed | None, page: Sequence[Sealed]) -> list[str]:
    """Return the flaws of a page that follows an entry.

    What is wrong with that entry on its own was told with its own page.
    """
    if last is None:
        return list(flaws(page, None))
    own = len(list(flaws((last,), None)))
    return list(flaws((last, *page), None))[own:]
