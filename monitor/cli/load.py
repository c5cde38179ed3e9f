"""Loads the configuration the way every command does."""

import os
from pathlib import Path

import typer

from monitor.cli.assumed import ASSUMED, is_assumed
from monitor.config import Settings
from monitor.daemon.configuration import Configuration, Loaded


def settings(path: Path | None) -> Settings:
    """Return the settings, with what the files of targets_from name.

    A list that cannot be used is told on standard error and left out. An
    address that nobody named is told there too. Raises `ConfigurationError`.
    """
    if is_assumed(path):
        typer.echo(f"note: {ASSUMED}", err=True)
    loaded = with_files(Configuration(path, os.environ, Path.cwd()))
    for problem in loaded.problems:
        typer.echo(problem, err=True)
    return loaded.settings


def with_files(configuration: Configuration) -> Loaded:
    """Return what a configuration comes to; no address is asked.

    Raises `ConfigurationError`.
    """
    written = configuration.read()
    found = configuration.sources(written)
    return configuration.load(
        written, [one for one in found if one.lists or one.problems]
    )
