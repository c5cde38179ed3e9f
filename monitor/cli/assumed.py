"""Whether the address to watch is assumed: nobody named one."""

import os
from pathlib import Path

from monitor.config import find
from monitor.config.loading import DEFAULT_URL, URL_VARIABLE

ASSUMED = (
    f"no configuration file and no {URL_VARIABLE}; {DEFAULT_URL} is assumed"
)


def is_assumed(config: Path | None) -> bool:
    """Tell whether there is neither a file nor the variable.

    Raises `ConfigurationError` where we may not look for a file.
    """
    return find(config, Path.cwd()) is None and not os.environ.get(
        URL_VARIABLE
    )


def source(config: Path | None) -> str:
    """Return what the settings come from, for people."""
    if is_assumed(config):
        return f"{URL_VARIABLE} (not set; {DEFAULT_URL} is assumed)"
    return str(find(config, Path.cwd()) or URL_VARIABLE)
