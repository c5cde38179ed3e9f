"""The log of a docker container, by the times that docker notes."""

from __future__ import annotations

import re
import time
from typing import NamedTuple

from monitor.gate.commands import Ended, run_command
from monitor.gate.docker import docker_failure, nanoseconds
from monitor.gate.gaps import Gaps
from monitor.gate.logtext import LogSeen, lines_of, newest_lines

_CURSOR_FORM = re.compile(r"([0-9]{1,19})\.([0-9]{1,6})\.([0-9]{1,6})\Z")
_FIRST = 65536
_MOST_LINES = 5000
_FEWER_LINES = 300
"""Docker cuts lines at 16 kB: so many of them always fit."""

_MOST_OUTPUT = 8 << 20
_BILLION = 1_000_000_000
_AHEAD = 60 * _BILLION


class _Place(NamedTuple):
    """A moment, and how many lines of it are known: stdout's, stderr's."""

    at: int
    out: int
    err: int


_BEGINNING = _Place(0, 0, 0)


class _Row(NamedTuple):
    at: int
    text: bytes


def read_container_log(
    name: str, cursor: str | None, limit: int, gaps: Gaps, within: float
) -> LogSeen:
    """Return what came after the cursor, at first the last 64 kB.

    The order of each stream is docker's; lines of one moment are told
    apart by how many of them are known.
    """
    place = _place_of(cursor)
    known = place or _BEGINNING
    ended = _ask_docker(name, known, _MOST_LINES, within / 2)
    if ended.cut:
        ended = _ask_docker(name, known, _FEWER_LINES, within / 2)
    if ended.code:
        gaps.add("docker", f"cannot read its log: {docker_failure(ended)}")
        return LogSeen(cursor, [])
    out, err = parse_rows(ended.stdout), parse_rows(ended.stderr)
    rows = _new_rows(out, known.at, known.out)
    rows += _new_rows(err, known.at, known.err)
    rows.sort(key=lambda row: row.at)
    lines = [
        line for row in rows for line in lines_of(row.text, row.at / _BILLION)
    ]
    most = limit if place else min(limit, _FIRST)
    kept, lost = newest_lines(lines, most)
    return LogSeen(
        _next_cursor(known, out, err),
        kept,
        lost if place else 0,
        place is None and cursor is not None,
        bool(place and rows) and _began_after(name, known.at, within / 4),
    )


def _place_of(cursor: str | None) -> _Place | None:
    """Return the place of a cursor; one of tomorrow would hide today.

    A clock that was set back leaves such a one.
    """
    match = _CURSOR_FORM.match(cursor or "")
    if not match:
        return None
    at, out, err = (int(one) for one in match.groups())
    return None if at > _now() + _AHEAD else _Place(at, out, err)


def _now() -> int:
    return time.time_ns()


def _ask_docker(name: str, place: _Place, most: int, within: float) -> Ended:
    argv = ["docker", "logs", "--timestamps", f"--tail={most}"]
    if place.at:
        argv.append(f"--since={_moment_of(place.at)}")
    return run_command([*argv, "--", name], within, _MOST_OUTPUT)


def _moment_of(at: int) -> str:
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at // _BILLION))
    return f"{whole}.{at % _BILLION:09d}Z"


def parse_rows(output: bytes) -> list[_Row]:
    """Return the rows that begin with a time, in their order."""
    rows = []
    for line in output.split(b"\n"):
        when, _, text = line.partition(b" ")
        at = nanoseconds(when[:40].decode("latin-1"))
        if at is not None and at >= 0:
            rows.append(_Row(at, text))
    return rows


def _new_rows(rows: list[_Row], at: int, known: int) -> list[_Row]:
    """Return the rows after `known` ones of the moment `at`."""
    same = [row for row in rows if row.at == at]
    return [*same[known:], *[row for row in rows if row.at > at]]


def _next_cursor(known: _Place, out: list[_Row], err: list[_Row]) -> str:
    at = max((row.at for row in [*out, *err]), default=0)
    if at < known.at:
        return f"{known.at}.{known.out}.{known.err}"
    from_out = sum(row.at == at for row in out)
    from_err = sum(row.at == at for row in err)
    if at == known.at:
        from_out = max(from_out, known.out)
        from_err = max(from_err, known.err)
    return f"{at}.{from_out}.{from_err}"


def _began_after(name: str, at: int, within: float) -> bool:
    argv = ["docker", "inspect", "--type", "container", "--format"]
    ended = run_command([*argv, "{{.State.StartedAt}}", "--", name], within)
    began = nanoseconds(ended.stdout.decode("latin-1").strip())
    return ended.code == 0 and began is not None and began > at
