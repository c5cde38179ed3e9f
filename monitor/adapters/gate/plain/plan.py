"""What plain commands are asked, and what they cannot answer."""

import re
from collections.abc import Mapping

from monitor.gate.units import is_unit_name

Parts = Mapping[str, Mapping[str, object]]
Request = tuple[str, str]

DISKS = 32
"""Disks that are looked at; each may take its seconds."""

_PATH = re.compile(r"/[^\x00-\x1f\x7f]{0,4095}")


class Plan:
    """Requests to the script in their order, and gaps known beforehand.

    `because` is why there is no gate on the host.
    """

    def __init__(self, parts: Parts, because: str) -> None:
        self.parts = parts
        self.gaps: list[dict[str, str]] = []
        self.requests: list[Request] = [("clock", "")]
        self._because = because
        for part, asked in parts.items():
            self._add(part, asked)

    def gap(self, part: str, what: str, because: str) -> None:
        """Add what is missing, and why."""
        self.gaps.append({"part": part, "what": what, "because": because})

    def place(self, word: str, name: str) -> int | None:
        """Return where a request's section is, None for one not asked."""
        request = (word, name)
        return (
            self.requests.index(request) if request in self.requests else None
        )

    def _add(self, part: str, asked: Mapping[str, object]) -> None:
        match part:
            case "machine":
                self.requests.append(("machine", ""))
            case "disks":
                self._disks(asked.get("paths"))
            case "service":
                self._service(asked)
            case _:
                self._needs_gate(part, "")

    def _disks(self, paths: object) -> None:
        for path in paths[:DISKS] if isinstance(paths, list | tuple) else ():
            if isinstance(path, str) and _PATH.fullmatch(path):
                self.requests.append(("disk", path))
            else:
                because = "cannot look at it: it is no plain absolute path"
                self.gap("disks", str(path), because)

    def _service(self, asked: Mapping[str, object]) -> None:
        manager, directory = asked.get("manager"), asked.get("directory")
        unit = asked.get("unit")
        if manager == "systemd" and is_unit_name(unit):
            self.requests.append(("systemd", str(unit)))
        elif manager == "process" and _PATH.fullmatch(str(directory)):
            self.requests.append(("process", str(directory)))
        elif manager == "docker":
            self._needs_gate("service", "unit")
            return
        else:
            because = "cannot look for it: its unit or directory is no name"
            self.gap("service", "unit", because)
            return
        self.requests.append(("sockets", ""))

    def _needs_gate(self, part: str, what: str) -> None:
        self.gap(
            part,
            what,
            f"cannot observe {part} there: it needs Python 3.8 or newer on "
            f"the host, or the gate installed there ({self._because})",
        )
