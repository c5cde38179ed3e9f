"""From YAML's nodes to entries: plain values, each key once.

The values are made here and not by PyYAML, so that a file can neither make
objects nor grow in memory (a "billion laughs" of aliases).
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import yaml

from monitor.config.document import Entry, Scalar
from monitor.config.flaws import Flaw, quoted
from monitor.config.values.refusal import Loc
from monitor.config.yaml_nodes import DEEPEST, Unusable, compose, too_deep

MOST_ENTRIES = 100_000
"""Values in a file, those behind aliases counted each time."""

_TAG = "tag:yaml.org,2002:"
_LONGEST_NUMBER = 100
"""Characters; YAML's base 60 (1:30:00) takes quadratic time."""

_NESTS = (f"{_TAG}map", f"{_TAG}seq")
_PLAIN = ("null", "bool", "int", "float", "str", "timestamp")
_UNREADABLE = (
    ValueError,
    KeyError,
    IndexError,
    OverflowError,
    yaml.YAMLError,
)
_SCALARS = yaml.constructor.SafeConstructor()


def parse(data: bytes) -> tuple[Entry, list[Flaw]]:
    """Return the file's tree and its flaws; raises `Unusable`."""
    node = compose(data)
    if node is None:
        raise Unusable(
            line=1,
            what="the file is empty",
            hint="write targets: and a target below it",
        )
    if not isinstance(node, yaml.MappingNode):
        raise Unusable(
            line=_line(node),
            what="the file is no mapping",
            hint="begin with a setting, such as targets:",
        )
    tree = _Tree()
    return tree.build(node, (), _line(node)), tree.flaws


def parse_items(data: bytes, file: str) -> tuple[list[Entry], list[Flaw]]:
    """Return the items of a list and its flaws; raises `Unusable`."""
    node = compose(data)
    if node is None:
        return [], []
    if not isinstance(node, yaml.SequenceNode):
        raise Unusable(
            line=_line(node),
            what="it is no list",
            hint="begin with - targets: [...], as file_sd of Prometheus does",
        )
    tree = _Tree(file)
    root = tree.build(node, (), _line(node))
    return [item for _, item in root.items()], tree.flaws


class _Tree:
    """Builds entries, counts them, and collects the flaws."""

    def __init__(self, file: str = "") -> None:
        self._file = file
        self.flaws: list[Flaw] = []
        self._entries = 0
        self._depth = 0

    def build(self, node: yaml.Node, path: Loc, line: int) -> Entry:
        self._entries += 1
        self._depth += 1
        if self._entries > MOST_ENTRIES:
            raise Unusable(
                line=line,
                what=f"the file has more than {MOST_ENTRIES} values",
                hint="use fewer aliases, or targets_from",
            )
        if self._depth > DEEPEST:
            raise too_deep(line)
        entry = self._entry(node, path, line)
        self._depth -= 1
        return entry

    def _entry(self, node: yaml.Node, path: Loc, line: int) -> Entry:
        if not isinstance(node, yaml.ScalarNode) and node.tag not in _NESTS:
            return self._unreadable(node, "this", path, line)
        if isinstance(node, yaml.MappingNode):
            return self._at(self._below(node, path), line, path)
        if isinstance(node, yaml.SequenceNode):
            items = [
                self.build(item, (*path, index), _line(item))
                for index, item in enumerate(node.value)
            ]
            return self._at(items, line, path)
        return self._scalar(cast("yaml.ScalarNode", node), path, line)

    def _below(self, node: yaml.MappingNode, path: Loc) -> dict[str, Entry]:
        own: dict[str, Entry] = {}
        merged: dict[str, Entry] = {}
        for key, value in node.value:
            if key.tag == f"{_TAG}merge":
                for source in _merged(value):
                    below = self.build(source, path, _line(key)).value
                    merged = cast("dict[str, Entry]", below) | merged
            elif not _is_word(key):
                self._flaw(
                    _line(key),
                    path,
                    "a key here is no word",
                    "write key: value",
                )
            else:
                self._add(own, key, value, path)
        return merged | own

    def _add(
        self,
        own: dict[str, Entry],
        key: yaml.ScalarNode,
        value: yaml.Node,
        path: Loc,
    ) -> None:
        word, line = str(key.value), _line(key)
        if word not in own:
            own[word] = self.build(value, (*path, word), line)
            return
        self._flaw(
            line,
            (*path, word),
            f"is there twice, first on line {own[word].line}",
            "keep one of them",
        )

    def _scalar(self, node: yaml.ScalarNode, path: Loc, line: int) -> Entry:
        try:
            value = _value(node)
        except _UNREADABLE:
            return self._unreadable(node, quoted(node.value), path, line)
        return replace(self._at(value, line, path), written=node.value)

    def _unreadable(
        self, node: yaml.Node, value: str, path: Loc, line: int
    ) -> Entry:
        kind = quoted(node.tag.replace(_TAG, "!!"))
        self._flaw(
            line,
            path,
            f"{value} cannot be read as {kind}",
            "leave the tag out, or quote it if it is text",
        )
        return replace(self._at(None, line, path), broken=True)

    def _at(
        self,
        value: dict[str, Entry] | list[Entry] | Scalar,
        line: int,
        path: Loc,
    ) -> Entry:
        return Entry(value=value, line=line, path=path, file=self._file)

    def _flaw(self, line: int, path: Loc, what: str, hint: str) -> None:
        self.flaws.append(
            Flaw(line=line, path=path, what=what, hint=hint, file=self._file)
        )


def _value(node: yaml.ScalarNode) -> Scalar:
    kind = node.tag.removeprefix(_TAG)
    if kind not in _PLAIN:
        raise ValueError
    if kind == "null":
        return None
    if kind in ("int", "float") and len(node.value) > _LONGEST_NUMBER:
        raise ValueError
    if kind == "bool":
        return bool(_SCALARS.construct_yaml_bool(node))
    if kind == "int":
        return int(_SCALARS.construct_yaml_int(node))
    if kind == "float":
        return float(_SCALARS.construct_yaml_float(node))
    node.value.encode()  # a lone surrogate could never be shown again
    return str(node.value)  # a date is text to us


def _is_word(key: yaml.Node) -> bool:
    return isinstance(key, yaml.ScalarNode) and not re.search(
        "[\ud800-\udfff]", key.value
    )


def _merged(node: yaml.Node) -> Iterator[yaml.MappingNode]:
    """Yield what `<<` merges, the strongest first."""
    sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
    for source in sources:
        if not isinstance(source, yaml.MappingNode):
            raise Unusable(
                line=_line(source),
                what="<< merges something that is no mapping",
                hint="write <<: *ANCHOR",
            )
        yield source


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
