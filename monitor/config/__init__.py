"""Configuration: one file, checked as a whole before anything starts.

The way of a file: bytes → nodes (`yaml_nodes`) → entries with lines
(`yaml_tree`) → `${NAME}` replaced (`environment`) → `defaults` merged
(`defaults`) → settings or flaws (`building`, `sentences`, `crosschecks`).
A new setting is a field in `sections/`; once it does something, it gets a
line in `effects`.
"""

from monitor.config.effects import without_effect
from monitor.config.finding import find
from monitor.config.loading import load
from monitor.config.schema import schema
from monitor.config.sections.settings import Settings
from monitor.config.showing import show

__all__ = ["Settings", "find", "load", "schema", "show", "without_effect"]
