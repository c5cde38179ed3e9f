"""The part `log`: what came into FaceFusion's log since the last look."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from monitor.gate.containerlog import read_container_log
from monitor.gate.docker import is_container_name
from monitor.gate.filelog import read_log_file
from monitor.gate.finding import absolute_path
from monitor.gate.gaps import Gaps
from monitor.gate.journal import read_journal
from monitor.gate.logtext import LogSeen, log_flaw
from monitor.gate.protocol import Refused, number_of
from monitor.gate.units import is_unit_name

_LONGEST_CURSOR = 1000
_MOST_BYTES = 1 << 20


def observe_log(question: dict[str, object], gaps: Gaps) -> dict[str, object]:
    """Return a log as README.md says. Raises `Refused`."""
    seen = _read(question, gaps)
    return {
        "source": question["source"],
        "cursor": seen.cursor,
        "lines": [{"at": one.at, "text": one.text} for one in seen.lines],
        "skipped_bytes": seen.skipped,
        "rotated": seen.rotated,
        "restarted": seen.restarted,
    }


class NamedLogs:
    """The part `log` of an installed gate: of files those that it is told.

    Without that, whoever has the key reads all that our user may.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = {posixpath.normpath(path) for path in paths}

    def observe(
        self, question: dict[str, object], gaps: Gaps
    ) -> dict[str, object]:
        """Return a log as README.md says. Raises `Refused`."""
        if question.get("source") == "file":
            path = absolute_path(question.get("path"), "path")
            if path not in self._paths:
                raise Refused(
                    "forbidden",
                    f"cannot read {path}: the key does not name it with "
                    "--log; `facefusion-monitor host install` does",
                )
        return observe_log(question, gaps)


def _read(question: dict[str, object], gaps: Gaps) -> LogSeen:
    source, unit = question.get("source"), question.get("unit")
    cursor = _cursor(question.get("cursor"))
    limit = int(number_of(question, "limit", 262144, _MOST_BYTES))
    within = number_of(question, "within", 8.0, 60.0) * 0.9
    if source == "journal":
        if not is_unit_name(unit):
            raise log_flaw("unit", "no unit has such a name")
        return read_journal(str(unit), cursor, limit, gaps, within)
    if source == "docker":
        if not is_container_name(unit):
            raise log_flaw("unit", "no container has such a name")
        return read_container_log(str(unit), cursor, limit, gaps, within)
    if source == "file":
        path = absolute_path(question.get("path"), "path")
        return read_log_file(path, cursor, limit, gaps)
    raise log_flaw("source", "it is journal, docker or file")


def _cursor(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value[:_LONGEST_CURSOR] if value else None
    raise log_flaw("cursor", "it is no text")
