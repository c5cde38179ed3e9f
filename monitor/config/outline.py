"""What the schema says about a place in the file, for error messages."""

from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from monitor.config.sections.settings import Settings
from monitor.config.values.refusal import Loc

Node = dict[str, Any]

_OF_A_KEY = "[key]"
"""Pydantic's last step where not the value but its key is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place that pydantic names, as the file has it.

    `path` is without the tags that pydantic adds for each kind of canary.
    `parent` is the schema around the last step, `node` the schema there,
    empty where the schema knows nothing.
    """

    path: Loc
    parent: Node
    node: Node


def place(loc: Loc) -> Place:
    """Return where pydantic's `loc` is in the file and in the schema."""
    path: list[str | int] = []
    parent: Node = {}
    node = _resolved(_schema())
    for step in loc:
        mapping = node.get("discriminator", {}).get("mapping", {})
        if step == _OF_A_KEY:
            continue
        if step in mapping:
            node = _resolved({"$ref": mapping[step]})
        else:
            path.append(step)
            parent, node = node, _below(node, step)
    return Place(path=tuple(path), parent=parent, node=node)


def operations(node: Node) -> list[str]:
    """Return the tags of its kinds, in the order of the source."""
    mapping: dict[str, str] = node.get("discriminator", {}).get("mapping", {})
    order = [kind["$ref"] for kind in node.get("oneOf", [])]
    return sorted(mapping, key=lambda tag: order.index(mapping[tag]))


def known(node: Node) -> list[str]:
    """Return the settings that it has."""
    return list(node.get("properties", {}))


def example(at: Place) -> str:
    """Return a line for the file, empty where the schema has no example.

    The example of an item is the first one of its list.
    """
    *_, last = at.path or ("",)
    item = isinstance(last, int)
    examples = (at.parent if item else at.node).get("examples", [])
    if not examples:
        return ""
    if item:
        return f"- {written(examples[0][0])}"
    return f"{last}: {written(examples[0])}"


def written(value: object) -> str:
    """Return a value as one would write it in the file, on one line."""
    if isinstance(value, dict):
        parts = (f"{key}: {written(item)}" for key, item in value.items())
        return f"{{{', '.join(parts)}}}"
    if isinstance(value, list):
        return f"[{', '.join(written(item) for item in value)}]"
    return str(value)


@cache
def _schema() -> Node:
    return Settings.model_json_schema(by_alias=True)


def _below(node: Node, step: str | int) -> Node:
    if isinstance(step, int):
        return _resolved(node.get("items", {}))
    properties = node.get("properties", {})
    others = node.get("additionalProperties")
    below = properties.get(step, others if isinstance(others, dict) else {})
    return _resolved(below)


def _resolved(node: Node) -> Node:
    """Follow references, and of several kinds take the mapping.

    What the place itself says (its example) stays beside what it refers to.
    """
    if "$ref" in node:
        name = node["$ref"].rsplit("/", 1)[-1]
        return {**_resolved(_schema()["$defs"][name]), **node}
    kinds = [cast("Node", kind) for kind in node.get("anyOf", [])]
    for kind in kinds:
        if "$ref" in kind:
            return {**_resolved(kind), **node}
    return node
