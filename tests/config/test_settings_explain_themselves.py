"""The schema alone is enough to write the file."""

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic.fields import FieldInfo

from monitor.config import Settings, load, schema
from monitor.config.sections.section import Section
from monitor.config.values.duration import PATTERN


def _sections(of: object) -> Iterator[type[Section]]:
    if isinstance(of, type) and issubclass(of, Section):
        yield of
        for field in of.model_fields.values():
            yield from _sections(field.annotation)
    else:
        for part in get_args(of):
            yield from _sections(part)


SECTIONS = sorted(set(_sections(Settings)), key=lambda one: one.__name__)
FIELDS = [
    pytest.param(field, id=f"{section.__name__}.{name}")
    for section in SECTIONS
    for name, field in section.model_fields.items()
]


@pytest.mark.parametrize("field", FIELDS)
def test_a_setting_says_what_it_means_and_gives_an_example(
    field: FieldInfo,
) -> None:
    assert field.description
    assert field.description.endswith(".")
    assert field.examples


def test_all_sections_are_looked_at() -> None:
    names = {section.__name__ for section in SECTIONS}

    assert len(names) == 31
    assert {"Settings", "Jump", "SwapCanary", "Budgets", "Tls"} <= names


def test_durations_are_text_in_the_schema() -> None:
    interval = schema()["$defs"]["Status"]["properties"]["interval"]

    assert interval["type"] == "string"
    assert interval["pattern"] == PATTERN
    assert interval["default"] == "30s"


def test_an_unknown_key_is_against_the_schema() -> None:
    sections = [
        node for node in schema()["$defs"].values() if node["type"] == "object"
    ]

    assert len(sections) == 30
    assert all(node["additionalProperties"] is False for node in sections)


def test_bounds_are_in_the_schema() -> None:
    definitions = schema()["$defs"]

    assert definitions["Ssh"]["properties"]["port"]["maximum"] == 65535
    blend = definitions["EnhanceCanary"]["properties"]["blend"]
    assert (blend["minimum"], blend["maximum"]) == (0, 1)


def test_defaults_are_in_the_schema_and_need_nothing() -> None:
    defaults = schema()["properties"]["defaults"]

    assert "name" not in defaults["properties"]
    assert "required" not in defaults["properties"]["ssh"]
    assert "pattern" in defaults["properties"]["gpu"]["properties"]["interval"]
    kinds = [
        kind.get("type") for kind in defaults["properties"]["host"]["anyOf"]
    ]
    assert "object" in kinds


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_the_examples_of_the_schema_work(folder: Path, name: str) -> None:
    node = schema()["properties"][name]
    (example,) = node["examples"]
    document = {"targets": [{"name": "a", "url": "http://a"}], name: example}
    (folder / "a.yml").write_text(str(document))

    assert load(Path("a.yml"), {}, folder)
