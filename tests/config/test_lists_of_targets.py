"""`targets_from`: what lists may say, and what they may not."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config import (
    Listed,
    Settings,
    list_files,
    load_written,
    read_file,
    read_groups,
)
from monitor.domain.errors import ConfigurationError

OWN = "targets: [{name: studio, url: http://10.0.0.1:9002}]\n"
FROM = "targets_from: [{file: 'fleet/*.yml'}]\n"


def loaded(
    folder: Path,
    *texts: str,
    own: str = OWN,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    (folder / "facefusion-monitor.yml").write_text(own + FROM)
    lists = [
        Listed(name=f"list-{index}.yml", data=text.encode())
        for index, text in enumerate(texts)
    ]
    written = read_file(None, folder)
    assert written is not None
    return load_written(written, environ or {}, lists)


def test_a_group_of_addresses_as_in_file_sd_becomes_targets(
    tmp_path: Path,
) -> None:
    settings = loaded(
        tmp_path,
        "- targets: ['10.0.0.2:9002', 'https://face.example/api']\n"
        "  labels: {site: attic, __meta_rack: '4'}\n",
    )

    names = [target.name for target in settings.targets]
    urls = [target.url for target in settings.targets]
    assert names == ["studio", "10.0.0.2-9002", "face.example"]
    assert urls[1:] == ["http://10.0.0.2:9002", "https://face.example/api"]
    assert settings.targets[1].labels == {"site": "attic"}


def test_http_sd_answers_are_read_with_tabs_and_escapes(
    tmp_path: Path,
) -> None:
    text = '[\n\t{"targets": ["http:\\/\\/10.0.0.2:9002"]}\n]'

    settings = loaded(tmp_path, text)

    assert settings.targets[1].url == "http://10.0.0.2:9002"


def test_labels_that_are_settings_set_them(tmp_path: Path) -> None:
    own = OWN.replace("targets", "hosts: []\ntargets", 1)

    settings = loaded(
        tmp_path,
        "- targets: ['10.0.0.2:9002']\n"
        "  labels: {target: attic, dialect: generic}\n",
        own=own,
    )

    assert settings.targets[1].name == "attic"
    assert settings.targets[1].dialect == "generic"
    assert settings.targets[1].labels == {}


def test_a_target_may_be_a_mapping_and_bring_its_host(
    tmp_path: Path,
) -> None:
    (tmp_path / "key").touch(0o600)
    (tmp_path / "known").touch()
    text = json.dumps(
        [
            {
                "targets": [
                    {
                        "name": "attic",
                        "url": "http://10.0.0.2:9002",
                        "host": "gpu2",
                        "labels": {"site": "own"},
                    }
                ],
                "hosts": [
                    {
                        "name": "gpu2",
                        "ssh": {
                            "address": "10.0.0.2",
                            "key_file": "key",
                            "known_hosts_file": "known",
                        },
                    }
                ],
                "labels": {"site": "group", "rack": "4"},
            }
        ]
    )

    settings = loaded(tmp_path, text)

    assert settings.targets[1].host == settings.hosts[0].name == "gpu2"
    assert settings.targets[1].labels == {"site": "own", "rack": "4"}


def test_defaults_lie_beneath_listed_targets_too(tmp_path: Path) -> None:
    own = OWN + "defaults: {status: {interval: 7s}}\n"

    settings = loaded(tmp_path, "- targets: ['10.0.0.2:9002']\n", own=own)

    assert [t.status.interval for t in settings.targets] == [7.0, 7.0]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("targets: []", "list-0.yml:1: it is no list; begin with - targets:"),
        ("- x", "list-0.yml:1: [0]: a group is no mapping"),
        ("- {targts: []}", "list-0.yml:1: [0].targts: no such key; use"),
        ("- {targets: 4}", "list-0.yml:1: [0].targets: is no list"),
        ("- {labels: 4}", "list-0.yml:1: [0].labels: is no mapping"),
        ("- {targets: [[]]}", "list-0.yml:1: [0].targets[0]:"),
        (
            "- {targets: [{name: a}]}",
            "list-0.yml:1: [0].targets[0].url: is missing",
        ),
        (
            "- targets: ['ftp://x']",
            "list-0.yml:1: [0].targets[0]: the address is not http",
        ),
        (
            "- targets: [{name: a, url: 'http://x', labels: 4}]",
            "list-0.yml:1: [0].targets[0].labels:",
        ),
        (
            "- targets: [{name: studio, url: 'http://x'}]",
            "list-0.yml:1: [0].targets[0].name: 'studio' is the name of",
        ),
        ("- targets: [&a ['b', *a]]", "list-0.yml:1:"),
    ],
)
def test_a_flaw_in_a_list_names_the_list_and_the_line(
    tmp_path: Path, text: str, line: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        loaded(tmp_path, text)

    assert str(caught.value).startswith(f"cannot use {line}")


def test_a_list_reads_nothing_of_our_environment(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path,
        "- targets: ['http://evil.example/${PASSWORD}']\n"
        "  labels: {site: '${PASSWORD}'}\n",
        environ={"PASSWORD": "hunter2"},
    )

    assert "hunter2" not in repr(settings)
    assert settings.targets[1].labels == {"site": "${PASSWORD}"}


def test_an_empty_list_adds_nothing(tmp_path: Path) -> None:
    assert len(loaded(tmp_path, "", "[]").targets) == 1


def test_lists_alone_are_enough_to_watch(tmp_path: Path) -> None:
    settings = loaded(tmp_path, "- targets: ['10.0.0.2:9002']\n", own="")

    assert [target.name for target in settings.targets] == ["10.0.0.2-9002"]


@given(st.binary(max_size=200))
def test_any_bytes_are_a_list_or_a_flaw(data: bytes) -> None:
    found, flaws = read_groups(Listed(name="x", data=data))

    assert set(found) == {"hosts", "targets"}
    assert all(flaw.file == "x" for flaw in flaws)


def test_wildcards_find_files_and_say_which_cannot_be_read(
    tmp_path: Path,
) -> None:
    fleet = tmp_path / "fleet"
    fleet.mkdir()
    (fleet / "b.yml").write_text("- {}")
    (fleet / "a.yml").symlink_to("nowhere")
    (fleet / "folder.yml").mkdir()
    settings = loaded(tmp_path)

    [found] = list_files(settings, tmp_path)

    assert [listed.data for listed in found.lists] == [b"- {}"]
    [why] = found.problems.values()
    assert "a.yml: no such file or directory" in why


def test_a_wildcard_that_finds_nothing_says_so(tmp_path: Path) -> None:
    settings = loaded(tmp_path)

    [found] = list_files(settings, tmp_path)

    [why] = found.problems.values()
    assert "cannot use targets_from fleet/*.yml: no such file" in why


@pytest.mark.parametrize("pattern", ["a**b/x", "\0"])
def test_a_wildcard_that_is_none_says_so(tmp_path: Path, pattern: str) -> None:
    settings = loaded(tmp_path)
    inventory = settings.targets_from[0].model_copy(update={"file": pattern})
    settings = settings.model_copy(update={"targets_from": (inventory,)})

    [found] = list_files(settings, tmp_path)

    [why] = found.problems.values()
    assert why.startswith("cannot use targets_from")


def test_an_absolute_wildcard_starts_at_the_root(tmp_path: Path) -> None:
    (tmp_path / "x.yml").write_text("[]")
    settings = loaded(tmp_path)
    inventory = settings.targets_from[0].model_copy(
        update={"file": str(tmp_path / "x*.yml")}
    )
    settings = settings.model_copy(update={"targets_from": (inventory,)})

    [found] = list_files(settings, Path("/nowhere"))

    assert [Path(one.name).name for one in found.lists] == ["x.yml"]


def test_a_wildcard_for_too_many_files_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.config.wildcards.MOST_FILES", 1)
    fleet = tmp_path / "fleet"
    fleet.mkdir()
    for name in "ab":
        (fleet / f"{name}.yml").write_text("[]")

    [found] = list_files(loaded(tmp_path), tmp_path)

    assert found.lists == ()
    assert "it stands for 2 files; 1 at most" in found.problems["fleet/*.yml"]


def test_a_pipe_among_the_files_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "fleet").mkdir()
    os.mkfifo(tmp_path / "fleet/a.yml")

    [found] = list_files(loaded(tmp_path), tmp_path)

    assert found.lists == ()


def test_a_json_list_keeps_its_lines_with_tabs_too(
    tmp_path: Path,
) -> None:
    text = '[\n {"targets": []},\n {"targets": "x"}\n]'

    with pytest.raises(ConfigurationError, match=r"list-0.yml:3: \[1\]"):
        loaded(tmp_path, text)
    with pytest.raises(ConfigurationError, match=r"list-0.yml:3: \[1\]"):
        loaded(tmp_path, text.replace("\n ", "\n\t"))
