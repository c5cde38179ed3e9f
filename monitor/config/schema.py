"""The JSON Schema of the file, for editors and for the documentation."""

from copy import deepcopy
from typing import Any

from monitor.config.sections.settings import Settings

Node = dict[str, Any]


def schema() -> Node:
    """Return the schema of what one writes: durations are text in it."""
    whole = Settings.model_json_schema(by_alias=True)
    whole["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    whole["title"] = "facefusion-monitor.yml"
    whole["properties"]["defaults"] = _defaults(whole["$defs"])
    return whole


def _defaults(definitions: dict[str, Node]) -> Node:
    """Return the schema of `defaults`: nothing in it is required.

    `host` is a mapping for hosts and a name for targets.
    """
    host = _optional(definitions["Host"], definitions)["properties"]
    target = _optional(definitions["Target"], definitions)["properties"]
    either = {"anyOf": [host["host"], target["host"]]}
    properties = {**host, **target, "host": either}
    del properties["name"]
    return {
        "additionalProperties": False,
        "description": (
            "Any setting of hosts and targets, laid beneath each of them."
        ),
        "examples": [{"status": {"interval": "30s", "timeout": "5s"}}],
        "properties": properties,
        "title": "Defaults",
        "type": "object",
    }


def _optional(node: Node, definitions: dict[str, Node]) -> Node:
    """Return the section with nothing required, also not further down.

    Lists keep their items as they are, since lists are not merged.
    """
    done = deepcopy(node)
    done.pop("required", None)
    for name, child in done.get("properties", {}).items():
        done["properties"][name] = _loosened(child, definitions)
    return done


def _loosened(child: Node, definitions: dict[str, Node]) -> Node:
    if "$ref" in child:
        section = _optional(_definition(child, definitions), definitions)
        return {**section, **{k: v for k, v in child.items() if k != "$ref"}}
    if "anyOf" in child:
        kinds = [_loosened(kind, definitions) for kind in child["anyOf"]]
        return {**child, "anyOf": kinds}
    return child


def _definition(child: Node, definitions: dict[str, Node]) -> Node:
    return definitions[child["$ref"].rsplit("/", 1)[-1]]
