"""A person's word on a plan, said to the daemon in one sentence."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

from pydantic import ValidationError

from monitor.cli.acting import bad_words, missing_plan
from monitor.cli.ask_daemon import ask, print_json
from monitor.cli.options import Format
from monitor.cli.print_plan import print_word
from monitor.client import Client
from monitor.schemas.recovery import PlanNow
from monitor.schemas.wire import Asked

Words = TypeVar("Words", bound=Asked)


class Daemon(NamedTuple):
    """Where the daemon is, and with what it lets somebody in."""

    url: str
    token_file: Path | None
    ca_file: Path | None


def words(model: type[Words], what: str, **said: str) -> Words:
    """Return what is said. Raises `BadParameter`, naming the option."""
    try:
        return model.model_validate(said)
    except ValidationError as error:
        raise bad_words(what, error) from None


def say(
    daemon: Daemon,
    plan: str,
    word: Callable[[Client], Awaitable[PlanNow]],
    output: Format,
) -> None:
    """Say it, and print where the plan is then. Raises `MonitorError`."""
    told = ask(*daemon, word, missing=missing_plan(plan))
    if output is Format.JSON:
        print_json(told)
    else:
        print_word(told)
