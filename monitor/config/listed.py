"""Lists of `targets_from`: groups of targets, laid beside our own.

The shape is that of Prometheus' file_sd and http_sd, a list of groups with
`targets` and `labels`. A target is an address as there, or a mapping as
under `targets`; a group may bring `hosts`, too.
"""

import contextlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from monitor.config.document import Entry
from monitor.config.flaws import Flaw
from monitor.config.yaml_nodes import Unusable
from monitor.config.yaml_tree import parse_items

_KEYS = ("targets", "hosts", "labels")
_SETTINGS = {"target": "name", "host": "host", "dialect": "dialect"}
"""Labels that are settings: facefusion_target_info has them from there."""
_LONGEST_NAME = 63
_NO_NAME = re.compile(r"[^a-z0-9._-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What one list says; `name` is its file or address, for messages."""

    name: str
    data: bytes = field(repr=False)


def with_lists(
    document: Entry, lists: Iterable[Listed]
) -> tuple[Entry, list[Flaw]]:
    """Return the document with the lists' hosts and targets, and flaws."""
    if not isinstance(document.value, dict):
        return document, []
    flaws: list[Flaw] = []
    below = dict(document.value)
    for one in lists:
        found, more = read_groups(one)
        flaws += more
        for key, items in found.items():
            below[key] = _joined(below.get(key), items)
    return document.with_value(below), flaws


def read_groups(
    listed: Listed,
) -> tuple[dict[str, list[Entry]], list[Flaw]]:
    """Return the hosts and targets that a list names, and its flaws."""
    found: dict[str, list[Entry]] = {"hosts": [], "targets": []}
    try:
        groups, flaws = _groups(listed)
    except Unusable as unusable:
        return found, [replace(unusable.flaw, file=listed.name)]
    for group in groups:
        flaws += _flaws_of(group)
        found["hosts"] += _items(group, "hosts")
        found["targets"] += [
            _target(target, group) for target in _items(group, "targets")
        ]
    return found, flaws


def _groups(listed: Listed) -> tuple[list[Entry], list[Flaw]]:
    """Return the groups of a list in YAML or JSON. Raises `Unusable`.

    YAML is nearly all of JSON. What it lacks (tabs, some escapes) is
    written otherwise, the tabs so that every line stays where it is.
    """
    try:
        return parse_items(listed.data, listed.name)
    except Unusable as unusable:
        for anew in _as_yaml(listed.data):
            with contextlib.suppress(Unusable):
                return parse_items(anew, listed.name)
        raise unusable from None


def _as_yaml(data: bytes) -> Iterator[bytes]:
    """Yield other ways to write JSON; nothing when it is none."""
    try:
        plain = json.loads(data)
    except (ValueError, RecursionError):
        return
    yield data.replace(b"\t", b" ")  # JSON has none within its texts
    yield json.dumps(plain).encode()


def _joined(own: Entry | None, items: list[Entry]) -> Entry:
    if own is None or own.value is None:
        return Entry(value=list(items))
    if not isinstance(own.value, list):
        return own  # reported as no list
    return own.with_value([*own.value, *items])


def _items(group: Entry, key: str) -> list[Entry]:
    entry = group.child(key)
    if entry is None or not isinstance(entry.value, list):
        return []
    return entry.value


def _flaws_of(group: Entry) -> Iterator[Flaw]:
    if not isinstance(group.value, dict):
        yield _flaw(group, "a group is no mapping", "write - targets: [...]")
        return
    for key, entry in group.value.items():
        if key not in _KEYS:
            yield _flaw(entry, "no such key", f"use {', '.join(_KEYS)}")
        elif key == "labels" and not isinstance(entry.value, dict | None):
            yield _flaw(entry, "is no mapping", "write labels: {site: studio}")
        elif key != "labels" and not isinstance(entry.value, list):
            yield _flaw(entry, "is no list", f"write {key}: [...]")


def _target(target: Entry, group: Entry) -> Entry:
    """Return a target of a group as it would stand under `targets`."""
    labels, settings = _labels(group)
    if isinstance(target.value, dict):
        own = target.value
        beneath = replace(target, value=labels)
        if (mine := own.get("labels")) is not None:
            if not isinstance(mine.value, dict):
                return target  # reported as no mapping
            beneath = mine.with_value({**labels, **mine.value})
        merged = {**settings, **own}
        if beneath.value:
            merged["labels"] = beneath
        return target.with_value(merged)
    if not isinstance(target.value, str):
        return target  # reported as no mapping
    url = target.value
    url = url if "://" in url else f"http://{url}"
    made: dict[str, Entry] = {
        "name": replace(target, value=_name(url), written=_name(url)),
        "url": replace(target, value=url, written=url),
        **settings,
    }
    if labels:
        made["labels"] = replace(target, value=labels)
    return replace(target, value=made)


def _labels(group: Entry) -> tuple[dict[str, Entry], dict[str, Entry]]:
    """Return a group's labels, and the settings that are among them.

    Those that begin with __ are Prometheus' own and dropped, as it does.
    """
    entry = group.child("labels")
    if entry is None or not isinstance(entry.value, dict):
        return {}, {}
    labels = {
        key: label
        for key, label in entry.value.items()
        if key not in _SETTINGS and not key.startswith("__")
    }
    settings = {
        setting: entry.value[label]
        for label, setting in _SETTINGS.items()
        if label in entry.value
    }
    return labels, settings


def _name(url: str) -> str:
    """Return `192.168.1.10-9002` for an address that has no name."""
    try:
        place = urlsplit(url).netloc or url
    except ValueError:
        place = url
    name = _NO_NAME.sub("-", place.lower()).strip("._-")
    return name[:_LONGEST_NAME] or "unnamed"


def _flaw(entry: Entry, what: str, hint: str) -> Flaw:
    return Flaw(
        line=entry.line,
        path=entry.path,
        what=what,
        hint=hint,
        file=entry.file,
    )
