"""From a file to settings, or to everything that is wrong with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from monitor.config.building import build, flaws_within
from monitor.config.crosschecks import cross_check
from monitor.config.defaults import (
    flaws_of_defaults,
    for_hosts,
    for_targets,
    merge_defaults,
)
from monitor.config.document import Entry
from monitor.config.environment import substitute
from monitor.config.finding import find, read
from monitor.config.flaws import Flaw, error, shown
from monitor.config.listed import Listed, with_lists
from monitor.config.sections.settings import Settings
from monitor.config.values.file import Source
from monitor.config.yaml_nodes import Unusable
from monitor.config.yaml_tree import parse

URL_VARIABLE = "FACEFUSION_URL"
DEFAULT_URL = "http://localhost:7870"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A configuration as it was read: its name, bytes and folder."""

    name: str
    data: bytes = field(repr=False)
    directory: Path


def load(path: Path | None, environ: Mapping[str, str], cwd: Path) -> Settings:
    """Return the settings of a file, or of `FACEFUSION_URL` without one.

    `path` None looks for the file where DESIGN §3.1 says. Nothing is read
    from `targets_from`. Raises `ConfigurationError` with one line a flaw,
    all flaws at once.
    """
    written = read_file(path, cwd)
    if written is None:
        return _of_environment(environ, cwd)
    return load_written(written, environ)


def read_file(path: Path | None, cwd: Path) -> Written | None:
    """Return the configuration that counts, None when there is no file.

    Raises `ConfigurationError` when it cannot be read.
    """
    file = find(path, cwd)
    if file is None:
        return None
    return Written(
        name=shown(str(file)),
        data=read(file, cwd),
        directory=(cwd / file).absolute().parent,
    )


def load_written(
    written: Written,
    environ: Mapping[str, str],
    lists: Iterable[Listed] = (),
) -> Settings:
    """Return the settings of a file and of the lists it follows.

    Raises `Flawed`.
    """
    try:
        document, flaws = parse(written.data)
        document, listed = with_lists(document, lists)
        settings, more = _settings(document, environ, written.directory)
    except Unusable as unusable:
        raise error(written.name, [unusable.flaw]) from None
    if flaws or listed or more or settings is None:
        raise error(written.name, [*flaws, *listed, *more])
    return settings


def _settings(
    written: Entry, environ: Mapping[str, str], directory: Path
) -> tuple[Settings | None, list[Flaw]]:
    document, flaws = substitute(written, environ)
    merged = merge_defaults(document)
    secret = (at for at, entry in merged.scalars() if entry.secret)
    source = Source(directory=directory, secret=frozenset(secret))
    flaws += _flaws_in_defaults(document, source)
    settings, more = build(merged, source)
    return settings, [*flaws, *more, *cross_check(merged)]


def _flaws_in_defaults(document: Entry, source: Source) -> list[Flaw]:
    """Return what is wrong there, even where nothing inherits it."""
    defaults = document.child("defaults")
    if defaults is None:
        return []
    alone = document.with_value(
        {
            "hosts": defaults.with_value([for_hosts(defaults)]),
            "targets": defaults.with_value([for_targets(defaults)]),
        }
    )
    return [*flaws_of_defaults(defaults), *flaws_within(alone, source)]


def _of_environment(environ: Mapping[str, str], cwd: Path) -> Settings:
    url = environ.get(URL_VARIABLE) or DEFAULT_URL
    target = Entry(
        value={
            "name": Entry(value="facefusion"),
            "url": Entry(value=url, written=url),
        }
    )
    targets = Entry(value=[target])
    settings, flaws = build(
        Entry(value={"targets": targets}), Source(directory=cwd)
    )
    if settings is None:
        raise error(URL_VARIABLE, flaws)
    return settings
