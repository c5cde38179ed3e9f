"""Who blocks a shutdown is told, by systemd's own files."""

import os

import pytest

from monitor.gate.gaps import Gaps
from monitor.gate.inhibitors import inhibitors_here
from tests.gate.conftest import Tree

FWUPD = {"who": "fwupd", "why": "Firmware update"}
Told = list[dict[str, object]]


def inhibits(tree: Tree, name: str = "1", **fields: str) -> None:
    """Write an inhibitor as systemd-logind does."""
    told = {
        "WHAT": "sleep:shutdown",
        "MODE": "block",
        "UID": "0",
        "PID": "40",
        "WHO": "fwupd",
        "WHY": "Firmware update",
        **fields,
    }
    lines = "".join(f"{key}={value}\n" for key, value in told.items())
    head = "# This is private data. Do not parse.\n"
    tree.write(f"run/systemd/inhibit/{name}", head + lines)


def blocking() -> tuple[Told | None, list[str]]:
    gaps = Gaps("machine")
    return inhibitors_here(gaps), [one["what"] for one in gaps.entries]


@pytest.mark.usefixtures("tree")
def test_without_systemd_nobody_blocks_a_shutdown() -> None:
    assert blocking() == ([], [])


def test_who_blocks_a_shutdown_is_told(tree: Tree) -> None:
    inhibits(tree)
    os.mkfifo(tree.folder / "run/systemd/inhibit/1.ref")

    assert blocking() == ([FWUPD], [])


@pytest.mark.parametrize(
    "fields",
    [
        {"MODE": "delay"},
        {"MODE": "block-weak"},
        {"WHAT": "sleep:idle"},
        {"WHAT": "handle-lid-switch"},
    ],
)
def test_who_delays_it_or_blocks_something_else_is_not(
    tree: Tree, fields: dict[str, str]
) -> None:
    inhibits(tree, **fields)

    assert blocking() == ([], [])


def test_one_that_ends_while_it_is_read_is_left_out(tree: Tree) -> None:
    inhibits(tree)
    gone = tree.folder / "run/systemd/inhibit/2"
    gone.symlink_to("nowhere")

    assert blocking() == ([FWUPD], [])


def test_one_that_cannot_be_read_leaves_all_unknown(tree: Tree) -> None:
    inhibits(tree)
    (tree.folder / "run/systemd/inhibit/2").mkdir()

    assert blocking() == (None, ["inhibitors"])


def test_a_crowd_is_told_in_part_and_words_are_cut(tree: Tree) -> None:
    for number in range(65):
        inhibits(tree, str(number), WHO="a" * 99)

    found, _ = blocking()

    assert len(found or []) == 64
    assert {len(str(one["who"])) for one in found or []} == {64}
