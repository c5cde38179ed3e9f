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
_LONGEST_KEY = 255
"""Characters, as the daemon's interface has it."""


def _key(given: str) -> str:
    """Return a key that can be a header. Raises `BadParameter`."""
    if len(given) > _LONGEST_KEY or not all(" " <= c <= "~" for c in given):
        raise typer.BadParameter(
            f"it is at most {_LONGEST_KEY} printable ASCII characters"
        )
    return given


IdempotencyKey = Annotated[
    str,
    typer.Option(
        "--idempotency-key",
        metavar="KEY",
        callback=_key,
        help="A name of your own for this request, for scripts: given again"
        " within a day nothing is done twice, and the answer is the first"
        " one's.",
    ),
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
