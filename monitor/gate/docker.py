"""What docker says of a container."""

from __future__ import annotations

import json
import re
from datetime import datetime

from monitor.gate.commands import Ended, run_command
from monitor.gate.gaps import Gaps
from monitor.gate.units import UnitSeen, failure

_CONTAINER_FORM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}\Z")
_TEMPLATE = (
    '{"id":{{json .Id}},"state":{{json .State}},'
    '"restarts":{{json .RestartCount}},'
    '"policy":{{json .HostConfig.RestartPolicy}},'
    '"ports":{{json .NetworkSettings.Ports}}}'
)
"""Only what we need: the environment of a container holds secrets."""

_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?"
    r"(Z|[+-]\d\d:\d\d)\Z",
    re.ASCII,
)
_SECOND = 1_000_000_000


def is_container_name(text: object) -> bool:
    """Tell whether this can be a container's name or id, and no option."""
    return isinstance(text, str) and _CONTAINER_FORM.match(text) is not None


def inspect_container(name: str, gaps: Gaps, within: float) -> UnitSeen | None:
    """Return what docker knows, None when it cannot be asked."""
    argv = ["docker", "inspect", "--type", "container", "--format"]
    ended = run_command([*argv, _TEMPLATE, "--", name], within)
    if ended.code != 0 and "no such container" in _lower(ended):
        missing = {"kind": "docker", "name": name, "state": "not-found"}
        return UnitSeen(dict(missing), None, "")
    found = read_inspected(ended.stdout) if ended.code == 0 else None
    if found is None:
        gaps.add("unit", f"cannot ask docker: {docker_failure(ended)}")
        return None
    return container_seen(name, found)


def docker_failure(ended: Ended) -> str:
    """Return why docker told us nothing, and what would help."""
    if "permission denied" in _lower(ended):
        return (
            "permission denied; put the user that the monitor logs in as "
            "into the group docker (that is as good as root)"
        )
    if ended.code == 0:
        return "its answer makes no sense"
    return failure(ended, "docker")


def read_inspected(text: bytes) -> dict[str, object] | None:
    """Read the answer to our template, None when it is not one."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    whole = isinstance(found, dict) and isinstance(found.get("state"), dict)
    return found if whole else None


def container_seen(name: str, found: dict[str, object]) -> UnitSeen:
    """Return a container's state in our words."""
    state = _inner(found, "state")
    running = state.get("Running") is True
    began = state.get("StartedAt" if running else "FinishedAt")
    main_pid = _natural(state.get("Pid")) or None
    answer: dict[str, object] = {
        "kind": "docker",
        "name": name,
        "id": _word(found.get("id")),
        "state": _word(state.get("Status")),
        "main_pid": main_pid,
        "restarts": _natural(found.get("restarts")),
        "since": _moment(began),
        "exit_status": None if running else _natural(state.get("ExitCode")),
        "oom_killed": state.get("OOMKilled") is True,
        "health": _word(_inner(state, "Health").get("Status")),
        "restart_policy": _word(_inner(found, "policy").get("Name")),
    }
    return UnitSeen(answer, main_pid, "", _published(_inner(found, "ports")))


def nanoseconds(text: str) -> int | None:
    """Return a moment as docker writes it, in nanoseconds since 1970."""
    match = _MOMENT.match(text)
    if not match:
        return None
    whole, fraction, zone = match.groups()
    try:
        moment = datetime.fromisoformat(whole + zone.replace("Z", "+00:00"))
        seconds = int(moment.timestamp())
    except (ValueError, OverflowError):
        return None
    return seconds * _SECOND + int((fraction or "").ljust(9, "0"))


def _lower(ended: Ended) -> str:
    return ended.stderr.decode("utf-8", "replace").lower()


def _inner(found: dict[str, object], key: str) -> dict[str, object]:
    value = found.get(key)
    return value if isinstance(value, dict) else {}


def _word(value: object) -> str | None:
    return value[:128] if isinstance(value, str) else None


def _natural(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if value >= 0 else None


def _moment(value: object) -> float | None:
    """Return Unix seconds; docker writes the year 1 for "never"."""
    at = nanoseconds(value) if isinstance(value, str) else None
    return at / _SECOND if at and at > 0 else None


def _published(ports: dict[str, object]) -> tuple[tuple[str, int, int], ...]:
    """Return (address, port on the host, port inside) of TCP ports."""
    found = []
    for inside, places in ports.items():
        number, _, kind = inside.partition("/")
        for place in places if isinstance(places, list) else []:
            at = place.get("HostPort") if isinstance(place, dict) else None
            if kind == "tcp" and _port(number) and _port(at):
                address = _word(place.get("HostIp")) or "0.0.0.0"  # noqa: S104
                found.append((address, _port(at), _port(number)))
    return tuple(found[:64])


def _port(text: object) -> int:
    """Return a port, 0 for what is none."""
    digits = isinstance(text, str) and re.match(r"[0-9]{1,5}\Z", text)
    return int(str(text)) if digits else 0
