"""Configuration: one file, checked as a whole before anything starts.

The way of a file: bytes → nodes (`yaml_nodes`) → entries with lines
(`yaml_tree`) → lists of `targets_from` added (`listed`) → `${NAME}`
replaced (`environment`) → `defaults` merged (`defaults`) → settings or
flaws (`building`, `sentences`, `crosschecks`).
A new setting is a field in `sections/`; once it does something, it gets a
line in `effects`.
"""

from monitor.config.effects import without_effect
from monitor.config.finding import find
from monitor.config.flaws import Flawed
from monitor.config.listed import Listed, read_groups
from monitor.config.loading import Written, load, load_written, read_file
from monitor.config.schema import schema
from monitor.config.sections.settings import Settings
from monitor.config.showing import show
from monitor.config.wildcards import Found, list_files

__all__ = [
    "Flawed",
    "Found",
    "Listed",
    "Settings",
    "Written",
    "find",
    "list_files",
    "load",
    "load_written",
    "read_file",
    "read_groups",
    "schema",
    "show",
    "without_effect",
]
