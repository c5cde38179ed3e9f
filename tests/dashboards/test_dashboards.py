"""The dashboards are what their source says, and keep Grafana's customs.

The customs are dashboard-linter's rules in our words
(facts/components.md §1d), with our variables instead of job and instance.
"""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboards.source.boards import texts
from monitor.outputs.metrics.families import FAMILIES
from tests.dashboards.boards import ASKED, BOARDS, FILES, Asked, panels
from tests.deploy.test_prometheus_rules import BOARDS as LINKED

COUNTER = re.compile(r"\b(\w+_total)\b(?!\{[^}]*\}\[|\[)")
RATED = re.compile(r"\b(?:rate|increase)\(")
NOT_OURS = {"process_resident_memory_bytes"}
KINDS = {"row", "stat", "table", "timeseries", "state-timeline"}
UNITS = {
    "bytes",
    "celsius",
    "cps",
    "dateTimeFromNow",
    "hertz",
    "none",
    "ops",
    "percentunit",
    "s",
    "short",
    "watt",
}
"""Grafana's words for units that we use."""

every_board = pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
every_query = pytest.mark.parametrize("asked", ASKED, ids=str)


def test_the_files_are_what_the_source_says() -> None:
    """`python -m dashboards.source` writes them anew."""
    assert {file.name: file.read_text() for file in FILES} == texts()


def test_every_alert_s_dashboard_is_there() -> None:
    assert set(BOARDS) >= LINKED


@every_board
def test_a_dashboard_is_provisioned_as_it_is(board: dict[str, Any]) -> None:
    names = [one["name"] for one in board["templating"]["list"]]

    assert (board["id"], board["editable"]) == (None, False)
    assert board["schemaVersion"] in {41, 42}
    assert board["uid"] in BOARDS
    assert board["title"]
    assert board["description"]
    assert names[0] == "datasource"
    assert "__inputs" not in board


@every_board
def test_a_variable_follows_time_and_the_data_source(
    board: dict[str, Any],
) -> None:
    for one in board["templating"]["list"][1:]:
        metric = re.match(r"label_values\((\w+)", one["definition"])
        assert one["refresh"] == 2
        assert one["datasource"]["uid"] == "${datasource}"
        assert metric is not None
        assert metric[1] in FAMILIES
        assert not one["includeAll"] or one["allValue"] in {".+", ".*"}


@every_board
def test_panels_do_not_overlap_and_fill_no_more_than_the_width(
    board: dict[str, Any],
) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert at["x"] + at["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids)


@every_board
def test_a_panel_says_what_it_shows(board: dict[str, Any]) -> None:
    for panel in panels(board):
        assert panel["type"] in KINDS
        assert panel["title"]
        assert panel["description"].endswith(".")
        assert panel["targets"]
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
        assert panel["datasource"]["uid"] == "${datasource}"


@every_board
def test_every_dashboard_leads_to_the_others(board: dict[str, Any]) -> None:
    led = {one["url"].removeprefix("/d/") for one in board["links"]}

    assert led == set(BOARDS) - {board["uid"]}


@every_query
def test_a_query_keeps_the_customs(asked: Asked) -> None:
    expr = asked.target["expr"]
    names = re.findall(r"\b(?:facefusion|process|python)_\w+", expr)
    families = {
        re.sub(r"_bucket$", "", name) for name in names if name not in NOT_OURS
    }

    assert asked.target["datasource"]["uid"] == "${datasource}"
    assert families
    assert families <= set(FAMILIES)
    assert not COUNTER.findall(expr)
    assert "rate(" not in expr or re.search(
        r"\[(\$__rate_interval|10m)\]", expr
    )


@every_query
def test_a_query_is_about_what_was_chosen(asked: Asked) -> None:
    variables = {
        one["name"]
        for one in BOARDS[asked.board]["templating"]["list"]
        if one["name"] not in {"datasource", "site"}
    }
    used = set(re.findall(r"\$(\w+)", asked.target["expr"]))
    of_all = "alerts_received" in asked.target["expr"]

    assert used <= variables | {"__rate_interval", "__range"}
    assert not variables or used & variables or of_all


def test_prometheus_reads_every_query(promtool: str, tmp_path: Path) -> None:
    rules = [
        {"record": f"query:{number}", "expr": one.expr()}
        for number, one in enumerate(ASKED)
    ]
    file = tmp_path / "queries.yml"
    file.write_text(
        yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]})
    )

    done = subprocess.run(  # noqa: S603 - our own file
        [promtool, "check", "rules", str(file)],
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert done.returncode == 0, done.stdout + done.stderr
