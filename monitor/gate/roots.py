"""Where the machine's own files are: the one place that a test changes."""

from __future__ import annotations

import os


class Root:
    """The folder below which /proc, /sys and the rest are looked for."""

    def __init__(self, folder: str = "/") -> None:
        self.folder = folder

    def path(self, *parts: str) -> str:
        """Return `/proc/uptime` for `("proc", "uptime")`."""
        return os.path.join(self.folder, *parts)


ROOT = Root()
"""Tests set `ROOT.folder` to a tree of their own (tests/gate/conftest.py)."""
