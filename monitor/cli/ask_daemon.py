"""Asks the running daemon, the way every command does."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import typer
from pydantic import BaseModel

from monitor.client import Client, read_token
from monitor.config.values.refusal import Refused
from monitor.config.values.url import parse_url

Told = TypeVar("Told")
Errand = Callable[[Client], Awaitable[Told]]


def ask(
    url: str,
    token_file: Path | None,
    ca_file: Path | None,
    errand: Errand[Told],
) -> Told:
    """Return what came of an errand. Raises `MonitorError`."""
    where = _checked(url)
    token = read_token(token_file) if token_file else ""

    async def asked() -> Told:
        async with Client(where, token=token, ca_file=ca_file) as client:
            return await errand(client)

    return asyncio.run(asked())


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
