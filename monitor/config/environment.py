"""`${NAME}` in any text is replaced from the environment."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from monitor.config.document import Entry
from monitor.config.flaws import Flaw

_PLACE = re.compile(
    r"\$\$|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)\}|(?P<odd>\$\{)"
)


def substitute(
    entry: Entry, environ: Mapping[str, str]
) -> tuple[Entry, list[Flaw]]:
    """Return the tree with every `${NAME}` replaced, and what is missing.

    What is replaced is secret from then on. `$$` is a literal `$`; what is
    put in is not looked at again. A list of `targets_from` is left as it
    is: who keeps it is not to read our environment.
    """
    flaws: list[Flaw] = []
    return _substitute(entry, environ, flaws), flaws


def _substitute(
    entry: Entry, environ: Mapping[str, str], flaws: list[Flaw]
) -> Entry:
    if isinstance(entry.value, dict):
        below = {
            key: _substitute(child, environ, flaws)
            for key, child in entry.value.items()
        }
        return entry.with_value(below)
    if isinstance(entry.value, list):
        return entry.with_value(
            [_substitute(child, environ, flaws) for child in entry.value]
        )
    if isinstance(entry.value, str) and "$" in entry.value and not entry.file:
        return _replaced(entry, entry.value, environ, flaws)
    return entry


def _replaced(
    entry: Entry, text: str, environ: Mapping[str, str], flaws: list[Flaw]
) -> Entry:
    places = list(_PLACE.finditer(text))
    wrong = [
        Flaw(
            line=entry.line,
            path=entry.path,
            what=what,
            hint=hint,
            file=entry.file,
        )
        for place in places
        for what, hint in _wrong(place, environ)
    ]
    flaws += wrong
    if wrong:
        return replace(entry, broken=True)
    value = _PLACE.sub(
        lambda place: environ[place["name"]] if place["name"] else "$", text
    )
    secret = any(place["name"] for place in places)
    return replace(entry, value=value, secret=secret)


def _wrong(
    place: re.Match[str], environ: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    name = place["name"]
    if place["odd"]:
        yield "${ is no variable", "write ${NAME}, or $$ for a dollar sign"
    elif name and name not in environ:
        yield (
            f"the environment variable {name} is not set",
            "set it, or write $$ for a dollar sign",
        )
    elif name and re.search("[\ud800-\udfff]", environ[name]):
        yield f"the environment variable {name} is not UTF-8", "set it to text"
