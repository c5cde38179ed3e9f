"""Options that several commands share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How a reading command prints: text for people, JSON for programs."""

    TEXT = "text"
    JSON = "json"


ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help="Configuration file. Default: facefusion-monitor.yml here, then"
        " in /etc/facefusion-monitor; without one $FACEFUSION_URL is the one"
        " target.",
    ),
]
AsFormat = Annotated[
    Format, typer.Option("--format", help="text for people, json is stable.")
]
