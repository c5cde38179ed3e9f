"""What the commands of recovery share: names, next commands, exit codes."""

import os
import re
import shlex
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from typing_extensions import override

from monitor.cli import exit_codes
from monitor.cli.ask_daemon import Missing
from monitor.client import DEFAULT_URL, Refused, Unknown
from monitor.domain.quote import quote
from monitor.domain.recovery.words import Outcome
from monitor.schemas.change import Change
from monitor.schemas.recovery import Plan, PlanState

NOT_KNOWN = 3
"""The exit code for what nobody can say yet, as for an unknown health."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_CODES = {
    Outcome.SUCCEEDED: exit_codes.OK,
    Outcome.FAILED: 2,
    Outcome.GAVE_UP: 2,
    Outcome.INTERRUPTED: NOT_KNOWN,
}
"""Every other outcome says that nothing was done: 1."""
_OPTIONS = {
    "reason": "--reason",
    "done": "--done",
    "break_glass": "--break-glass",
}
_WORDS = {
    "string_too_short": "it is empty; say it in a sentence",
    "string_too_long": "it is too long; shorten it",
    "string_pattern_mismatch": (
        "it is no name; use small letters, digits, dots, dashes and"
        " underscores"
    ),
}

PlanId = Annotated[
    str, typer.Argument(metavar="PLAN", help="As `plan` showed it.")
]


def plan_id(text: str) -> str:
    """Return the id of a plan. Raises `BadParameter`."""
    return _fits(_ID, "PLAN", text, "an id as `plan` shows it")


def change_id(text: str) -> str:
    """Return the id of a change. Raises `BadParameter`."""
    return _fits(_ID, "CHANGE", text, "an id as `changes` shows it")


def target_name(text: str) -> str:
    """Return the name of a target. Raises `BadParameter`."""
    rule = "small letters, digits, dots, dashes and underscores"
    return _fits(_NAME, "TARGET", text, rule)


def code_of(change: Change) -> int:
    """Return the exit code for how a change ended, or that it has not."""
    if change.outcome is None:
        return NOT_KNOWN
    return _CODES.get(change.outcome, exit_codes.FAILED)


def again(url: str, token_file: Path | None) -> str:
    """Return the options with which another command is let in there, too."""
    known = {DEFAULT_URL, os.environ.get("FACEFUSION_MONITOR_URL")}
    where = "" if url in known else f" --url {shlex.quote(url)}"
    usual = os.environ.get("FACEFUSION_MONITOR_TOKEN_FILE")
    if token_file is None or str(token_file) == usual:
        return where
    return f"{where} --token-file {shlex.quote(str(token_file))}"


class _MissingPlan(Missing):
    """What is missing when there is no such plan: no command lists them."""

    @override
    def at(self, url: str) -> Unknown:
        return Unknown(
            f"cannot find {self.what}: the daemon at {url} has none"
            f" {self.none}; `facefusion-monitor {self.lists}` makes one and"
            " shows its id"
        )


def missing_plan(id_: str) -> Missing:
    """Return what is missing when there is no such plan."""
    what = f"plan {quote(repr(id_))}"
    return _MissingPlan(what=what, none="of that id", lists="plan")


def no_change(plan: Plan) -> Refused:
    """Return that an id is a plan's, and what can be done instead."""
    said = f"cannot find change {plan.id}: that is a plan"
    if plan.change:
        said += f"; it was applied as change {plan.change}"
    elif plan.state is PlanState.OVER:
        said += "; it is over, and nothing was done by it"
    else:
        said += (
            " that nobody has applied;"
            f" `facefusion-monitor deny {plan.id} --reason …` ends it"
        )
    return Refused(said, code=HTTPStatus.NOT_FOUND)


def missing_change(id_: str) -> Missing:
    """Return what is missing when there is no such change."""
    what = f"change {quote(repr(id_))}"
    return Missing(what=what, none="of that id", lists="changes")


def bad_words(what: str, error: ValidationError) -> typer.BadParameter:
    """Return what is wrong with words that were typed, by their option."""
    first = error.errors(include_url=False, include_input=False)[0]
    option = _OPTIONS.get(str(first["loc"][0]), "it")
    said = quote(first["msg"].removeprefix("Value error, "))
    why = _WORDS.get(first["type"], f"it {said}")
    return typer.BadParameter(f"cannot {what}: {option}: {why}")


def _fits(rule: re.Pattern[str], what: str, text: str, means: str) -> str:
    if rule.fullmatch(text):
        return text
    raise typer.BadParameter(
        f"cannot use {what}: {quote(repr(text))} is not {means}"
    )
