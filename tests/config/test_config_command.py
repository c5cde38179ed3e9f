"""`facefusion-monitor config …`, as its user sees it."""

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from monitor.cli.config import app
from monitor.config import schema

GOOD = """server: {external_url: "https://${NAME}"}
state: {url: "postgresql+psycopg://me:hunter2@db/x"}
targets: [{name: studio, url: "http://192.168.1.10:9002"}]
"""
RUNNER = CliRunner()


@pytest.fixture
def good(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("NAME", "hidden.example")
    file = folder / "good.yml"
    file.write_text(GOOD)
    return str(file)


@pytest.fixture
def bad(folder: Path) -> str:
    file = folder / "bad.yml"
    file.write_text("targets: []\nlgo: {}\n")
    return str(file)


def test_a_good_file_is_counted_and_what_does_nothing_is_noted(
    good: str,
) -> None:
    done = RUNNER.invoke(app, ["check", "--config", good])

    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        f"{good}: ok, 1 target, 0 hosts",
        "note: state.url: postgresql has no effect in this release",
    ]


def test_a_good_file_is_counted_as_json(good: str) -> None:
    done = RUNNER.invoke(app, ["check", "--config", good, "--format", "json"])

    assert json.loads(done.stdout) == {
        "ok": True,
        "file": good,
        "targets": 1,
        "hosts": 0,
        "without_effect": ["state.url: postgresql"],
        "notes": [],
    }


def test_every_flaw_is_a_line_on_standard_error(bad: str) -> None:
    done = RUNNER.invoke(app, ["check", "--config", bad])

    assert done.exit_code == 78
    assert done.stdout == ""
    first, second = done.stderr.splitlines()
    assert first.startswith(f"cannot use {bad}:1: targets: ")
    assert second.startswith(f"cannot use {bad}:2: lgo: no such setting")


def test_flaws_are_a_list_in_json(bad: str) -> None:
    done = RUNNER.invoke(app, ["check", "--config", bad, "--format", "json"])

    assert done.exit_code == 78
    said = json.loads(done.stdout)
    assert said["ok"] is False
    assert said["errors"] == done.stderr.splitlines()


def test_effective_settings_are_shown_as_yaml_without_secrets(
    good: str,
) -> None:
    done = RUNNER.invoke(app, ["show", "--config", good])

    assert done.exit_code == 0
    shown = yaml.safe_load(done.stdout)
    assert shown["server"]["external_url"] == "***"
    assert shown["state"]["url"] == "postgresql+psycopg://me:***@db/x"
    assert shown["targets"][0]["status"]["interval"] == "30s"
    assert "hidden" not in done.stdout
    assert "hunter2" not in done.stdout


def test_effective_settings_are_shown_as_json(good: str) -> None:
    done = RUNNER.invoke(app, ["show", "--config", good, "--format", "json"])

    assert json.loads(done.stdout)["targets"][0]["name"] == "studio"


def test_a_bad_file_cannot_be_shown(bad: str) -> None:
    done = RUNNER.invoke(app, ["show", "--config", bad])

    assert done.exit_code == 78
    assert done.stdout == ""
    assert done.stderr.startswith("cannot use")


def test_without_a_file_the_variable_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("FACEFUSION_URL", "http://192.168.1.10:9002")

    done = RUNNER.invoke(app, ["check"])

    assert done.stdout == "FACEFUSION_URL: ok, 1 target, 0 hosts\n"


@pytest.mark.parametrize("url", [None, ""])
def test_without_a_file_and_a_variable_the_usual_address_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, url: str | None
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.delenv("FACEFUSION_URL", raising=False)
    if url is not None:
        monkeypatch.setenv("FACEFUSION_URL", url)

    done = RUNNER.invoke(app, ["check"])

    assert done.exit_code == 0
    assert done.stdout == (
        "FACEFUSION_URL (not set; http://localhost:7870 is assumed): ok,"
        " 1 target, 0 hosts\n"
    )


def test_what_run_would_refuse_is_an_error_here(folder: Path) -> None:
    """The key is there and no key; so is the token that everybody reads."""
    file = folder / "x.yml"
    file.write_text(
        "hosts: [{name: gpu1, ssh: {address: gpu1, key_file: secrets/act}}]\n"
        "targets: [{name: a, url: 'http://192.0.2.1'}]\n"
    )

    text = RUNNER.invoke(app, ["check", "--config", str(file)])
    told = RUNNER.invoke(
        app, ["check", "--config", str(file), "--format", "json"]
    )

    assert (text.exit_code, text.stdout) == (78, "")
    assert f"{folder / 'secrets/act'} is no private key" in text.stderr
    assert told.exit_code == 78
    assert json.loads(told.stdout)["errors"] == text.stderr.splitlines()


CANARIES = "canaries: [{operation: age, target_age: 45}]"
NOTE = (
    "note: targets.a: its canaries' images are served by the monitor, which"
    " listens on loopback only; set server.listen and server.external_url"
)


@pytest.mark.parametrize(
    ("server", "target", "noted"),
    [
        ("", f"url: 'http://192.0.2.1', {CANARIES}", True),
        ("", f"url: 'http://localhost:9002', {CANARIES}", False),
        ("", f"url: 'http://127.0.0.1:9002', {CANARIES}", False),
        ("", f"url: 'http://[::1]:9002', {CANARIES}", False),
        ("", "url: 'http://192.0.2.1'", False),
        (
            "server: {external_url: 'https://monitor.example'}\n",
            f"url: 'http://192.0.2.1', {CANARIES}",
            False,
        ),
    ],
)
def test_images_that_no_server_could_fetch_are_noted(
    folder: Path, server: str, target: str, *, noted: bool
) -> None:
    file = folder / "x.yml"
    file.write_text(f"{server}targets: [{{name: a, {target}}}]\n")

    done = RUNNER.invoke(app, ["check", "--config", str(file)])
    told = RUNNER.invoke(
        app, ["check", "--config", str(file), "--format", "json"]
    )

    assert done.exit_code == 0
    assert (NOTE in done.stdout.splitlines()) is noted
    assert bool(json.loads(told.stdout)["notes"]) is noted


@pytest.mark.parametrize("wanted", ["text", "json"])
def test_the_schema_is_json_in_both_formats(wanted: str) -> None:
    done = RUNNER.invoke(app, ["schema", "--format", wanted])

    assert done.exit_code == 0
    assert json.loads(done.stdout) == schema()


def test_the_lists_that_files_hold_are_checked_too(folder: Path) -> None:
    file = folder / "x.yml"
    file.write_text(
        "targets_from: [{file: 'fleet/*.yml'}, {http: 'http://x'}]"
    )
    (folder / "fleet").mkdir()
    listed = folder / "fleet/a.yml"
    listed.write_text("- targets: ['ftp://x']")

    bad = RUNNER.invoke(app, ["check", "--config", str(file)])
    listed.write_text("- targets: ['10.0.0.1:9002']")
    good = RUNNER.invoke(app, ["check", "--config", str(file)])

    assert bad.exit_code == 78
    assert "fleet/a.yml:1: [0].targets[0]: the address is" in bad.stderr
    assert good.exit_code == 0
    assert "1 target, 0 hosts" in good.stdout
