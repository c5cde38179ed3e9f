"""Asks the running daemon, the way every command does."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

import typer
from pydantic import BaseModel

from monitor.client import Client, Unknown, read_token
from monitor.config.values.refusal import Refused
from monitor.config.values.url import parse_url
from monitor.domain.quote import quote

Told = TypeVar("Told")
Errand = Callable[[Client], Awaitable[Told]]


class Missing(NamedTuple):
    """What was asked for by its name, for when there is none such.

    `lists` is the command that shows those that there are.
    """

    what: str
    none: str
    lists: str

    def at(self, url: str) -> Unknown:
        """Return the error."""
        return Unknown(
            f"cannot find {self.what}: the daemon at {url} has none"
            f" {self.none}; `facefusion-monitor {self.lists}` lists them"
        )


def missing_target(name: str) -> Missing:
    """Return what is missing when there is no such target."""
    what = f"target {quote(repr(name))}"
    return Missing(what=what, none="of that name", lists="status")


def ask(
    url: str,
    token_file: Path | None,
    ca_file: Path | None,
    errand: Errand[Told],
    *,
    missing: Missing | None = None,
) -> Told:
    """Return what came of an errand. Raises `MonitorError`.

    `missing` says in our words what the API does not find: its own are
    for programs.
    """
    where = _checked(url)
    token = read_token(token_file) if token_file else ""

    async def asked() -> Told:
        async with Client(where, token=token, ca_file=ca_file) as client:
            return await errand(client)

    try:
        return asyncio.run(asked())
    except Unknown:
        if missing is None:
            raise
        raise missing.at(where) from None


def print_json(document: BaseModel) -> None:
    """Print a document as it is on the wire; fields are only ever added."""
    typer.echo(document.model_dump_json(indent=2))


def _checked(url: str) -> str:
    try:
        return str(parse_url(url))
    except Refused as refused:
        flaw = refused.refusals[0]
        raise typer.BadParameter(
            f"cannot use --url: {flaw.what}; write http://127.0.0.1:10777,"
            " for example"
        ) from None
