"""`defaults:` is laid beneath every host and every target.

Mappings are merged deeply, everything else of the host or target replaces
what `defaults` says; null switches a default off.
"""

from collections.abc import Iterator

from monitor.config.document import Entry
from monitor.config.flaws import Flaw
from monitor.config.sections.hosts import Host
from monitor.config.sections.targets import Target
from monitor.config.sentences import near
from monitor.config.yaml_nodes import Unusable
from monitor.config.yaml_tree import MOST_ENTRIES

_HOST = frozenset(Host.model_fields)
_TARGET = frozenset(Target.model_fields)
_OWN = ("name",)


def merge_defaults(document: Entry) -> Entry:
    """Return the document with `defaults` spread and gone.

    Raises `Unusable` when the result would be too large.
    """
    if not isinstance(document.value, dict):
        return document
    below = dict(document.value)
    defaults = below.pop("defaults", None)
    if defaults is None:
        return document
    _bound(defaults, below)
    for key, beneath in (
        ("hosts", for_hosts(defaults)),
        ("targets", for_targets(defaults)),
    ):
        if key in below:
            below[key] = _spread(beneath, below[key])
    return document.with_value(below)


def for_hosts(defaults: Entry) -> Entry:
    """Return what of `defaults` is for hosts.

    `host` is a setting of both: a mapping says how hosts are watched, a text
    names the host of a target.
    """
    return _part(defaults, _HOST, mapping=True)


def for_targets(defaults: Entry) -> Entry:
    """Return what of `defaults` is for targets."""
    return _part(defaults, _TARGET, mapping=False)


def flaws_of_defaults(defaults: Entry) -> Iterator[Flaw]:
    """Yield what no host and no target could take."""
    if not isinstance(defaults.value, dict):
        if defaults.value is not None:
            yield _flaw(
                defaults, "is no mapping", "write status: {interval: 30s}"
            )
        return
    for key, entry in defaults.value.items():
        if key in _OWN:
            yield _flaw(
                entry, "each host and target has its own", "move it to them"
            )
        elif key not in _HOST | _TARGET:
            meant = near(key, sorted(_HOST | _TARGET))
            known = f"known here: {', '.join(sorted(_HOST | _TARGET))}"
            yield _flaw(
                entry,
                "no such setting",
                f"did you mean {meant}?" if meant else known,
            )


def _part(defaults: Entry, keys: frozenset[str], *, mapping: bool) -> Entry:
    if not isinstance(defaults.value, dict):
        return defaults.with_value({})
    return defaults.with_value(
        {
            key: entry
            for key, entry in defaults.value.items()
            if key in keys
            and key not in _OWN
            and (key != "host" or isinstance(entry.value, dict) == mapping)
        }
    )


def _spread(beneath: Entry, items: Entry) -> Entry:
    if not isinstance(items.value, list):
        return items
    return items.with_value([_merge(beneath, item) for item in items.value])


def _merge(beneath: Entry, own: Entry) -> Entry:
    if not isinstance(beneath.value, dict) or not isinstance(own.value, dict):
        return own
    merged = dict(beneath.value)
    for key, entry in own.value.items():
        below = merged.get(key)
        merged[key] = entry if below is None else _merge(below, entry)
    return own.with_value(merged)


def _bound(defaults: Entry, below: dict[str, Entry]) -> None:
    """Raise `Unusable` when merging would make the document huge."""
    items = sum(
        len(list(below[key].items()))
        for key in ("hosts", "targets")
        if key in below
    )
    if items * defaults.size() > 5 * MOST_ENTRIES:
        raise Unusable(
            line=defaults.line,
            what="defaults times hosts and targets is too much",
            hint="set less in defaults, or use targets_from",
        )


def _flaw(entry: Entry, what: str, hint: str) -> Flaw:
    return Flaw(line=entry.line, path=entry.path, what=what, hint=hint)
