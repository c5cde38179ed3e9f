"""Follows `targets_from`: a list that changed is in force within 30 s."""

from collections.abc import Callable

from monitor.daemon.reload import InForce, Reload
from monitor.domain.errors import MonitorError
from monitor.ports import Due, Scheduler

INTERVAL = 30.0
"""Seconds between two looks. Prometheus asks an http_sd once a minute."""
NAME = "targets_from"


def follow(
    reload: Reload,
    scheduler: Scheduler,
    *,
    first: float,
    changed: Callable[[InForce | MonitorError], None],
) -> None:
    """Look at the lists from the Unix time `first` on; `changed` hears."""

    async def look(_: Due) -> None:
        try:
            in_force = await reload.from_lists()
        except MonitorError as error:
            changed(error)
        else:
            if in_force is not None:
                changed(in_force)

    scheduler.every(NAME, interval=INTERVAL, first=first, turn=look)
