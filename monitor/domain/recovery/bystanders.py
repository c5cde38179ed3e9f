"""Bystanders: who and what else goes down with a machine."""

from collections.abc import Iterator

from monitor.domain.recovery.machine_use import MachineUse
from monitor.domain.recovery.words import Action


def bystanders(action: Action, machine: MachineUse | None) -> tuple[str, ...]:
    """Return who is touched beside the server, a sentence each, in order.

    They are part of what is approved, so they hold nothing that changes by
    itself. Only a reboot touches others: memory is freed of our processes
    alone.
    """
    if action is not Action.REBOOT or machine is None:
        return ()
    return tuple(_touched(machine))


def _touched(machine: MachineUse) -> Iterator[str]:
    for one in sorted(set(machine.targets)):
        yield f"the server {one} is on the same machine and goes down with it"
    for one in sorted(set(machine.people or ())):
        yield f"somebody is logged in and will be cut off: {one}"
    for one in sorted(set(machine.strangers)):
        yield f"a process that is not ours has a GPU there and ends: {one}"
    if machine.starts_at_boot is None:
        yield (
            "nothing is known to start the server when the machine boots:"
            " somebody has to"
        )
