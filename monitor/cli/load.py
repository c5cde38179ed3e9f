"""Loads the configuration the way every command does."""

import os
from pathlib import Path

from monitor.config import Settings, load


def settings(path: Path | None) -> Settings:
    """Return the settings. Raises `ConfigurationError`."""
    return load(path, os.environ, Path.cwd())
