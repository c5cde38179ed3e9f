"""Servers on one host that nobody could tell apart by their directories.

A process is FaceFusion's of a target by where its script lies: below the
directory of a bare server nothing else may run, nor it below another's.
"""

from collections.abc import Iterator
from itertools import combinations
from pathlib import PurePosixPath
from typing import NamedTuple

from monitor.config.building import refusal_flaw
from monitor.config.document import Entry
from monitor.config.flaws import Flaw
from monitor.config.sections.service import Service
from monitor.config.values.path import parse_directory
from monitor.config.values.refusal import Refusal, Refused

_BARE, _IN_CONTAINER = "process", "docker"


class _Home(NamedTuple):
    """Where a target's server runs; `place` is its place in the file."""

    place: int
    host: object
    manager: object
    directory: PurePosixPath


def shared_directories(document: Entry) -> Iterator[Flaw]:
    """Yield bare servers in or around the directory of another."""
    by_host: dict[object, list[_Home]] = {}
    for home in _homes(document):
        by_host.setdefault(home.host, []).append(home)
    for homes in by_host.values():
        for one, other in combinations(homes, 2):
            if _are_mixed_up(one, other):
                yield from refusal_flaw(
                    document,
                    ("targets", other.place, "service", "directory"),
                    Refusal(
                        what=f"{{value}} and that of targets[{one.place}] lie"
                        " in one another on the same host, and only by its"
                        " directory is a bare server known",
                        hint="give each server a directory of its own",
                    ),
                )


def _are_mixed_up(one: _Home, other: _Home) -> bool:
    managers = {one.manager, other.manager}
    if _BARE not in managers or _IN_CONTAINER in managers:
        return False
    return one.directory.is_relative_to(
        other.directory
    ) or other.directory.is_relative_to(one.directory)


def _homes(document: Entry) -> Iterator[_Home]:
    """Yield those that can be read; what cannot is reported elsewhere."""
    targets = document.child("targets")
    for index, target in targets.items() if targets else ():
        host, service = target.child("host"), target.child("service")
        if host is None or service is None or not isinstance(index, int):
            continue
        if not isinstance(service.value, dict) or host.value is None:
            continue
        found = {**_defaults(), **_texts(service)}
        try:
            directory = parse_directory(found["directory"])
        except Refused:
            continue
        path = PurePosixPath(str(directory))
        yield _Home(index, str(host.value), found["manager"], path)


def _defaults() -> dict[str, str]:
    keys = ("manager", "directory")
    return {key: str(Service.model_fields[key].default) for key in keys}


def _texts(service: Entry) -> dict[str, str]:
    return {
        str(key): entry.value
        for key, entry in service.items()
        if isinstance(entry.value, str)
    }
