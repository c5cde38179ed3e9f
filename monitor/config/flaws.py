"""What is wrong with a file, one line a flaw."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from monitor.config.values.refusal import Loc
from monitor.domain.errors import ConfigurationError

_MOST = 100
"""More flaws than this are counted, not listed."""

_PLAIN = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_LONGEST_VALUE = 60
_CREDENTIALS = re.compile(r"(?<=//).*@")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """One flaw. `line` starts at 1; 0 where there is no line to name.

    `file` names a list of `targets_from`, empty for the configuration.
    """

    line: int
    path: Loc
    what: str
    hint: str
    file: str = ""


class Flawed(ConfigurationError):
    """Several flaws; `files` names the lists they are in, "" for our own."""

    def __init__(self, text: str, files: frozenset[str]) -> None:
        super().__init__(text)
        self.files = files


def error(source: str, flaws: Iterable[Flaw]) -> Flawed:
    """Return one error that lists them all, top of the file first.

    A flaw that several targets inherit from `defaults` is listed once.
    """
    ordered = sorted(
        dict.fromkeys(flaws), key=lambda flaw: (flaw.file, flaw.line)
    )
    lines = [_line(source, flaw) for flaw in ordered[:_MOST]]
    if len(ordered) > _MOST:
        left = len(ordered) - _MOST
        lines.append(f"cannot use {source}: {left} more like these")
    files = frozenset(flaw.file for flaw in ordered)
    return Flawed("\n".join(lines), files)


def dotted(path: Loc) -> str:
    """Return `targets[0].url`; keys that are no words are quoted."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            word = step if _PLAIN.fullmatch(step) else quoted(step)
            text += f".{word}" if text else word
    return text


def quoted(text: str) -> str:
    """Return a text from the file, short and without credentials."""
    text = _CREDENTIALS.sub("***@", text[: 4 * _LONGEST_VALUE])
    if len(text) > _LONGEST_VALUE:
        text = text[:_LONGEST_VALUE] + "…"
    return f"'{text}'"


def shown(text: str) -> str:
    """Return the text on one line, control characters escaped."""
    return "".join(
        sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text
    )


def _line(source: str, flaw: Flaw) -> str:
    name = flaw.file or source
    where = f"{name}:{flaw.line}" if flaw.line else name
    path = f" {dotted(flaw.path)}:" if flaw.path else ""
    return shown(f"cannot use {where}:{path} {flaw.what}; {flaw.hint}")
