"""What `systemctl show` prints of a unit, as the gate tells it."""

from collections.abc import Mapping

from monitor.adapters.gate.plain.clock import HostClock
from monitor.adapters.gate.plain.sections import Section, every, whole
from monitor.gate.units import parse_properties

_ENDED_BY = {"1": "exited", "2": "killed", "3": "dumped"}
"""`CLD_…` of waitid(2), which systemd shows as a number."""

_JOB_WORDS = 3


def read_unit(
    name: str, section: Section, clock: HostClock
) -> dict[str, object] | None:
    """Return the unit, None when systemd did not answer."""
    shown = parse_properties("\n".join(every(section, "unit")))
    if "LoadState" not in shown:
        return None
    code = _ENDED_BY.get(shown.get("ExecMainCode", ""), "")
    return {
        "kind": "systemd",
        "name": name,
        "load_state": shown["LoadState"],
        "active_state": shown.get("ActiveState"),
        "sub_state": shown.get("SubState"),
        "result": shown.get("Result"),
        "main_pid": whole(shown.get("MainPID")) or None,
        "restarts": whole(shown.get("NRestarts")),
        "since": _since(shown, clock),
        "exit_code": code,
        "exit_status": whole(shown.get("ExecMainStatus")) if code else None,
        "enabled": shown.get("UnitFileState"),
        "restart_policy": shown.get("Restart"),
        "job": _job(shown.get("Job"), every(section, "job")),
    }


def _since(shown: Mapping[str, str], clock: HostClock) -> float | None:
    passed = whole(shown.get("StateChangeTimestampMonotonic"))
    return round(clock.boot_time + passed / 1e6, 3) if passed else None


def _job(number: str | None, jobs: list[str]) -> str:
    for line in jobs:
        words = line.split()
        if words[:1] == [number] and len(words) >= _JOB_WORDS:
            return words[2]
    return ""
