"""`host check`: what the monitor may do on a machine."""

import asyncio
import json
from typing import Annotated

import typer

from monitor.cli import exit_codes
from monitor.cli.load import settings
from monitor.cli.options import AsFormat, ConfigFile, Format
from monitor.cli.print_acting import acting_data, print_acting
from monitor.cli.print_looks import as_data, print_looks
from monitor.config import Settings
from monitor.daemon.acting_check import AtHand, look_at_hand
from monitor.daemon.at_host import AtHost, look_at_host
from monitor.domain.health import Health
from monitor.domain.machine.reading import Gap
from monitor.domain.observation import Observation
from monitor.domain.quote import quote
from monitor.ports import GateAnswer

_WAYS = {
    "installed": "the gate is installed there",
    "stdin": "the gate is sent along; nothing is installed",
    "plain": "by plain commands: Python 3.8 or newer is missing there",
}
_NO_NVIDIA_SMI = "not_installed"
_FILES = " and place canary files"


def check(
    host: Annotated[str, typer.Argument(help="A configured host.")],
    config: ConfigFile = None,
    output: AsFormat = Format.TEXT,
) -> int:
    """Try everything that the monitor does on a machine, changing nothing.

    Exits 0 when all of it can be seen and done, 1 when something cannot.
    """
    seen, hand = asyncio.run(_looked(settings(config), host))
    gaps = [(look, gap) for look in seen.looks for gap in _gaps(look)]
    if output is Format.JSON:
        data = {**_data(host, seen, gaps), "acting": acting_data(hand)}
        typer.echo(json.dumps(data, indent=2))
    else:
        _print(host, seen, gaps)
        print_acting(host, hand)
    unseen = seen.answer is None or any(map(_is_unseen, seen.looks))
    lame = hand is not None and not hand.is_able
    return exit_codes.FAILED if unseen or gaps or lame else exit_codes.OK


async def _looked(loaded: Settings, host: str) -> tuple[AtHost, AtHand | None]:
    """Return what both keys of a machine may do, one after the other.

    A machine that the first one does not get into is not asked again.
    """
    seen = await look_at_host(loaded, host)
    if seen.answer is None:
        return seen, None
    return seen, await look_at_hand(loaded, host)


def _is_unseen(look: Observation) -> bool:
    """Return whether a look tells of us rather than of the machine."""
    if look.reading is None or look.health is Health.UNKNOWN:
        return True
    return look.reason == _NO_NVIDIA_SMI


def _gaps(look: Observation) -> tuple[Gap, ...]:
    found: tuple[Gap, ...] = getattr(look.reading, "gaps", ())
    return found


def _print(
    host: str, seen: AtHost, gaps: list[tuple[Observation, Gap]]
) -> None:
    answer = seen.answer
    if answer is None:
        typer.echo(seen.because, err=True)
        return
    python = f" (Python {quote(answer.python)})" if answer.python else ""
    typer.echo(f"{host} is observed: {_WAYS[answer.way]}{python}")
    typer.echo(_may(host, seen.user, answer))
    print_looks(seen.looks)
    for look, gap in gaps:
        what = f" ({gap.what})" if gap.what else ""
        typer.echo(f"missing for {look.key.label}{what}: {gap.because}")


def _may(host: str, user: str, answer: GateAnswer) -> str:
    """Return what the key may do there, and what would narrow it."""
    if answer.way == "installed":
        files = _FILES if "files" in answer.verbs else ""
        return f"its key may observe{files} as {user}, and nothing else"
    first = "install Python 3.8 there, then " if answer.way == "plain" else ""
    return (
        f"its key may do everything that {user} may; to let it observe and"
        f" nothing else: {first}`facefusion-monitor host install {host}`"
    )


def _data(
    host: str, seen: AtHost, gaps: list[tuple[Observation, Gap]]
) -> dict[str, object]:
    answer = seen.answer
    return {
        "host": host,
        "because": seen.because,
        "user": seen.user,
        "way": answer.way if answer else None,
        "python": answer.python if answer else None,
        "gate": answer.version if answer else None,
        "verbs": list(answer.verbs) if answer else [],
        "is_restricted": answer.way == "installed" if answer else None,
        "checks": as_data(seen.looks),
        "gaps": [
            {
                "check": look.key.label,
                "part": gap.part,
                "what": gap.what,
                "because": gap.because,
            }
            for look, gap in gaps
        ],
    }
