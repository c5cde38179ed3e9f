"""Restart a FaceFusion server: its steps in words, and how long it may take.

What is done is done by the gate of the machine (monitor/gate/README.md,
act); how it is proved is in `domain/recovery/proof.py`.
"""

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from monitor.domain.recovery.identity import Identity

WITHIN = 150.0
"""Seconds for the act: a unit's TimeoutStopSec of 60 s, docker's 20 s or the
25 s between SIGINT and SIGKILL of a bare process, and the start itself."""
SETTLES_WITHIN = 30.0
"""Seconds beside its start grace for three good looks at its status."""
CANARIES_WITHIN = 900.0
"""Seconds that canaries may prove it for at most, whatever they are set
to."""
_NOTHING_ENDS = "no process of it runs, so nothing is ended"
_NAMED = 3
"""Processes that a sentence names."""


def steps(
    *,
    manager: str,
    unit: str,
    host: str,
    processes: tuple[Identity, ...],
    directory: str,
) -> tuple[str, ...]:
    """Return what is done, in order, a sentence each.

    Processes are named by number and program; their other arguments are
    private.
    """
    what = ends(processes)
    match manager:
        case "systemd":
            does = _systemd(unit, host, what)
        case "docker":
            does = _docker(unit, host, what)
        case _:
            does = _bare(host, directory, processes, what)
    return (*does, PROOF)


def serves_within(start_grace: float) -> float:
    """Return for how many seconds it may not serve after its restart."""
    return start_grace + SETTLES_WITHIN


def canaries_within(deadlines: Iterable[float]) -> float:
    """Return for how many seconds canaries may prove it; all run once."""
    return min(sum(deadlines), CANARIES_WITHIN)


def program_of(cmdline: tuple[str, ...]) -> str:
    """Return a program's name and its script's.

    Other arguments are private: they name users' files. A process that
    calls itself something may have put all of them into the first.
    """
    words = [word for one in cmdline[:1] for word in one.split()[:1]]
    scripts = [one for one in cmdline[1:] if one.endswith(".py")]
    paths = map(PurePosixPath, (*words, *scripts[:1]))
    return " ".join(path.name for path in paths)


PROOF = (
    "look until a new process owns its port, its status passed 3 times in a"
    " row and a canary passed: what does not get there in time has failed"
)


def _systemd(unit: str, host: str, what: str) -> tuple[str, ...]:
    with_what = (
        " with the unit's KillSignal and kills what is left of it after its"
        " TimeoutStopSec"
    )
    return (
        f"run `systemctl restart -- {unit}` on {host}: "
        + (f"systemd {what}{with_what}" if what else _NOTHING_ENDS),
        f"systemd starts {unit}",
    )


def _docker(unit: str, host: str, what: str) -> tuple[str, ...]:
    with_what = (
        " with the container's stop signal and kills what is left of it after"
        " 20 s"
    )
    return (
        f"run `docker restart --time 20 -- {unit}` on {host}: "
        + (f"docker {what}{with_what}" if what else _NOTHING_ENDS),
        f"docker starts {unit}",
    )


def _bare(
    host: str, directory: str, processes: Sequence[Identity], what: str
) -> tuple[str, ...]:
    start = start_program(host, directory)
    if not processes:
        return (start,)
    return (
        (
            f"on {host} the gate {what}: SIGINT, after 10 s SIGTERM, after"
            " 10 s more SIGKILL, to these processes and no other"
        ),
        start,
    )


def start_program(host: str, directory: str) -> str:
    """Return how a bare process is started, a sentence."""
    return (
        f"run the start program that {host} has for it in"
        f" /etc/facefusion-monitor-gate.json, in {directory} and as the user"
        " that it ran as"
    )


def ends(processes: Sequence[Identity]) -> str:
    """Return what is ended, as the rest of a sentence; empty for nothing.

    The one that serves comes first, and many are counted.
    """
    if not processes:
        return ""
    first = sorted(processes, key=lambda one: (not one.is_server, one.pid))
    told = ", ".join(map(named, first[:_NAMED]))
    others = len(processes) - _NAMED
    more = f" and {others} more" if others > 0 else ""
    return f"ends {told}{more}"


def named(one: Identity) -> str:
    """Return a process by its number and program."""
    program = program_of(one.cmdline)
    return f"process {one.pid}" + (f" ({program})" if program else "")
