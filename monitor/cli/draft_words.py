"""Words of others in a configuration file that we write.

What a server or a host said goes into comments only, as printable lines.
What was typed goes into values, quoted so that it stays one.
"""

import textwrap
from collections.abc import Iterable, Iterator

import yaml

from monitor.domain.quote import quote

_WIDTH = 79
_LONGEST = 400
"""Characters of one sentence in a comment."""


def value(text: str) -> str:
    """Return a YAML scalar that is this text and nothing else.

    `${NAME}` would be replaced from the environment, so `$` is doubled.
    """
    written: str = yaml.safe_dump(
        text.replace("$", "$$"), default_style='"', width=10**9
    )
    return written.rstrip("\n")


def comment(text: str, indent: str = "") -> list[str]:
    """Return a text as comment lines, with nothing but printable words."""
    return _folded(text, f"{indent}# ", f"{indent}# ")


def point(text: str) -> list[str]:
    """Return one thing that was seen, as an item of a comment."""
    return _folded(text, "# - ", "#   ")


def switched_off(lines: Iterable[str]) -> Iterator[str]:
    """Yield settings as comments; without their first # they count."""
    for line in lines:
        bare = line.lstrip(" ")
        yield f"{line[: len(line) - len(bare)]}#{bare}"


def _folded(text: str, first: str, others: str) -> list[str]:
    return textwrap.wrap(
        quote(text, _LONGEST),
        _WIDTH,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )
