"""The configuration in force: its file, and the lists that it follows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from monitor.config import (
    Flawed,
    Found,
    Listed,
    Settings,
    Written,
    list_files,
    load,
    load_written,
    read_file,
    read_groups,
)

_MOST_TRIED = 20
"""Changed lists that are tried one by one for who contradicts the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Settings that can be used, and which lists could not.

    `problems` has a line for each; what such a list said before still
    counts. `notes` are worth telling and no fault. `good` is what to keep
    when these settings are in force.
    """

    settings: Settings
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    good: Mapping[str, tuple[Listed, ...]] = field(default_factory=dict)


class Configuration:
    """Reads the file and its lists, and remembers the last good ones.

    Without a file there is one target, that of `FACEFUSION_URL`.
    """

    def __init__(
        self, path: Path | None, environ: Mapping[str, str], cwd: Path
    ) -> None:
        self._path = path
        self._environ = environ
        self._cwd = cwd
        self._good: Mapping[str, tuple[Listed, ...]] = {}
        self._parsed: tuple[Written, Settings] | None = None

    def base(self) -> Settings:
        """Return the file's own settings, without any list.

        Raises `ConfigurationError`.
        """
        return load(self._path, self._environ, self._cwd)

    def read(self) -> Written | None:
        """Return the file as it is now. Raises `ConfigurationError`."""
        return read_file(self._path, self._cwd)

    def sources(self, written: Written | None) -> list[Found]:
        """Return what wildcards stand for now, and which URLs to ask.

        Those come without lists. Raises `ConfigurationError`.
        """
        if written is None:
            return []
        base = self._own(written)
        asked = [
            Found(source=inventory.http)
            for inventory in base.targets_from
            if inventory.http is not None
        ]
        return [*list_files(base, written.directory), *asked]

    def _own(self, written: Written) -> Settings:
        """Return a file's own settings; parsed once, asked twice a minute."""
        if self._parsed is None or self._parsed[0] is not written:
            self._parsed = written, load_written(written, self._environ)
        return self._parsed[1]

    def load(self, written: Written | None, found: Iterable[Found]) -> Loaded:
        """Return settings with what the lists say, nothing changed yet.

        A list that cannot be used counts as it last was; one that never
        was good is left out. Raises `ConfigurationError` for the file.
        """
        if written is None:
            return Loaded(settings=load(None, self._environ, self._cwd))
        chosen = _once_each(map(self._choose, found))
        problems = [why for one in chosen for why in one.problems.values()]
        while True:  # each round gives up at least one list
            try:
                settings = self._with(written, chosen)
            except Flawed as error:
                given_up = self._to_give_up(written, chosen, error)
                problems += _lines_about(error, given_up)
                chosen = [self._without(given_up, one) for one in chosen]
            else:
                known, lost = _known_hosts_only(settings)
                return Loaded(
                    settings=known,
                    problems=tuple(dict.fromkeys([*problems, *lost])),
                    notes=tuple(self._empty(chosen)),
                    good={one.source: one.lists for one in chosen},
                )

    def keep(self, loaded: Loaded) -> None:
        """Remember the lists of settings that are in force now."""
        self._good = loaded.good

    def _with(self, written: Written, chosen: Iterable[Found]) -> Settings:
        lists = [listed for one in chosen for listed in one.lists]
        return load_written(written, self._environ, lists)

    def _to_give_up(
        self, written: Written, chosen: Sequence[Found], error: Flawed
    ) -> frozenset[str]:
        """Return which lists to blame. Raises when it is none of them.

        A list that is as it was when all was well is not to blame for a
        contradiction: what is new is.
        """
        changed = {
            listed.name
            for one in chosen
            for listed in one.lists
            if self._last(one.source).get(listed.name) != listed
        }
        if named := error.files & changed:
            return named
        if not changed or "" in error.files:
            raise error
        for name in sorted(changed)[:_MOST_TRIED]:
            alone = frozenset({name})
            try:
                self._with(written, [self._without(alone, o) for o in chosen])
            except Flawed:
                continue
            return alone
        return frozenset(changed)

    def _empty(self, chosen: Iterable[Found]) -> Iterator[str]:
        """Yield a note for each new list that names nothing."""
        for one in chosen:
            last = self._last(one.source)
            for listed in one.lists:
                if listed.name not in last and is_empty(listed):
                    yield f"{listed.name} names no host and no target"

    def _last(self, source: str) -> dict[str, Listed]:
        return {one.name: one for one in self._good.get(source, ())}

    def _choose(self, found: Found) -> Found:
        """Return what counts of a source: its lists, or what they said."""
        last = self._last(found.source)
        if not found.lists:
            return _instead(found, last.values())
        problems = dict(found.problems)
        lists: dict[str, Listed] = {
            name: last[name] for name in problems if name in last
        }
        for listed in found.lists:
            held = last.get(listed.name)
            if held and says_something(held) and is_empty(listed):
                problems[listed.name] = _emptied(listed.name)
                lists[listed.name] = held
            else:
                lists[listed.name] = listed
        return Found(
            source=found.source,
            lists=tuple(lists.values()),
            problems=problems,
        )

    def _without(self, bad: frozenset[str], found: Found) -> Found:
        """Return a source with its bad lists as they were, or left out."""
        last = self._last(found.source)
        lists: list[Listed] = []
        for listed in found.lists:
            if listed.name not in bad:
                lists.append(listed)
            elif (held := last.get(listed.name)) and held != listed:
                lists.append(held)
        return _instead(found, lists)


def _once_each(found: Iterable[Found]) -> list[Found]:
    """Return the sources, a list that two of them name only once."""
    seen: set[str] = set()
    once = []
    for one in found:
        fresh = [listed for listed in one.lists if listed.name not in seen]
        seen |= {listed.name for listed in fresh}
        once.append(_instead(one, fresh))
    return once


def _lines_about(error: Flawed, given_up: frozenset[str]) -> list[str]:
    """Return what is wrong, naming the lists that are given up for it."""
    innocent = [
        f"cannot use {name} as it is now: it contradicts what was there before"
        for name in sorted(given_up - error.files)
    ]
    return [*innocent, *str(error).splitlines()]


def _known_hosts_only(settings: Settings) -> tuple[Settings, list[str]]:
    """Return settings whose targets are on configured hosts or on none.

    A list may name a host that another list brings, and that one may not
    have been read yet. Such a target is watched as far as it can be.
    """
    hosts = {host.name for host in settings.hosts}
    targets, problems = [], []
    for target in settings.targets:
        if target.host is None or target.host in hosts:
            targets.append(target)
            continue
        problems.append(
            f"cannot use the host of {target.name}: none is called"
            f" {target.host}; add it to hosts. Until then {target.name} runs"
            " no canaries"
        )
        away = {"host": None, "canaries": ()}
        targets.append(target.model_copy(update=away))
    if not problems:
        return settings, []
    return settings.model_copy(update={"targets": tuple(targets)}), problems


def is_empty(listed: Listed) -> bool:
    """Return whether a list is fine and names nothing at all."""
    found, flaws = read_groups(listed)
    return not flaws and not any(found.values())


def says_something(listed: Listed) -> bool:
    """Return whether a list names a host or a target."""
    return any(read_groups(listed)[0].values())


def _instead(found: Found, lists: Iterable[Listed]) -> Found:
    kept: Sequence[Listed] = tuple(lists)
    return Found(
        source=found.source, lists=tuple(kept), problems=found.problems
    )


def _emptied(name: str) -> str:
    return (
        f"cannot use {name}: it names nothing any more, which looks like an"
        " accident; what it said before still counts. Take its entry out of"
        " targets_from if nothing is what is meant"
    )
