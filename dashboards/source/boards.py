"""All dashboards, and what their files hold."""

import json
from pathlib import Path

from dashboards.source.canaries import CANARIES
from dashboards.source.fleet import FLEET
from dashboards.source.gpu import GPU
from dashboards.source.grafana import document
from dashboards.source.monitor import MONITOR
from dashboards.source.recovery import RECOVERY
from dashboards.source.server import SERVER

PLACE = Path(__file__).parents[1]
BOARDS = (FLEET, SERVER, CANARIES, GPU, RECOVERY, MONITOR)


def texts() -> dict[str, str]:
    """Return the JSON of every dashboard, by the name of its file."""
    return {
        f"{one.uid}.json": json.dumps(document(one, BOARDS), indent=1) + "\n"
        for one in BOARDS
    }
