"""What only the whole file can tell; pydantic sees one section at a time.

The checks read the tree and not the settings, so that they also speak when
another part of the file is wrong.
"""

from collections.abc import Iterator

from monitor.config.building import refusal_flaw
from monitor.config.document import Entry
from monitor.config.flaws import Flaw
from monitor.config.neighbours import shared_directories
from monitor.config.sentences import near
from monitor.config.values.address import parse_endpoint
from monitor.config.values.refusal import Loc, Refusal, Refused


def cross_check(document: Entry) -> Iterator[Flaw]:
    """Yield what contradicts something elsewhere in the file."""
    yield from _repeated_names(document, "hosts")
    yield from _repeated_names(document, "targets")
    yield from _unknown_hosts(document)
    yield from _nothing_to_watch(document)
    yield from _open_to_strangers(document)
    yield from shared_directories(document)


def _repeated_names(document: Entry, kind: str) -> Iterator[Flaw]:
    seen: dict[object, int] = {}
    for index, name in _texts(document, kind, "name"):
        first = seen.setdefault(name.value, index)
        if first != index:
            yield from _flaw(
                document,
                (kind, index, "name"),
                f"{{value}} is the name of {kind}[{first}] too",
                f"names of {kind} are unique",
            )


def _unknown_hosts(document: Entry) -> Iterator[Flaw]:
    """Yield hosts that nobody configured.

    Lists of targets_from may bring hosts, so then we cannot tell yet.
    """
    if document.nearest(("targets_from", 0))[1] == ():
        return
    hosts = [name for _, name in _texts(document, "hosts", "name")]
    known = {name.value for name in hosts}
    words = [str(name.value) for name in hosts if not name.secret]
    for index, host in _texts(document, "targets", "host"):
        if host.value in known:
            continue
        meant = near(host.value, words)
        yield from _flaw(
            document,
            ("targets", index, "host"),
            "no entry of hosts has the name {value}",
            f"did you mean {meant}?" if meant else "add it to hosts",
        )


def _nothing_to_watch(document: Entry) -> Iterator[Flaw]:
    for kind in ("targets", "targets_from"):
        entry, rest = document.nearest((kind,))
        if not rest and (next(entry.items(), None) or entry.broken):
            return
        if not rest and not isinstance(entry.value, list | None):
            return  # reported as no list
    yield from _flaw(
        document,
        ("targets",),
        "there is nothing to watch",
        "write targets: [{name: studio, url: http://192.168.1.10:9002}]",
    )


def _open_to_strangers(document: Entry) -> Iterator[Flaw]:
    listen, rest = document.nearest(("server", "listen"))
    tokens, none = document.nearest(("access", "tokens"))
    if rest or (not none and next(tokens.items(), None)):
        return
    try:
        endpoint = parse_endpoint(listen.value, lowest_port=0)
    except Refused:
        return
    if not endpoint.is_loopback:
        yield from _flaw(
            document,
            ("server", "listen"),
            "{value} is open to other machines, but there are no tokens",
            "add access.tokens or listen on 127.0.0.1",
        )


def _texts(
    document: Entry, kind: str, key: str
) -> Iterator[tuple[int, Entry]]:
    entry, rest = document.nearest((kind,))
    if rest or not isinstance(entry.value, list):
        return
    for index, item in enumerate(entry.value):
        child = item.child(key)
        if child and isinstance(child.value, str):
            yield index, child


def _flaw(document: Entry, path: Loc, what: str, hint: str) -> Iterator[Flaw]:
    yield from refusal_flaw(document, path, Refusal(what=what, hint=hint))
