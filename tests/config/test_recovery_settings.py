"""What automation may do by itself, where nobody says and where they do."""

from pathlib import Path

import pytest

from monitor.config import load


def auto_of(folder: Path, recovery: str, head: str = "") -> tuple[str, ...]:
    (folder / "a.yml").write_text(
        f"{head}\ntargets:\n  - name: a\n    url: http://a\n"
        f"    recovery: {{{recovery}}}\n"
    )
    [target] = load(Path("a.yml"), {}, folder).targets
    return target.recovery.auto


@pytest.mark.parametrize(
    ("recovery", "auto"),
    [
        (
            "mode: auto, allow: [restart, free-gpu-memory, reboot]",
            ("restart",),
        ),
        ("mode: auto, allow: [free-gpu-memory, reboot]", ()),
        ("mode: auto", ()),
        ("mode: auto, allow: [restart], auto: []", ()),
        (
            (
                "mode: auto, allow: [restart, free-gpu-memory],"
                " auto: [free-gpu-memory]"
            ),
            ("free-gpu-memory",),
        ),
        ("mode: suggest, allow: [restart]", ()),
        ("mode: off, allow: [restart]", ()),
        ("allow: [restart]", ()),
    ],
)
def test_automation_restarts_and_no_more_unless_more_is_listed(
    folder: Path, recovery: str, auto: tuple[str, ...]
) -> None:
    assert auto_of(folder, recovery) == auto


def test_what_defaults_say_of_the_mode_counts(folder: Path) -> None:
    head = "defaults: {recovery: {mode: auto}}"

    assert auto_of(folder, "allow: [restart]", head) == ("restart",)


def test_what_defaults_list_is_not_replaced(folder: Path) -> None:
    head = "defaults: {recovery: {auto: []}}"

    assert auto_of(folder, "mode: auto, allow: [restart]", head) == ()
