"""Loads the configuration the way every command does."""

import os
from pathlib import Path

import typer

from monitor.config import Settings
from monitor.daemon.configuration import Configuration, Loaded


def settings(path: Path | None) -> Settings:
    """Return the settings, with what the files of targets_from name.

    A list that cannot be used is told on standard error and left out.
    Raises `ConfigurationError`.
    """
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
