"""Free GPU memory of what FaceFusion left there: its steps in words.

What is done is done by the gate of the machine (monitor/gate/README.md,
act); how it is proved is in `domain/recovery/proof_memory.py`.
"""

from monitor.actions.restart import PROOF, ends, start_program
from monitor.domain.recovery.identity import Identity

IDLE_WITHIN = 10.0
"""Seconds that the gate waits for the cards to be idle before it signals."""
WITHIN = 150.0
"""Seconds for the act: 10 s until the cards are idle, 25 s between SIGINT and
the end of SIGKILL, 60 s for a start, and nvidia-smi up to four times with 7 s
each, rounded up."""
BACK_WITHIN = 60.0
"""Seconds until the memory has to be back. Ours: a driver gives it back as a
process ends, and nvidia-smi is looked at every few seconds."""


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
    does = (
        _looks(host),
        _waits(),
        _signals(host, processes),
    )
    if any(one.is_server for one in processes):
        return (*does, _start(manager, unit, host, directory), _BACK, PROOF)
    return (*does, _BACK, _GOES_ON)


_BACK = (
    "look until none of them is on the cards and no memory is left that"
    " nobody holds: what is not back in time has failed"
)
_GOES_ON = (
    "look until the status of the server passed 3 times in a row and a canary"
    " passed"
)

_RUNS = ", which does nothing where it runs"


def _looks(host: str) -> str:
    return (
        f"on {host} the gate asks nvidia-smi once more and goes on only where"
        " exactly these of its processes hold memory on its GPUs"
    )


def _signals(host: str, processes: tuple[Identity, ...]) -> str:
    if not processes:
        return "no process of it holds GPU memory, so nothing is ended"
    return (
        f"on {host} the gate {ends(processes)}: SIGINT, after 10 s SIGTERM,"
        " after 10 s more SIGKILL, to these processes and no other; one that"
        " does not end (state D) is reported"
    )


def _waits() -> str:
    return (
        f"it waits for at most {IDLE_WITHIN:g} s until these cards are idle,"
        " and says when they were not: a process that is ended in the middle"
        " of its work can leave a card latched at 100 %"
    )


def _start(manager: str, unit: str, host: str, directory: str) -> str:
    match manager:
        case "systemd":
            return f"run `systemctl start -- {unit}` on {host}{_RUNS}"
        case "docker":
            return f"run `docker start -- {unit}` on {host}{_RUNS}"
        case _:
            return start_program(host, directory)
