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
DaemonUrl = Annotated[
    str,
    typer.Option(
        "--url",
        envvar="FACEFUSION_MONITOR_URL",
        help="Where the daemon is.",
        show_default=True,
    ),
]
TokenFile = Annotated[
    Path | None,
    typer.Option(
        "--token-file",
        envvar="FACEFUSION_MONITOR_TOKEN_FILE",
        help="The file with the token to show to the daemon.",
    ),
]
CaFile = Annotated[
    Path | None,
    typer.Option(
        "--ca-file",
        help="The authorities that signed the daemon's certificate, in PEM"
        " form; this machine's by default.",
    ),
]
