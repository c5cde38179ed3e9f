"""The daemon's unit: systemd understands it, and it takes nearly all away."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNIT = Path(__file__).parents[2] / "deploy/systemd/facefusion-monitor.service"
WORST = 1.5
"""Exposure that we accept at most: DESIGN, issue E."""


def analyze(*words: str | Path) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    if program is None and os.environ.get("CI") != "true":
        pytest.skip("systemd-analyze is not installed")
    assert program is not None
    return subprocess.run(  # noqa: S603 - systemd's own program on our file
        [program, *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_systemd_rates_its_exposure_as_ok() -> None:
    ran = analyze("security", "--offline=true", "--no-pager", UNIT)

    found = re.search(r"Overall exposure level .*: ([0-9.]+)", ran.stdout)

    assert found is not None, ran.stdout + ran.stderr
    assert float(found[1]) <= WORST


def test_systemd_finds_nothing_to_complain_of(tmp_path: Path) -> None:
    """With a program that is there: ours is where people install it."""
    unit = tmp_path / UNIT.name
    text = UNIT.read_text()
    installed = re.search(r"^ExecStart=(\S+)", text, re.MULTILINE)
    assert installed is not None
    unit.write_text(text.replace(installed[1], "/bin/true"))

    ran = analyze("verify", "--man=no", unit)

    about_us = [line for line in ran.stderr.splitlines() if UNIT.stem in line]
    assert about_us == []


def test_it_is_restarted_when_it_stops_showing_signs_of_life() -> None:
    settings = dict(
        line.split("=", 1)
        for line in UNIT.read_text().splitlines()
        if "=" in line and not line.startswith("#")
    )

    assert settings["Type"] == "notify"
    assert settings["NotifyAccess"] == "main"
    assert float(settings["WatchdogSec"]) > 0
    assert settings["Restart"] == "on-failure"
    assert settings["ExecReload"] == "/bin/kill -HUP $MAINPID"
