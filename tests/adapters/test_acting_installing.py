"""What makes a host one that can be acted on: exact words, nothing more."""

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from monitor.adapters.gate.acting_files import (
    CONFIG,
    SUDOERS,
    Acted,
    Acting,
)
from monitor.adapters.gate.install_script import script
from monitor.adapters.gate.installing import GATE, PYTHON, Plan
from tests.conftest import component

ACT, REBOOT = "ssh-ed25519 AAAAact", "ssh-ed25519 AAAAreboot"
STUDIO = Acted(
    name="studio",
    manager="systemd",
    unit="facefusion.service",
    directory="/opt/facefusion",
    port=7860,
)
DESK = Acted(
    name="desk",
    manager="process",
    unit="",
    directory='/home/ann/it\'s "hers"',
    port=7861,
)
USERS = st.from_regex(r"[a-z][A-Za-z0-9_.-]{0,30}", fullmatch=True)


def acting(user: str = "ffmon", **keys: str) -> Acting:
    return Acting(
        user=user,
        gate=(PYTHON, "-I", GATE),
        keys=keys or {"act": ACT},
        services=(STUDIO, DESK),
    )


def plan(how: Acting | None) -> Plan:
    return Plan(
        user="ffmon",
        key="ssh-ed25519 AAAAobserve",
        directory="",
        program=b"",
        acting=how,
    )


def test_a_key_may_start_the_gate_with_its_role_and_nothing_else() -> None:
    act, reboot = acting(act=ACT, reboot=REBOOT).lines

    for line, role, key in ((act, "act", ACT), (reboot, "reboot", REBOOT)):
        assert line == (
            'restrict,command="sudo -n /usr/bin/python3 -I'
            f' /usr/local/libexec/facefusion-monitor-gate {role}" {key}'
            f" facefusion-monitor-{role}"
        )


def test_without_a_reboot_key_nothing_says_reboot() -> None:
    how = acting()

    assert "reboot" not in how.rules
    assert len(how.lines) == 1


@given(USERS)
@hypothesis_settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_sudo_reads_the_rules_as_they_are_meant(
    tmp_path: Path, user: str
) -> None:
    rules = tmp_path / "sudoers"
    rules.write_text(acting(user, act=ACT, reboot=REBOOT).rules)

    checked = _run(component("visudo"), "-cf", str(rules))
    read = json.loads(
        _run(component("cvtsudoers"), "-f", "json", str(rules)).stdout
    )

    assert checked.returncode == 0, checked.stdout
    commands = [
        one for spec in read["User_Specs"] for one in _commands_of(spec, user)
    ]
    assert commands == [
        f"{PYTHON} -I {GATE} act",
        f"{PYTHON} -I {GATE} reboot",
    ]


def _commands_of(spec: dict[str, Any], user: str) -> list[str]:
    assert spec["User_List"] == [{"username": user}]
    assert spec["Host_List"] == [{"hostname": "ALL"}]
    [commands] = spec["Cmnd_Specs"]
    assert commands["runasusers"] == [{"username": "root"}]
    assert commands["Options"] == [{"authenticate": False}]
    return [one["command"] for one in commands["Commands"]]


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, text=True, capture_output=True, check=False)  # noqa: S603 - sudo's own readers


def test_no_rule_has_a_wildcard() -> None:
    rules = acting(act=ACT, reboot=REBOOT).rules
    written = [one for one in rules.splitlines() if not one.startswith("#")]

    assert not re.search(r"[*?\[\\]", "".join(written))


def test_the_gate_is_told_what_each_service_is() -> None:
    told = json.loads(acting().config)

    assert told == {
        "v": 1,
        "services": {
            "studio": {
                "manager": "systemd",
                "unit": "facefusion.service",
                "directory": "/opt/facefusion",
                "port": 7860,
                "start": None,
            },
            "desk": {
                "manager": "process",
                "unit": None,
                "directory": '/home/ann/it\'s "hers"',
                "port": 7861,
                "start": "/usr/local/libexec/facefusion-start-desk",
            },
        },
    }


def test_all_files_are_shown_as_roots() -> None:
    files = {file.path: file for file in plan(acting()).files}

    assert set(files) == {
        GATE,
        CONFIG,
        SUDOERS,
        "~ffmon/.ssh/authorized_keys",
    }
    assert {file.owner for file in files.values()} == {"root"}
    assert files[SUDOERS].mode == "0440"
    assert files[CONFIG].mode == "0644"
    assert files["~ffmon/.ssh/authorized_keys"].content.count(b"\n") == 2


def test_what_somebody_has_to_do_by_hand_is_told() -> None:
    told = " ".join(plan(acting()).steps)

    assert "/usr/local/libexec/facefusion-start-desk yourself" in told
    assert "facefusion-start-studio" not in told
    assert "visudo -cf" in told
    assert "what may be acted on there: studio, desk" in told


def test_without_an_act_key_what_was_there_for_it_goes() -> None:
    told = plan(None).steps[-1]

    assert told.startswith("nobody may act there")
    assert SUDOERS in told
    assert CONFIG in told


@pytest.mark.parametrize("how", [acting(), None])
def test_nothing_is_left_to_be_filled_in(how: Acting | None) -> None:
    assert re.findall(r"@[A-Z]+@", script(plan(how))) == []


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox sh"])
def test_shells_read_the_rules_and_services_as_they_are(shell: str) -> None:
    name, *rest = shell.split()
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    how = acting(act=ACT, reboot=REBOOT)
    text = script(plan(how))
    inner = text.partition("<<'FACEFUSION'\n")[2].rpartition("FACEFUSION")[0]
    tamed = inner.replace(
        "\ninstall_gate\n", '\nprintf "%s|" "$rules" "$services" "$ours"\n'
    )

    said = subprocess.run(  # noqa: S603 - with its last line replaced
        [name, *rest],
        input=tamed,
        text=True,
        capture_output=True,
        check=True,
    )

    lines = "\n".join(plan(how).lines)
    assert said.stdout == f"{how.rules}|{how.config}|{lines}|"


def test_the_words_of_a_shell_stay_words() -> None:
    line = acting().lines[0]
    command = line.partition('command="')[2].partition('"')[0]

    assert shlex.split(command) == [
        "sudo",
        "-n",
        PYTHON,
        "-I",
        GATE,
        "act",
    ]
