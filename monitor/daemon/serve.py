"""The daemon: wired, served and watched until it is told to end."""

import asyncio
import gc
import resource
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from socket import socket

from monitor import __version__
from monitor.adapters.loop import loop_factory
from monitor.config import Settings
from monitor.daemon.answers import Answers
from monitor.daemon.configuration import Configuration
from monitor.daemon.listen import listen, place
from monitor.daemon.server import DaemonServer
from monitor.daemon.supervised import Supervised, service_manager
from monitor.daemon.tls import read_tls
from monitor.daemon.works import Works
from monitor.domain.errors import MonitorError
from monitor.outputs import log
from monitor.web.app import create_app

SWITCH = 0.001
"""Seconds after which a thread gives way. There are many (SSH, rendering),
and with Python's 5 ms the event loop waits for several of them in turn."""


def run(
    configuration: Configuration,
    *,
    started: Callable[[str], None] = lambda _: None,
) -> None:
    """Watch until SIGTERM or SIGINT, on the fastest loop there is.

    Raises as `serve` does.
    """
    sys.setswitchinterval(SWITCH)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(serve(configuration, started=started))


async def serve(
    configuration: Configuration,
    *,
    started: Callable[[str], None] = lambda _: None,
) -> None:
    """Watch until SIGTERM or SIGINT; `started` hears our own URL.

    Raises `CannotListen`, `CannotStore` and `ConfigurationError` before
    any server was looked at.
    """
    base = configuration.base()
    _raise_file_limit()
    host, port = base.server.listen
    sock = listen(host, port)
    try:
        scheme = "https" if base.server.tls else "http"
        url = f"{scheme}://{place(host, sock.getsockname()[1])}"
        await Daemon(configuration, base, url).run(sock, started)
    finally:
        sock.close()


class Daemon:
    """The works, the server in front of them, and SIGHUP."""

    def __init__(
        self, configuration: Configuration, base: Settings, url: str
    ) -> None:
        self._url = url
        self.works = Works(configuration, base, url, [self._follow_tls])
        self.answers = Answers(self.works)
        self._supervised = Supervised(
            service_manager(), self.works.clock, self.works.store.alive
        )
        self._serves_tls = base.server.tls is not None
        self._server = DaemonServer(
            create_app(self.answers.serves()),
            tls=read_tls(base.server.tls) if base.server.tls else None,
            ending=self.works.hub.close,
        )
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, sock: socket, started: Callable[[str], None]) -> None:
        """Serve until a signal; what was started is stopped in any case."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, self._hang_up)
        try:
            done = await self.works.start()
            for warning in done.warnings:
                log.get().warning("accepted, but", because=warning)
            self._log_start()
            started(self._url)
            settle()
            self._supervised.ready(self.works.scheduler, self._status())
            await self._server.serve([sock])
        finally:
            self._supervised.stopping()
            await self.works.stop()

    def _log_start(self) -> None:
        house = self.works.house
        log.get().info(
            "watching",
            url=self._url,
            targets=len(house.board.targets),
            hosts=len(house.board.hosts),
            checks=len(house.checks),
            version=__version__,
        )

    def _status(self) -> str:
        board = self.works.house.board
        return (
            f"watching {len(board.targets)} servers on"
            f" {len(board.hosts)} hosts at {self._url}"
        )

    def _hang_up(self) -> None:
        """Reload for SIGHUP; whoever sent it reads the log."""
        self._spawn(self._reload())

    async def _reload(self) -> None:
        self._supervised.reloading()
        try:
            await self.answers.reload()
        except MonitorError as error:
            for line in str(error).splitlines():
                log.get().error("configuration refused", because=line)
        finally:
            self._supervised.reloaded(self._status())

    def _follow_tls(self, settings: Settings) -> Callable[[], Sequence[str]]:
        """Serve with the certificate as its files are now."""
        tls = settings.server.tls
        fresh = read_tls(tls) if tls and self._serves_tls else None

        def put() -> Sequence[str]:
            if fresh is not None and self._server.started:
                self._spawn(self._server.change_tls(fresh))
            return ()

        return put

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def settle() -> None:
    """Take what stays for good out of the garbage collector's way.

    A full collection over a large fleet held the loop for 53 to 129 ms.
    """
    gc.collect()
    gc.freeze()


def _raise_file_limit() -> None:
    """Take all the file descriptors that we may: each look holds one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
