"""Which Python runs a service. It is looked at and never run."""

from __future__ import annotations

import os
import posixpath
import re
from typing import NamedTuple

from monitor.gate.commandlines import script_of
from monitor.gate.commands import run_command
from monitor.gate.gaps import Gaps
from monitor.gate.processes import ProcessSeen
from monitor.gate.roots import ROOT

_STARTED_BY = re.compile(r"path=(/[^;\n]{1,4096}?) ;")


class PythonPlace(NamedTuple):
    """An interpreter's `path`, below the folder `root` of its own view.

    `root` is that of the container where it is in one.
    """

    path: str
    root: str


def find_python(process: ProcessSeen, gaps: Gaps) -> PythonPlace | None:
    """Return the Python that a process was started with.

    That is the name on its command line: what /proc says it executes is the
    interpreter behind a virtual environment, which has other packages.
    """
    path = _named(process)
    if path is None:
        gaps.add(
            "python",
            f"cannot tell which Python runs process {process.pid}: its"
            " command line names none by its path",
        )
        return None
    if not process.contained:
        return PythonPlace(path, ROOT.folder)
    root = ROOT.path("proc", str(process.pid), "root")
    if not os.access(root, os.X_OK):
        gaps.add(
            "python",
            f"cannot look into the container of process {process.pid}: that"
            " is for its own user and root",
        )
        return None
    return PythonPlace(path, root)


def python_of_unit(unit: str, gaps: Gaps, within: float) -> PythonPlace | None:
    """Return the Python that systemd would start a unit with."""
    argv = ["systemctl", "show", "--no-pager", "-p", "ExecStart", "--", unit]
    ended = run_command(argv, within)
    text = ended.stdout.decode("utf-8", "replace")
    for path in _STARTED_BY.findall(text):
        if script_of([path, "facefusion.py"]) is not None:
            return PythonPlace(posixpath.normpath(path), ROOT.folder)
    gaps.add(
        "python",
        f"cannot tell which Python runs {unit}: no process of it runs, and"
        " its ExecStart= names none",
    )
    return None


def _named(process: ProcessSeen) -> str | None:
    """Return the interpreter's path, None where only its name is known."""
    if script_of(process.cmdline) is None:
        return None
    first = process.cmdline[0]
    if "/" not in first:
        return None
    if not posixpath.isabs(first) and process.cwd is None:
        return None
    return posixpath.normpath(posixpath.join(process.cwd or "/", first))
