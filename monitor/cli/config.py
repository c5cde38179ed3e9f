"""`config`: look at the configuration without starting anything."""

import json
import os
from pathlib import Path
from typing import Any

import typer
import yaml

from monitor.cli import exit_codes
from monitor.cli.assumed import source
from monitor.cli.load import with_files
from monitor.cli.notes import notes
from monitor.cli.options import AsFormat, ConfigFile, Format
from monitor.config import Settings, find, without_effect
from monitor.config import schema as json_schema
from monitor.config import show as plain
from monitor.config.loading import URL_VARIABLE
from monitor.daemon.configuration import Configuration, Loaded
from monitor.daemon.rehearsal import rehearse
from monitor.domain.errors import ConfigurationError

app = typer.Typer(
    help="Validate the configuration, or see what it comes to.",
    no_args_is_help=True,
)


@app.command()
def check(config: ConfigFile = None, output: AsFormat = Format.TEXT) -> None:
    """Validate the file: every error at once, each with its line.

    Files that it names are read as `run` reads them: those of targets_from,
    keys, tokens, certificates, images. No address is asked. Exits 0 when it
    can be used, 78 when not.
    """
    try:
        settings = _rehearsed(config)
    except ConfigurationError as error:
        if output is Format.JSON:
            _print_json({"ok": False, "errors": str(error).splitlines()})
        raise _refused(error) from None
    if output is Format.JSON:
        _print_json(_as_data(config, settings))
    else:
        _print_counted(config, settings)


def _rehearsed(config: Path | None) -> Settings:
    """Return settings that `run` can use. Raises `ConfigurationError`."""
    loaded = _loaded(config)
    if loaded.problems:
        raise ConfigurationError("\n".join(loaded.problems))
    rehearse(loaded.settings)
    return loaded.settings


def _as_data(config: Path | None, settings: Settings) -> dict[str, object]:
    """Return what was found as plain data; keys are only ever added."""
    return {
        "ok": True,
        "file": str(find(config, Path.cwd()) or URL_VARIABLE),
        "targets": len(settings.targets),
        "hosts": len(settings.hosts),
        "without_effect": without_effect(settings),
        "notes": list(notes(settings)),
    }


def _print_counted(config: Path | None, settings: Settings) -> None:
    targets = _count(len(settings.targets), "target")
    hosts = _count(len(settings.hosts), "host")
    typer.echo(f"{source(config)}: ok, {targets}, {hosts}")
    for key in without_effect(settings):
        typer.echo(f"note: {key} has no effect in this release")
    for note in notes(settings):
        typer.echo(f"note: {note}")


@app.command()
def show(config: ConfigFile = None, output: AsFormat = Format.TEXT) -> None:
    """Print the effective settings, defaults included, secrets masked."""
    try:
        loaded = _loaded(config)
    except ConfigurationError as error:
        raise _refused(error) from None
    shown = plain(loaded.settings)
    if output is Format.JSON:
        _print_json(shown)
        return
    typer.echo(
        yaml.safe_dump(shown, sort_keys=False, allow_unicode=True), nl=False
    )


@app.command()
def schema(output: AsFormat = Format.TEXT) -> None:
    """Print the JSON Schema of the file, for editors.

    Both formats print the same: a schema is JSON.
    """
    del output
    _print_json(json_schema())


def _loaded(config: Path | None) -> Loaded:
    return with_files(Configuration(config, os.environ, Path.cwd()))


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _refused(error: ConfigurationError) -> typer.Exit:
    typer.echo(str(error), err=True)
    return typer.Exit(exit_codes.CONFIGURATION)


def _print_json(value: Any) -> None:  # noqa: ANN401 - whatever JSON can hold
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
