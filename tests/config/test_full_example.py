"""The example of DESIGN §3.2, with the character that batch needs."""

from pathlib import Path

import pytest
import yaml

from monitor.config import Settings, load, show, without_effect
from monitor.config.effects import BATCH

HERE = Path(__file__).parent


@pytest.fixture
def settings(folder: Path) -> Settings:
    (folder / "full.yml").write_text((HERE / "full.yml").read_text())
    return load(Path("full.yml"), {}, folder)


def test_its_effective_settings_are_these(
    settings: Settings, folder: Path
) -> None:
    text = yaml.safe_dump(show(settings), sort_keys=False)

    plain = text.replace(str(folder), "{folder}")

    assert plain == (HERE / "full.expected.txt").read_text()


def test_what_does_nothing_yet_is_listed(settings: Settings) -> None:
    assert without_effect(settings) == [
        BATCH,
    ]


def test_shown_settings_can_be_loaded_again(
    settings: Settings, folder: Path
) -> None:
    (folder / "again.yml").write_text(yaml.safe_dump(show(settings)))

    again = load(Path("again.yml"), {}, folder)

    assert again == settings


def test_lengths_are_seconds_and_shares_are_ratios(
    settings: Settings,
) -> None:
    (target,) = settings.targets

    assert target.status.busy_limit == 1800.0
    assert target.canary_budget == 0.05
    assert target.recovery.budget.reboot.per == 86400.0
    assert settings.server.listen == ("127.0.0.1", 10777)
