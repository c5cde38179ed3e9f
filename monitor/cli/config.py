"""`config`: look at the configuration without starting anything."""

import json
import os
from pathlib import Path
from typing import Any

import typer
import yaml

from monitor.cli import exit_codes
from monitor.cli.load import with_files
from monitor.cli.options import AsFormat, ConfigFile, Format
from monitor.config import find, without_effect
from monitor.config import schema as json_schema
from monitor.config import show as plain
from monitor.daemon.configuration import Configuration, Loaded
from monitor.domain.errors import ConfigurationError

app = typer.Typer(
    help="Validate the configuration, or see what it comes to.",
    no_args_is_help=True,
)


@app.command()
def check(config: ConfigFile = None, output: AsFormat = Format.TEXT) -> None:
    """Validate the file: every error at once, each with its line.

    The files that targets_from names are validated with it; addresses are
    not asked. Exits 0 when it can be used, 78 when not.
    """
    try:
        file, loaded = _loaded(config)
        if loaded.problems:
            raise ConfigurationError("\n".join(loaded.problems))  # noqa: TRY301 - told as every other error is
    except ConfigurationError as error:
        if output is Format.JSON:
            _print_json({"ok": False, "errors": str(error).splitlines()})
        raise _refused(error) from None
    settings = loaded.settings
    unused = without_effect(settings)
    targets, hosts = len(settings.targets), len(settings.hosts)
    if output is Format.JSON:
        _print_json(
            {
                "ok": True,
                "file": file,
                "targets": targets,
                "hosts": hosts,
                "without_effect": unused,
            }
        )
        return
    counted = f"{_count(targets, 'target')}, {_count(hosts, 'host')}"
    typer.echo(f"{file}: ok, {counted}")
    for key in unused:
        typer.echo(f"note: {key} has no effect in this release")


@app.command()
def show(config: ConfigFile = None, output: AsFormat = Format.TEXT) -> None:
    """Print the effective settings, defaults included, secrets masked."""
    try:
        _, loaded = _loaded(config)
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


def _loaded(config: Path | None) -> tuple[str, Loaded]:
    """Return what was read (a file or the variable) and what it comes to."""
    cwd = Path.cwd()
    configuration = Configuration(config, os.environ, cwd)
    loaded = with_files(configuration)
    return str(find(config, cwd) or "FACEFUSION_URL"), loaded


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _refused(error: ConfigurationError) -> typer.Exit:
    typer.echo(str(error), err=True)
    return typer.Exit(exit_codes.CONFIGURATION)


def _print_json(value: Any) -> None:  # noqa: ANN401 - whatever JSON can hold
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
