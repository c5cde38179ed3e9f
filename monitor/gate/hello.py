"""Who the gate is and where it runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from monitor.gate.processes import user_names
from monitor.gate.procfiles import host_text
from monitor.gate.version import GATE_VERSION


class Way:
    """How this gate was started, and what that lets it do.

    `way` is installed or stdin; `role` is observe, act or reboot.
    `directory` is where `files` may work, None for nowhere but where a
    request says (and that only in way stdin). `logs` are the log files that
    an installed gate may read.
    """

    def __init__(
        self,
        way: str,
        role: str,
        directory: str | None,
        logs: Sequence[str] = (),
    ) -> None:
        self.way = way
        self.role = role
        self.directory = directory
        self.logs = tuple(logs)

    @property
    def verbs(self) -> list[str]:
        """What may be asked."""
        if self.role != "observe":
            return ["hello", "observe", "act"]
        verbs = ["hello", "observe", "watch"]
        if self.way == "stdin" or self.directory is not None:
            verbs.append("files")
        return verbs


def hello_answer(way: Way, boot_id: str | None) -> dict[str, object]:
    """Return the answer to hello, without its id and time."""
    return {
        "gate": GATE_VERSION,
        "way": way.way,
        "role": way.role,
        "python": ".".join(str(part) for part in sys.version_info[:3]),
        "boot_id": boot_id,
        "user": user_names().get(os.geteuid()),
        "uid": os.geteuid(),
        "verbs": way.verbs,
    }


def read_boot_id() -> str | None:
    """Return what names this boot of the machine, None where unknown."""
    text = host_text("proc", "sys", "kernel", "random", "boot_id")
    return (text or "").strip() or None
