"""The files that `targets_from` names: wildcards become lists."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from monitor.config.finding import read
from monitor.config.flaws import shown
from monitor.config.listed import Listed
from monitor.config.sections.settings import Settings
from monitor.domain.errors import ConfigurationError

MOST_FILES = 1000
"""Files that one wildcard may stand for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one entry of `targets_from` came to.

    `source` is the entry's wildcard or address. `problems` says by the name
    of the list why it cannot be read; by the source when none was found.
    """

    source: str
    lists: tuple[Listed, ...] = ()
    problems: dict[str, str] = field(default_factory=dict)


def list_files(settings: Settings, directory: Path) -> Iterator[Found]:
    """Yield what each wildcard stands for now.

    `directory` is that of the configuration; wildcards start there.
    """
    for inventory in settings.targets_from:
        if inventory.file is not None:
            yield _matching(inventory.file, directory)


def _matching(pattern: str, directory: Path) -> Found:
    try:
        files = sorted(_glob(pattern, directory))
    except (OSError, ValueError) as error:  # ValueError: "a**b", a NUL
        return _nothing(
            pattern, f"{error}; write a path, with * and ? as wildcards"
        )
    if len(files) > MOST_FILES:
        return _nothing(
            pattern,
            f"it stands for {len(files)} files; {MOST_FILES} at most",
        )
    if not files:
        return _nothing(pattern, f"no such file in {directory}; put one there")
    lists, problems = [], {}
    for file in files:
        name = shown(str(file))
        try:
            lists.append(Listed(name=name, data=read(file, directory)))
        except ConfigurationError as error:
            problems[name] = str(error)
    return Found(source=pattern, lists=tuple(lists), problems=problems)


def _nothing(pattern: str, why: str) -> Found:
    because = f"cannot use targets_from {shown(pattern)}: {why}"
    return Found(source=pattern, problems={pattern: because})


def _glob(pattern: str, directory: Path) -> list[Path]:
    path = Path(pattern)
    if path.is_absolute():
        found = Path(path.anchor).glob(str(path.relative_to(path.anchor)))
    else:
        found = directory.glob(pattern)
    # A link to nowhere is told when it is read; a pipe would block for ever.
    return [file for file in found if file.is_file() or not file.exists()]
