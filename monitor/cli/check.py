"""`check`: look once, now, without a daemon."""

import asyncio
import json
from collections.abc import Collection
from typing import Annotated

import typer

from monitor.cli import exit_codes
from monitor.cli.load import settings
from monitor.cli.options import AsFormat, ConfigFile, Format
from monitor.cli.print_looks import as_data, print_looks
from monitor.daemon.once import look_once
from monitor.domain.health import Health
from monitor.domain.observation import Kind, Observation

_EVIDENCE = ("host", "process", "logs", "jobs")
"""Looks that explain how a server is; its status says whether it works."""
_SETTINGS = ("unit_missing",)
"""Reasons that are a mistake in the configuration."""


def check(
    target: Annotated[
        list[str] | None,
        typer.Argument(help="Targets to look at; all when none is named."),
    ] = None,
    config: ConfigFile = None,
    output: AsFormat = Format.TEXT,
) -> int:
    """Look once at servers and the machines they are on.

    Exits 0 healthy, 1 degraded, 2 unhealthy, 3 unknown: what Nagios
    plugins do. A machine that SSH does not reach counts as degraded, and
    what cannot be seen there, beside a wrong unit, as nothing. Canaries are
    not run; see `canary`.
    """
    seen = asyncio.run(look_once(settings(config), target or []))
    if output is Format.JSON:
        typer.echo(json.dumps(as_data(seen), indent=2))
    else:
        print_looks(seen)
    return exit_code(seen)


def exit_code(seen: list[Observation]) -> int:
    """Return the code of the worst; not knowing is worse than healthy.

    A machine that SSH does not reach makes nobody's server unhealthy, and
    evidence from there that is missing nobody's server unknown.
    """
    return code_of([_weight(one) for one in seen if not _is_missing(one)])


def code_of(healths: Collection[Health]) -> int:
    """Return the code of the worst health; none at all is unknown."""
    for health in (Health.UNHEALTHY, Health.DEGRADED, Health.UNKNOWN):
        if health in healths:
            return exit_codes.OF_HEALTH[health]
    return exit_codes.OK if healths else exit_codes.OF_HEALTH[Health.UNKNOWN]


def _is_missing(seen: Observation) -> bool:
    """Return whether evidence is missing; a wrong setting is no such gap."""
    if seen.health is not Health.UNKNOWN or seen.reason in _SETTINGS:
        return False
    return seen.probe in _EVIDENCE


def _weight(seen: Observation) -> Health:
    unseen = seen.key.kind is Kind.HOST and seen.reading is None
    if unseen and seen.health is Health.UNHEALTHY:
        return Health.DEGRADED
    return seen.health
