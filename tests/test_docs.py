"""Docs can fail a build."""

import re
from pathlib import Path

import pytest

from monitor.cli.app import app
from monitor.outputs.metrics.families import FAMILIES
from monitor.simulator.faults import FAULTS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
MAP = (ROOT / "monitor" / "README.md").read_text()


def test_every_metric_that_the_readme_names_exists() -> None:
    named = set(re.findall(r"`(facefusion_[a-z_]+)", README))

    known = {*FAMILIES, "facefusion_monitor_schedule_lag_seconds"}
    unknown = {
        n
        for n in named
        if n not in known and not any(k.startswith(n) for k in known)
    }

    assert named
    assert unknown == set()


def test_every_command_is_mentioned() -> None:
    commands = {
        info.name or getattr(info.callback, "__name__", "")
        for info in app.registered_commands
    }
    named = README + MAP + (ROOT / "CHANGELOG.md").read_text()

    missing = {c for c in commands if f"{c}" not in named}

    assert {"run", "demo", "check"} <= commands
    assert missing == set()


def test_every_room_is_on_the_map() -> None:
    rooms = {
        path.name
        for path in (ROOT / "monitor").iterdir()
        if path.is_dir() and path.name != "__pycache__"
    }

    assert {r for r in rooms if f"`{r}/`" not in MAP} == set()


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README + MAP)

    broken = {
        link
        for link in links
        if "://" not in link
        and not (ROOT / link).exists()
        and not (ROOT / "monitor" / link).exists()
    }

    assert broken == set()


def test_the_changelog_counts_the_faults_right() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()

    assert f"with {len(FAULTS)} faults" in text


@pytest.mark.parametrize("target", ["run", "test", "check", "help"])
def test_the_makefile_has_what_the_docs_promise(target: str) -> None:
    assert re.search(
        rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE
    )
