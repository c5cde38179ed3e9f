"""What is shipped for a GPU host is accepted by the programs that read it."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from monitor.adapters.gate.acting_files import Acted, Acting
from monitor.adapters.gate.installing import GATE, PYTHON, Plan
from monitor.gate.finding import read_service
from tests.conftest import component
from tests.hosts.sshd import SSHD, make_key, need_sshd

PLACE = Path(__file__).parents[2] / "deploy" / "gpu-host"
UNIT = PLACE / "facefusion.service"
PAGE = (PLACE / "README.md").read_text()
START = PLACE / "facefusion-start-studio"
NAMES = ("studio", "attic", "desk")


def _ran(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, text=True, capture_output=True, check=False)  # noqa: S603 - Debian's programs, our files


def _settings() -> dict[str, list[str]]:
    """Return the unit's settings, each with its values in order."""
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text().splitlines():
        if line and line[0] not in "#[":
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def _keys() -> list[str]:
    lines = (PLACE / "authorized_keys").read_text().splitlines()
    return [" ".join(line.split()[-3:-1]) for line in lines]


def _as_installed() -> Plan:
    """Return the plan whose files the examples are."""
    observe, act, reboot = _keys()
    config = json.loads((PLACE / "facefusion-monitor-gate.json").read_text())
    services = tuple(
        Acted(
            name=name,
            manager=one["manager"],
            unit=one["unit"] or "",
            directory=one["directory"],
            port=one["port"],
        )
        for name, one in config["services"].items()
    )
    acting = Acting(
        user="ffmon",
        gate=(PYTHON, "-I", GATE),
        keys={"act": act, "reboot": reboot},
        services=services,
    )
    return Plan(
        user="ffmon",
        key=observe,
        directory="/var/tmp/facefusion-monitor",  # noqa: S108 - the default
        program=b"",
        acting=acting,
    )


def test_the_examples_are_what_the_installer_writes() -> None:
    plan = _as_installed()
    files = {Path(one.path).name: one.content for one in plan.files}

    assert files["authorized_keys"] == (PLACE / "authorized_keys").read_bytes()
    assert files["facefusion-monitor"] == (PLACE / "sudoers").read_bytes()
    name = "facefusion-monitor-gate.json"
    assert files[name] == (PLACE / name).read_bytes()


def test_sudo_accepts_the_rules() -> None:
    checked = _ran(component("visudo"), "-cf", PLACE / "sudoers")

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_gate_can_read_every_service_of_its_configuration() -> None:
    config = json.loads((PLACE / "facefusion-monitor-gate.json").read_text())

    read = {
        name: read_service(one) for name, one in config["services"].items()
    }

    assert tuple(read) == NAMES
    assert {one.manager for one in read.values()} == {
        "systemd",
        "docker",
        "process",
    }


def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    analyze = component("systemd-analyze")
    python = tmp_path / "opt/facefusion/venv/bin/python"
    python.parent.mkdir(parents=True)
    python.touch(0o755)
    unit = tmp_path / "etc/systemd/system/facefusion.service"
    unit.parent.mkdir(parents=True)
    text = UNIT.read_text()
    there = text.replace(
        "=/opt/facefusion/venv", f"={tmp_path}/opt/facefusion/venv"
    )
    unit.write_text(there)

    checked = _ran(
        analyze, "verify", "--man=no", "--recursive-errors=no", unit
    )

    assert checked.returncode == 0, checked.stderr
    assert checked.stderr == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KillSignal", "SIGINT"),
        ("KillMode", "mixed"),
        ("TimeoutStopSec", "60"),
        ("SendSIGKILL", "yes"),
        ("Restart", "on-failure"),
        ("RestartSec", "10"),
        ("StartLimitIntervalSec", "900"),
        ("StartLimitBurst", "4"),
        ("User", "facefusion"),
        ("WorkingDirectory", "/opt/facefusion"),
    ],
)
def test_the_unit_says_how_facefusion_ends_and_begins(
    name: str, value: str
) -> None:
    assert _settings()[name] == [value]


def test_the_unit_lets_gradio_try_one_port_only() -> None:
    environment = _settings()["Environment"]

    assert "GRADIO_NUM_PORTS=1" in environment
    assert "PYTHONUNBUFFERED=1" in environment
    assert any(one.startswith("GRADIO_SERVER_PORT=") for one in environment)


def test_the_start_limit_is_reached_by_a_server_that_cannot_start() -> None:
    """Or systemd would start it for ever (facts/recovery.md, 24)."""
    said = _settings()
    interval, burst, pause = (
        int(said[name][0])
        for name in ("StartLimitIntervalSec", "StartLimitBurst", "RestartSec")
    )

    longest_start = interval / burst - pause

    assert longest_start > 180
    assert f"{longest_start:.0f} s" in UNIT.read_text()


def test_every_setting_of_a_service_has_its_why() -> None:
    _, _, service = UNIT.read_text().partition("[Service]\n")
    about, _, _ = service.partition("[Install]")

    blocks = re.findall(r"((?:^#.*\n)*)((?:^\w+=.*\n)+)", about, re.MULTILINE)
    assert len(blocks) > 6
    assert [names for why, names in blocks if not why] == []


@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_the_example_of_a_start_is_a_script(shell: str) -> None:
    read = _ran(component(shell), "-n", START)

    assert (read.returncode, read.stderr) == (0, "")
    assert os.access(START, os.X_OK)
    assert "GRADIO_NUM_PORTS=1" in START.read_text()


def test_the_example_starts_what_is_in_the_directory_it_is_run_in(
    tmp_path: Path,
) -> None:
    python = tmp_path / "venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$*" "$GRADIO_SERVER_PORT"\n')
    python.chmod(0o755)

    subprocess.run([START], cwd=tmp_path, env={}, check=True)  # noqa: S603 - ours

    assert (tmp_path / "facefusion.log").read_text() == (
        "facefusion.py run 7860\n"
    )


def test_sshd_knows_every_option_of_our_lines(tmp_path: Path) -> None:
    """ssh-keygen reads authorized_keys as sshd does, and names bad lines."""
    need_sshd()
    key = tmp_path / "key"
    public = make_key(key).split()
    text = (PLACE / "authorized_keys").read_text()
    for example in _keys():
        text = text.replace(example, " ".join(public[:2]))
    (tmp_path / "authorized_keys").write_text(text)

    listed = _ran("ssh-keygen", "-lf", tmp_path / "authorized_keys")
    config = tmp_path / "sshd_config"
    config.write_text(f"HostKey {key}\nAuthorizedKeysFile {tmp_path}/keys\n")
    checked = _ran(SSHD, "-T", "-f", config)

    assert listed.stdout.count("\n") == 3, listed.stderr
    assert "facefusion-monitor-act" in listed.stdout
    assert checked.returncode == 0, checked.stderr


def test_the_page_names_every_file_that_lies_here() -> None:
    for file in PLACE.iterdir():
        if file.name != "README.md":
            assert f"({file.name})" in PAGE


def test_the_page_says_what_each_key_could_be_used_for() -> None:
    for words in ("observe", "act", "reboot"):
        assert re.search(rf"^\| `{words}` \|", PAGE, re.MULTILINE)
    assert "SIGINT" in PAGE
