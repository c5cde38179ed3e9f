"""Who asked systemd to keep the machine up: block inhibitors of a shutdown.

`systemctl reboot` of root's goes past them without a word, and no firmware
update or backup would ever be waited for (systemd-inhibit(1)).
"""

from __future__ import annotations

import os
import re

from monitor.gate.gaps import Gaps
from monitor.gate.procfiles import read_whole
from monitor.gate.roots import ROOT

_INHIBIT = ("run", "systemd", "inhibit")
_INHIBITOR = re.compile(r"[0-9]{1,16}\Z")
"""Beside them lie their pipes (`1.ref`), which nobody may open."""
_INHIBITOR_LENGTH = 16384
_INHIBITORS_AT_MOST = 64
_INHIBITOR_WORD = 64
_BLOCKS = "block"
"""`delay` waits for some seconds by itself, `block-weak` never for root."""


def inhibitors_here(gaps: Gaps) -> list[dict[str, object]] | None:
    """Return who blocks a shutdown, and why they say so.

    None and a gap where it cannot be told; none where there is no systemd.
    """
    try:
        names = os.listdir(ROOT.path(*_INHIBIT))
        found = [
            _inhibitor(ROOT.path(*_INHIBIT, name))
            for name in sorted(names)
            if _INHIBITOR.match(name)
        ]
    except FileNotFoundError:
        return []
    except OSError as error:
        gaps.add("inhibitors", f"cannot tell who blocks a shutdown: {error}")
        return None
    blocking = [one for one in found if one is not None]
    return blocking[:_INHIBITORS_AT_MOST]


def _inhibitor(path: str) -> dict[str, object] | None:
    """Return an inhibitor of a shutdown, None for another or a gone one."""
    try:
        text = read_whole(path, _INHIBITOR_LENGTH).decode("utf-8", "replace")
    except FileNotFoundError:
        return None
    pairs = (line.partition("=") for line in text.split("\n"))
    told = {key: value.strip().strip('"') for key, _, value in pairs}
    what = told.get("WHAT", "").split(":")
    if told.get("MODE") != _BLOCKS or "shutdown" not in what:
        return None
    return {
        "who": told.get("WHO", "")[:_INHIBITOR_WORD],
        "why": told.get("WHY", "")[:_INHIBITOR_WORD],
    }
