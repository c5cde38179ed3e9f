"""What systemd says of a unit. Any user may ask."""

from __future__ import annotations

import re
import time
from typing import NamedTuple

from monitor.gate.commands import Ended, run_command
from monitor.gate.gaps import Gaps
from monitor.gate.procfiles import whole_number

_UNIT_FORM = re.compile(r"[A-Za-z0-9@_.:\\][A-Za-z0-9@_.:\\-]{0,254}\Z")
_SHOWN = (
    "LoadState,ActiveState,SubState,Result,MainPID,NRestarts,"
    "StateChangeTimestampMonotonic,ExecMainCode,ExecMainStatus,"
    "UnitFileState,Restart,Job,ControlGroup,"
    "ActiveExitTimestampMonotonic,ExecMainExitTimestampMonotonic,User"
)
_ENDED_BY = {"1": "exited", "2": "killed", "3": "dumped"}
"""`CLD_…` of waitid(2), which is what systemd shows as a number."""


class UnitSeen(NamedTuple):
    """A unit or container: our answer, and where its processes are.

    `user` is a name or number as the unit says it, "" for root.
    """

    answer: dict[str, object]
    main_pid: int | None
    cgroup: str
    published: tuple[tuple[str, int, int], ...] = ()
    user: str = ""


def is_unit_name(text: object) -> bool:
    """Tell whether this can be the name of a unit, and no option."""
    return isinstance(text, str) and _UNIT_FORM.match(text) is not None


def look_at_unit(name: str, gaps: Gaps, within: float) -> UnitSeen | None:
    """Return what systemd knows of a unit, None when it cannot be asked."""
    argv = ["systemctl", "show", "--no-pager", "-p", _SHOWN, "--", name]
    ended = run_command(argv, within)
    shown = parse_properties(ended.stdout.decode("utf-8", "replace"))
    if ended.code != 0 or "LoadState" not in shown:
        gaps.add("unit", f"cannot ask systemd: {failure(ended, 'systemctl')}")
        return None
    return _unit_seen(name, shown, _job_of(name, shown, within))


def parse_properties(text: str) -> dict[str, str]:
    """Read lines of KEY=VALUE; the first of a key counts."""
    shown: dict[str, str] = {}
    for line in text.split("\n"):
        key, equals, value = line.partition("=")
        if equals:
            shown.setdefault(key, value)
    return shown


def failure(ended: Ended, program: str) -> str:
    """Return why a program of the host told us nothing."""
    if ended.code == 127:  # noqa: PLR2004 - as a shell says it
        return f"there is no {program} here; check service.manager"
    if ended.late:
        return f"{program} did not answer in time; is its daemon stuck?"
    said = ended.stderr.decode("utf-8", "replace").strip().split("\n")[0]
    return said[:200] or f"{program} ended with code {ended.code}"


def _unit_seen(name: str, shown: dict[str, str], job: str) -> UnitSeen:
    main_pid = whole_number(shown.get("MainPID", "")) or None
    code = _ENDED_BY.get(shown.get("ExecMainCode", ""), "")
    status = whole_number(shown.get("ExecMainStatus", "")) if code else None
    answer: dict[str, object] = {
        "kind": "systemd",
        "name": name,
        "load_state": shown["LoadState"],
        "active_state": shown.get("ActiveState"),
        "sub_state": shown.get("SubState"),
        "result": shown.get("Result"),
        "main_pid": main_pid,
        "restarts": whole_number(shown.get("NRestarts", "")),
        "since": _since(shown.get("StateChangeTimestampMonotonic", "")),
        "exit_code": code,
        "exit_status": status,
        "enabled": shown.get("UnitFileState"),
        "restart_policy": shown.get("Restart"),
        "job": job,
        "stop_asked": _stop_asked(shown),
    }
    return UnitSeen(
        answer,
        main_pid,
        shown.get("ControlGroup", ""),
        user=shown.get("User", ""),
    )


def _stop_asked(shown: dict[str, str]) -> bool | None:
    """Return whether a stop job ended it, None where nothing has ended.

    A unit that is told to stop leaves "active" before its process ends; one
    whose process ends, by itself or by a signal, leaves it after that.
    """
    left = whole_number(shown.get("ActiveExitTimestampMonotonic", ""))
    ended = whole_number(shown.get("ExecMainExitTimestampMonotonic", ""))
    if not left or not ended:
        return None
    return left < ended


def _since(microseconds: str) -> float | None:
    """Return the Unix time of a moment on the clock that never jumps.

    The wall time that systemd noted is wrong once the clock was set.
    """
    passed = whole_number(microseconds)
    if not passed:
        return None
    return round(time.time() - time.monotonic() + passed / 1e6, 3)


def _job_of(name: str, shown: dict[str, str], within: float) -> str:
    """Return the type of the job that runs for a unit, "" without one."""
    if shown.get("Job", "0") in ("", "0"):
        return ""
    argv = ["systemctl", "list-jobs", "--no-pager", "--no-legend", "--", name]
    ended = run_command(argv, within)
    for line in ended.stdout.decode("utf-8", "replace").split("\n"):
        words = line.split()
        if words[:1] == [shown["Job"]] and len(words) > 2:  # noqa: PLR2004
            return words[2]
    return ""
