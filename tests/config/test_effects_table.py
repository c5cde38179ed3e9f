"""What was set and does nothing yet is said at start."""

from pathlib import Path

import pytest

from monitor.config import Settings, load, schema, without_effect
from monitor.config.effects import BATCH, EFFECTIVE, SERVICE


def _loaded(folder: Path, more: str = "", head: str = "") -> Settings:
    (folder / "a.yml").write_text(
        f"{head}\ntargets:\n  - name: a\n    url: http://a\n{more}"
    )
    return load(Path("a.yml"), {}, folder)


def _reaches(key: str) -> bool:
    """Whether the schema knows the setting."""
    whole = schema()
    node = whole
    for step in key.split("."):
        node = node["properties"].get(step, {})
        kinds = [node, node.get("items", {}), *node.get("anyOf", [])]
        reference = next((one["$ref"] for one in kinds if "$ref" in one), "")
        if reference:
            node = whole["$defs"][reference.rsplit("/", 1)[-1]]
    return bool(node)


@pytest.mark.parametrize("key", sorted(EFFECTIVE))
def test_the_table_names_settings_that_there_are(key: str) -> None:
    assert _reaches(key)


def test_defaults_are_not_reported(folder: Path) -> None:
    assert without_effect(_loaded(folder)) == []


@pytest.mark.parametrize(
    ("more", "keys"),
    [
        ("    dialect: rest\n", []),
        ("    dialect: gradio\n", ["targets.dialect: gradio"]),
        ("    labels: {a: b}\n", []),
        ("    service: {unit: a}\n", [SERVICE]),
        (
            "    status: {interval: 10s, busy_limit: 1h}\n",
            [],
        ),
        (
            (
                "    recovery: {allow: [free-gpu-memory, reboot],"
                " auto: [free-gpu-memory], budget: {reboot: 1/12h}}\n"
            ),
            [],
        ),
        ("state: {url: 'sqlite:///a.db'}\n", []),
        (
            "state: {url: 'postgresql+psycopg://a/b'}\n",
            ["state.url: postgresql"],
        ),
        (
            "    canaries: [{operation: batch}]\n",
            [BATCH],
        ),
        (
            "server: {tls: {cert_file: cert.pem, key_file: secrets/act}}\n",
            [],
        ),
    ],
)
def test_what_does_nothing_is_named_by_its_topmost_key(
    folder: Path, more: str, keys: list[str]
) -> None:
    assert without_effect(_loaded(folder, more)) == keys


def test_what_defaults_set_counts_as_set(folder: Path) -> None:
    settings = _loaded(folder, head="defaults: {dialect: gradio}")

    assert without_effect(settings) == ["targets.dialect: gradio"]


def test_a_key_is_named_once_however_many_targets_set_it(
    folder: Path,
) -> None:
    more = (
        "    dialect: auto\n"
        "  - {name: b, url: 'http://b', dialect: auto, service: {unit: a}}\n"
    )

    assert without_effect(_loaded(folder, more)) == [
        "targets.dialect: auto",
        SERVICE,
    ]
