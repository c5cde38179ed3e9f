"""The table of causes in the map is whole: cause, story, rule, remedy."""

import re
from pathlib import Path

import pytest

from monitor.domain.diagnosis.cause import CAUSES, DEPTH

ROOT = Path(__file__).parents[1]
MAP = (ROOT / "monitor" / "README.md").read_text(encoding="utf-8")
RULES = ROOT / "monitor" / "domain" / "diagnosis" / "rules"
LATER = {"queue_stuck", "port_drift", "wrong_dialect", "content_declined"}
"""Causes whose stories come with stock FaceFusion (issue I)."""
ROW = re.compile(
    r"^\| `(?P<cause>[a-z_]+)` \| (?P<story>[^|]+) \| `(?P<rule>[a-z_/.]+)`"
    r" \| (?P<remedy>[^|]+) \|$",
    re.MULTILINE,
)
ROWS = {row["cause"]: row for row in ROW.finditer(MAP)}


def test_the_table_has_every_cause_deepest_first() -> None:
    assert tuple(ROWS) == DEPTH


@pytest.mark.parametrize("cause", DEPTH)
def test_a_cause_has_a_story_that_exists(cause: str) -> None:
    story = ROWS[cause]["story"].strip().strip("`")
    if cause in LATER and story == "with issue I":
        return

    path, _, name = story.partition("::")
    code = (ROOT / "tests" / path).read_text(encoding="utf-8")
    assert re.search(rf"^(async )?def {name}\(", code, re.MULTILINE)
    assert f'"{cause}"' in code


@pytest.mark.parametrize("cause", DEPTH)
def test_a_cause_has_a_rule_that_finds_it(cause: str) -> None:
    code = (RULES / ROWS[cause]["rule"]).read_text(encoding="utf-8")

    assert f'"{cause}"' in code


@pytest.mark.parametrize("cause", DEPTH)
def test_the_remedies_of_the_table_are_those_that_are_allowed(
    cause: str,
) -> None:
    may = ", ".join(f"`{one.value}`" for one in CAUSES[cause].may)

    assert ROWS[cause]["remedy"].strip() == (may or "none")
