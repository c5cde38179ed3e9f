"""The daemon: wired, served and watched until it is told to end."""

import resource
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI

from monitor import __version__
from monitor.adapters.scheduler import ApScheduler
from monitor.adapters.store import SqliteStore
from monitor.config import Settings, without_effect
from monitor.daemon.house import House, build
from monitor.daemon.listen import listen, place
from monitor.daemon.server import DaemonServer
from monitor.daemon.tokens import read_tokens
from monitor.engine.events import Event
from monitor.engine.schedule import Schedule
from monitor.engine.watch import Watch
from monitor.outputs import log
from monitor.outputs.metrics import CONTENT_TYPE, Metrics
from monitor.outputs.metrics.monitor import Self
from monitor.web.app import Serves, create_app

DRAIN = 5.0
"""Seconds that looks under way get to end, and then to clean up."""
DEFAULT_STATE = "sqlite:///facefusion-monitor.db"


async def serve(
    settings: Settings, *, started: Callable[[str], None] | None = None
) -> None:
    """Watch until SIGTERM or SIGINT; `started` hears our own URL.

    Raises `CannotListen`, `CannotStore` and `ConfigurationError` before
    anything was sent.
    """
    _raise_file_limit()
    host, port = settings.server.listen
    sock = listen(host, port)
    url = f"http://{place(host, sock.getsockname()[1])}"
    try:
        public = settings.server.external_url or url
        house = build(settings, public_url=public)
        async with _watching(settings, house) as app:
            log.get().info(
                "watching",
                url=url,
                targets=len(house.board.targets),
                hosts=len(house.board.hosts),
                checks=len(house.checks),
                version=__version__,
            )
            if started is not None:
                started(url)
            await DaemonServer(app).serve([sock])
    finally:
        sock.close()


@asynccontextmanager
async def _watching(
    settings: Settings, house: House
) -> AsyncIterator[FastAPI]:
    """Run the schedule of a house for as long as the block lasts."""
    store = SqliteStore(_state(settings))
    metrics = Metrics(house.board, house.clock, _self(house))

    def tell(event: Event) -> None:
        metrics.heard(event)
        log.heard(event)

    scheduler = ApScheduler()
    watch = Watch(clock=house.clock, board=house.board, store=store, tell=tell)
    schedule = Schedule(scheduler, house.clock, watch)
    _say_what_has_no_effect(settings)
    scheduler.start()
    for check in house.checks:
        schedule.add(check)
    try:
        yield create_app(
            Serves(
                render=metrics.render,
                content_type=CONTENT_TYPE,
                unready=lambda: _unready(house),
                shelf=house.shelf,
                tokens=read_tokens(settings),
            )
        )
    finally:
        scheduler.stop()
        await schedule.drain(DRAIN)
        await house.close()
        store.close()


def _raise_file_limit() -> None:
    """Take all the file descriptors that we may: each look holds one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _state(settings: Settings) -> str:
    url = settings.state.url
    return url if url.startswith("sqlite:") else DEFAULT_STATE


def _self(house: House) -> Self:
    return Self(
        version=__version__,
        configured_at=house.clock.now(),
        ssh_states=lambda: [host.state for host in house.hosts],
    )


def _unready(house: House) -> str:
    """Return why not every server's status has been looked at yet."""
    waiting = [
        entry.check.key.label
        for entry in house.board.entries()
        if entry.check.kind == "status" and entry.seen is None
    ]
    if not waiting:
        return ""
    return f"{len(waiting)} status checks have not been looked at yet"


def _say_what_has_no_effect(settings: Settings) -> None:
    for key in without_effect(settings):
        log.get().warning("setting has no effect yet", key=key)
