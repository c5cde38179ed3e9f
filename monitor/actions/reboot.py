"""Reboot the machine of a FaceFusion server: its steps in words.

What is done is done by the gate of the machine (monitor/gate/README.md,
act); how it is proved is in `domain/recovery/proof_reboot.py`.
"""

from monitor.actions.restart import PROOF
from monitor.domain.machine.words import length
from monitor.domain.recovery.identity import Identity
from monitor.domain.recovery.proof_reboot import (
    BACK_WITHIN,
    DOWN_WITHIN,
    GPUS_WITHIN,
)

WITHIN = 60.0
"""Seconds for the act: its gate looks, answers and reboots 2 s later."""
PROVED_WITHIN = BACK_WITHIN + GPUS_WITHIN
"""Seconds until the machine has to be back with all of its GPUs; then its
server has its own start grace."""


def steps(
    *,
    manager: str,
    unit: str,
    host: str,
    processes: tuple[Identity, ...],
    directory: str,
) -> tuple[str, ...]:
    """Return what is done, in order, a sentence each.

    `processes` are none: a machine is booted whoever runs there.
    """
    del processes
    return (
        _looks(host),
        _goes_down(host),
        _start(manager, unit, directory),
        _comes_back(host),
        PROOF,
    )


def _looks(host: str) -> str:
    return (
        f"on {host} the gate looks once more: its boot must be as planned, no"
        " package manager at work, and no shutdown blocked"
    )


def _goes_down(host: str) -> str:
    return (
        f"2 s later it runs `systemctl reboot` on {host}: all that runs there"
        " ends, whosever it is"
    )


def _comes_back(host: str) -> str:
    return (
        f"look until {host} is back with another boot id, the same host key"
        f" and as many GPUs as before: it has {length(DOWN_WITHIN)} to go"
        f" down and {length(BACK_WITHIN)} to come back"
    )


def _start(manager: str, unit: str, directory: str) -> str:
    if manager in {"systemd", "docker"}:
        return f"{manager} starts {unit} as the machine boots"
    return (
        f"as the machine boots nobody starts the server in {directory} that"
        " we know of: somebody has to"
    )
