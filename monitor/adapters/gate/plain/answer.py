"""From sections to the body of an answer."""

from collections.abc import Mapping, Sequence
from functools import partial

from monitor.adapters.gate.plain.clock import read_clock
from monitor.adapters.gate.plain.disks import read_disk, why
from monitor.adapters.gate.plain.machine import read_machine
from monitor.adapters.gate.plain.plan import Plan
from monitor.adapters.gate.plain.sections import Section
from monitor.adapters.gate.plain.service import read_service


class Answer:
    """Translates what a plan's requests were answered with.

    Raises `Unreadable` where not even the host's clock was told.
    """

    def __init__(self, plan: Plan, sections: Sequence[Section]) -> None:
        self._plan = plan
        self._sections = sections
        self._clock = read_clock(sections[0])

    @property
    def body(self) -> dict[str, object]:
        """The answer, as a gate's."""
        parts = self._parts()
        return {
            "v": 1,
            "id": "plain",
            "at": float(self._clock.now),
            "boot_id": self._clock.boot_id or None,
            "parts": parts,
            "gaps": self._plan.gaps,
        }

    def _parts(self) -> dict[str, object]:
        parts: dict[str, object] = {}
        for part, asked in self._plan.parts.items():
            match part:
                case "machine":
                    parts[part] = self._machine()
                case "disks":
                    parts[part] = {"disks": self._disks()}
                case "service":
                    if found := self._service(asked):
                        parts[part] = found
                case _:
                    pass  # a gap, since the plan
        return parts

    def _machine(self) -> dict[str, object]:
        section = self._section("machine", "") or ()
        machine = read_machine(section, self._clock)
        for name in ("load", "cpus", "memory_total", "memory_available"):
            if machine[name] is None:
                because = "cannot read it from /proc there"
                self._plan.gap("machine", name, because)
        for name in ("people", "packages", "inhibitors"):
            because = "cannot tell by plain commands"
            self._plan.gap("machine", name, because)
        return machine

    def _disks(self) -> list[dict[str, object]]:
        disks = []
        for word, path in self._plan.requests:
            if word != "disk":
                continue
            section = self._section(word, path) or ()
            if disk := read_disk(path, section):
                disks.append(disk)
            else:
                self._plan.gap("disks", path, why(section))
        return disks

    def _service(
        self, asked: Mapping[str, object]
    ) -> dict[str, object] | None:
        shown = self._section("systemd", str(asked.get("unit")))
        if asked.get("manager") == "process":
            shown = self._section("process", str(asked.get("directory")))
        sockets = self._section("sockets", "")
        if shown is None or sockets is None:
            return None
        gap = partial(self._plan.gap, "service")
        return read_service(asked, shown, sockets, self._clock, gap)

    def _section(self, word: str, name: str) -> Section | None:
        place = self._plan.place(word, name)
        return None if place is None else self._sections[place]
