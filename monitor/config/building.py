"""From the merged tree to settings, or to all that is wrong with them."""

from collections.abc import Iterator

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from monitor.config.document import Entry
from monitor.config.flaws import Flaw, quoted
from monitor.config.outline import Place, place
from monitor.config.sections.settings import Settings
from monitor.config.sentences import Complaint, sentence
from monitor.config.values.file import Source
from monitor.config.values.refusal import Loc, Refusal, Refused

_OF_THE_WHOLE = ("missing", "union_tag_not_found")
"""What a part of a configuration may well lack."""

_LONGEST_NUMBER = 40
"""Digits of one that are shown."""

_ABOUT_OPERATION = ("union_tag_invalid", "union_tag_not_found")


def build(
    document: Entry, source: Source
) -> tuple[Settings | None, list[Flaw]]:
    """Return the settings, or None and every flaw that pydantic finds."""
    try:
        settings = Settings.model_validate(document.plain(), context=source)
    except ValidationError as error:
        return None, list(_flaws(document, error))
    return settings, []


def flaws_within(document: Entry, source: Source) -> Iterator[Flaw]:
    """Yield what is wrong with each value that is there.

    For a part of a configuration such as `defaults`: what is missing and
    what contradicts another setting is for the whole to say.
    """
    try:
        Settings.model_validate(document.plain(), context=source)
    except ValidationError as error:
        yield from _flaws(document, error, alone=True)


def _flaws(
    document: Entry, error: ValidationError, *, alone: bool = False
) -> Iterator[Flaw]:
    for detail in error.errors(include_url=False):
        at = place(detail["loc"])
        refused = detail.get("ctx", {}).get("error")
        if isinstance(refused, Refused):
            for refusal in refused.refusals:
                if not (alone and len(refusal.at) > 1):
                    yield from refusal_flaw(document, at.path, refusal)
        elif not (alone and detail["type"] in _OF_THE_WHOLE):
            yield from _complaint(document, detail, at)


def _complaint(
    document: Entry, detail: ErrorDetails, at: Place
) -> Iterator[Flaw]:
    if _follows_from_another(detail):
        return
    what, hint = sentence(
        Complaint(
            kind=detail["type"],
            said=detail["msg"],
            context=detail.get("ctx", {}),
            place=at,
            value=detail["input"],
        )
    )
    path = at.path
    if detail["type"] in _ABOUT_OPERATION:
        path = (*path, "operation")
    refusal = Refusal(what=what, hint=hint)
    yield from refusal_flaw(document, path, refusal)


def _follows_from_another(detail: ErrorDetails) -> bool:
    """Whether another error was reported that this one rests on.

    Pydantic calls a list too short when its items were refused.
    """
    if detail["type"] == "too_short":
        return bool(detail["input"])
    return detail["type"] == "default_factory_not_called"


def refusal_flaw(
    document: Entry, path: Loc, refusal: Refusal
) -> Iterator[Flaw]:
    """Yield the flaw of a refusal, unless its place was reported before."""
    entry, rest = _blamed(document, path, refusal)
    if entry.broken:
        return
    value = _shown(entry, refusal, there=not rest)
    yield Flaw(
        line=entry.line,
        path=entry.path + rest,
        what=refusal.what.replace("{value}", value),
        hint=refusal.hint.replace("{value}", value),
        file=entry.file,
    )


def _blamed(document: Entry, path: Loc, refusal: Refusal) -> tuple[Entry, Loc]:
    """Return the place to name: set here, else set in defaults, else none."""
    ways = [document.nearest(path + at) for at in refusal.at or ((),)]
    there = [way for way in ways if not way[1]]
    own = [way for way in there if way[0].path[:1] != ("defaults",)]
    return (own or there or ways)[0]


def _shown(entry: Entry, refusal: Refusal, *, there: bool) -> str:
    if entry.secret:
        return quoted(entry.written)
    if refusal.shown is not None or not there:
        return refusal.shown or "the default"
    match entry.value:
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case str():
            return quoted(entry.written)
        case _:
            return entry.written[:_LONGEST_NUMBER]
