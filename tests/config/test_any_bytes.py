"""Whatever is in the file: settings or one error, never a traceback."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.config import load, schema, show
from monitor.domain.errors import ConfigurationError

IN_A_FOLDER = settings(
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
    ],
    deadline=None,
)
WORDS = sorted(
    {
        "targets",
        "defaults",
        "hosts",
        "<<",
        "${A}",
        "off",
        *schema()["properties"]["defaults"]["properties"],
        *schema()["$defs"]["EnhanceCanary"]["properties"],
        *schema()["$defs"]["Ssh"]["properties"],
        *schema()["properties"],
    }
)
PIECES = [
    *("- ", "  ", "\n", ": ", "{", "}", "[", "]", "'", '"', "&a ", "*a"),
    *("!!set ", "!x ", "|\n", "? ", "%", "\t", "${", "$$", "#", "\\U", "~"),
    *("30s", "1e999", "0x", "1:30", "2024-01-01", ".nan", "http://a", "é"),
]


def _ends_well(folder: Path, data: bytes) -> None:
    (folder / "a.yml").write_bytes(data)
    try:
        loaded = load(Path("a.yml"), {"A": "rest"}, folder)
    except ConfigurationError as error:
        lines = str(error).split("\n")
        assert all(line.startswith("cannot use a.yml") for line in lines)
        assert all(line.isprintable() for line in lines)
    else:
        yaml.safe_dump(show(loaded))


@IN_A_FOLDER
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path: Path, data: bytes) -> None:
    _ends_well(tmp_path, data)


@IN_A_FOLDER
@given(st.lists(st.sampled_from([*PIECES, *WORDS]), max_size=40))
def test_anything_like_yaml_is_read_or_refused(
    tmp_path: Path, pieces: list[str]
) -> None:
    _ends_well(tmp_path, "".join(pieces).encode())


@IN_A_FOLDER
@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(tmp_path: Path, text: str) -> None:
    _ends_well(tmp_path, text.encode("utf-8", "surrogatepass"))


def _trees() -> st.SearchStrategy[Any]:
    scalars = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=5)
        | st.sampled_from([*WORDS, "30s", "5%", "3/1h", "http://a", "all"])
    )
    return st.recursive(
        scalars,
        lambda below: (
            st.lists(below, max_size=4)
            | st.dictionaries(st.sampled_from(WORDS), below, max_size=6)
        ),
        max_leaves=25,
    )


TARGETS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            name: _trees() | st.sampled_from(node.get("examples", [None]))
            for name, node in schema()["$defs"]["Target"]["properties"].items()
        },
    ),
    max_size=3,
)
FILES = st.fixed_dictionaries(
    {"targets": TARGETS},
    optional={
        name: _trees() for name in schema()["properties"] if name != "targets"
    },
)


@settings(IN_A_FOLDER, max_examples=40)
@given(FILES)
def test_any_settings_are_read_or_refused(
    tmp_path: Path, tree: dict[str, Any]
) -> None:
    text = yaml.safe_dump(tree, allow_unicode=True)

    _ends_well(tmp_path, text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("tail", ["", "\n", "  ", "#", "\n...\n"])
def test_the_end_of_a_file_does_not_matter(tmp_path: Path, tail: str) -> None:
    text = "targets: [{name: a, url: 'http://a'}]"
    (tmp_path / "a.yml").write_text(
        f"{text}{' ' if tail == '#' else ''}{tail}"
    )

    assert load(Path("a.yml"), {}, tmp_path).targets[0].name == "a"
