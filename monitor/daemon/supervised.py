"""Under systemd: ready, alive, reloading, stopping."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress

from monitor.adapters.systemd import ServiceManager
from monitor.domain.errors import CannotStore
from monitor.ports import Clock, Due, Scheduler

STORE_ANSWERS = 8.0
"""Seconds in which a thread of the state database that lives has ended a job:
one of them waits 5 s where another process keeps the file."""
_TIMES = 3
"""Signs of life within the time that the watchdog waits."""


class Supervised:
    """Tells systemd how we are; without systemd it says nothing.

    `store_lives` returns when the state database has answered, with an
    error as well: a full disk is no reason to be ended, a stuck thread is.
    """

    def __init__(
        self,
        manager: ServiceManager,
        clock: Clock,
        store_lives: Callable[[], Awaitable[None]],
    ) -> None:
        self._manager = manager
        self._clock = clock
        self._store_lives = store_lives

    def ready(self, scheduler: Scheduler, status: str) -> None:
        """Say that we serve, and begin to show signs of life.

        They come from the engine's own schedule and loop, so that whatever
        holds these up is noticed.
        """
        self._manager.ready(status)
        if self._manager.watches:
            scheduler.every(
                "watchdog",
                interval=self._manager.watchdog / _TIMES,
                first=self._clock.now(),
                turn=self.turn,
            )

    async def turn(self, _: Due) -> None:
        """Show a sign of life, if the state database shows one."""
        try:
            async with asyncio.timeout(STORE_ANSWERS):
                with suppress(CannotStore):
                    await self._store_lives()
        except TimeoutError:
            return
        self._manager.alive()

    def reloading(self) -> None:
        """Say that settings are read anew."""
        self._manager.reloading(self._clock.monotonic())

    def reloaded(self, status: str) -> None:
        """Say that reading them is over, whatever came of it."""
        self._manager.ready(status)

    def stopping(self) -> None:
        """Say that we end."""
        self._manager.stopping()


def service_manager() -> ServiceManager:
    """Return the manager that started this process, if one did."""
    return ServiceManager(os.environ, pid=os.getpid())
