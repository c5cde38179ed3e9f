"""`maintenance`: planned work with an end."""

from datetime import datetime
from typing import Annotated

import typer
from pydantic import ValidationError

from monitor.cli.ask_daemon import Missing, ask, print_json
from monitor.cli.lengths import length
from monitor.cli.maintenance_flaws import flaw
from monitor.cli.options import (
    AsFormat,
    CaFile,
    DaemonUrl,
    Format,
    TokenFile,
)
from monitor.cli.print_maintenance import (
    print_ended,
    print_list,
    print_started,
)
from monitor.client import DEFAULT_URL
from monitor.domain.quote import quote
from monitor.schemas.maintenance import NewMaintenance

app = typer.Typer(
    help="Planned work with an end: no pages, no automatic actions.",
    no_args_is_help=True,
)


@app.command()
def start(
    reason: Annotated[
        str, typer.Option(help="Why, for everybody who looks at it.")
    ],
    duration: Annotated[
        str | None,
        typer.Option("--for", help="How long it takes, e.g. 90m or 2h."),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            help="When it ends, e.g. 2026-11-22T22:00Z; without a zone it"
            " is this machine's time.",
        ),
    ] = None,
    target: Annotated[
        list[str] | None, typer.Option(help="A target; may be repeated.")
    ] = None,
    host: Annotated[
        list[str] | None,
        typer.Option(help="Every target on this host; may be repeated."),
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="Every target with this label; repeated: with all.",
        ),
    ] = None,
    url: DaemonUrl = DEFAULT_URL,
    token_file: TokenFile = None,
    ca_file: CaFile = None,
    output: AsFormat = Format.TEXT,
) -> None:
    """Start planned work now. It must have an end: --for or --until."""
    asked = _asked(
        reason=reason,
        duration_seconds=None
        if duration is None
        else length("--for", duration),
        ends_at=None if until is None else _time(until),
        targets=tuple(target or ()),
        hosts=tuple(host or ()),
        labels=dict(map(_label, label or ())),
    )
    told = ask(
        url, token_file, ca_file, lambda door: door.start_maintenance(asked)
    )
    if output is Format.JSON:
        print_json(told)
    else:
        print_started(told)


@app.command()
def end(
    window: Annotated[
        str, typer.Argument(metavar="ID", help="As `list` shows it.")
    ],
    url: DaemonUrl = DEFAULT_URL,
    token_file: TokenFile = None,
    ca_file: CaFile = None,
    output: AsFormat = Format.TEXT,
) -> None:
    """End planned work now."""
    told = ask(
        url,
        token_file,
        ca_file,
        lambda door: door.end_maintenance(window),
        missing=Missing(
            what=f"maintenance {quote(repr(window))}",
            none="of that id under way or to come",
            lists="maintenance list",
        ),
    )
    if output is Format.JSON:
        print_json(told)
    else:
        print_ended(told)


@app.command("list")
def list_(
    url: DaemonUrl = DEFAULT_URL,
    token_file: TokenFile = None,
    ca_file: CaFile = None,
    output: AsFormat = Format.TEXT,
) -> None:
    """Show planned work that is under way or to come."""
    told = ask(url, token_file, ca_file, lambda door: door.maintenance())
    if output is Format.JSON:
        print_json(told)
    else:
        print_list(told)


def _asked(
    *,
    reason: str,
    duration_seconds: float | None,
    ends_at: datetime | None,
    targets: tuple[str, ...],
    hosts: tuple[str, ...],
    labels: dict[str, str],
) -> NewMaintenance:
    """Return the request. Raises `BadParameter`."""
    if (duration_seconds is None) is (ends_at is None):
        raise typer.BadParameter(
            "cannot start maintenance without exactly one end: give --for,"
            " such as --for 2h, or --until"
        )
    if not (targets or hosts or labels):
        raise typer.BadParameter(
            "cannot start maintenance of nothing: name --target, --host or"
            " --label"
        )
    try:
        return NewMaintenance(
            reason=reason,
            duration_seconds=duration_seconds,
            ends_at=ends_at,
            targets=targets,
            hosts=hosts,
            labels=labels,
        )
    except ValidationError as error:
        raise typer.BadParameter(
            f"cannot start this maintenance: {flaw(error)}"
        ) from None


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        raise typer.BadParameter(
            f"cannot use --until: {text!r} is no time; write"
            " 2026-11-22T22:00Z or 2026-11-22T22:00+01:00, for example"
        ) from None


def _label(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise typer.BadParameter(
            f"cannot use --label: {text!r} is not NAME=VALUE; write"
            " site=studio, for example"
        )
    return name, value
