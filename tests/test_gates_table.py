"""The table of gates in the map is whole, in the order of verdicts."""

import re
from pathlib import Path

from monitor.domain.recovery.weighing import GATES, SKIPPABLE

ROOT = Path(__file__).parents[1]
MAP = (ROOT / "monitor" / "README.md").read_text()
_, _, TABLE = MAP.partition("\n## Gates\n")
TABLE, _, _ = TABLE.partition("\n## ")
ROW = re.compile(
    r"^\| `(?P<gate>[a-z_]+)` \| [^|]+ \| (?P<skipped>yes|no) \|$",
    re.MULTILINE,
)


def test_the_table_has_every_gate_in_order() -> None:
    assert tuple(row["gate"] for row in ROW.finditer(TABLE)) == GATES


def test_the_table_says_which_gates_may_be_skipped() -> None:
    told = {
        row["gate"] for row in ROW.finditer(TABLE) if row["skipped"] == "yes"
    }

    assert told == SKIPPABLE


def test_whoever_counts_the_gates_counts_right() -> None:
    told = (
        MAP
        + (ROOT / "README.md").read_text()
        + (ROOT / "CHANGELOG.md").read_text()
    )

    assert set(re.findall(r"(\d+) gates", told)) == {str(len(GATES))}
