"""The dashboards' files, and every query in them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typing_extensions import override

PLACE = Path(__file__).parents[2] / "dashboards"
FILES = sorted(PLACE.glob("*.json"))
BOARDS: dict[str, dict[str, Any]] = {
    file.stem: json.loads(file.read_text()) for file in FILES
}
_RANGES = {"$__rate_interval": "30s", "$__range": "5m"}


@dataclass(frozen=True)
class Asked:
    """One query of a panel, as it stands in the file."""

    board: str
    panel: Mapping[str, Any]
    target: Mapping[str, Any]

    @override
    def __str__(self) -> str:
        title = self.panel["title"].replace(" ", "_")
        where = f"{self.panel['id']}{self.target['refId']}"
        return f"{self.board}-{where}-{title}"

    def expr(self, **values: str) -> str:
        """Return it as Grafana sends it; a variable left out is all."""
        text = str(self.target["expr"])
        for name, value in _RANGES.items():
            text = text.replace(name, value)
        return re.sub(r"\$(\w+)", lambda m: values.get(m[1], ".+"), text)


def panels(board: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what shows something: no headings."""
    return [one for one in board["panels"] if one["type"] != "row"]


def asked() -> Iterator[Asked]:
    for name, board in BOARDS.items():
        for panel in panels(board):
            for target in panel["targets"]:
                yield Asked(name, panel, target)


ASKED = list(asked())
