"""The composition root: settings become probes, checks and a board."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from monitor.adapters.canary_files.shelf import MemoryShelf
from monitor.adapters.clock import SystemClock
from monitor.adapters.images import PillowImages
from monitor.adapters.ssh.host import SshHost
from monitor.config import Settings
from monitor.daemon import machines, servers
from monitor.daemon.tools import Tools
from monitor.domain.fleet import Host
from monitor.engine.board import Board
from monitor.engine.check import Check
from monitor.ports import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Everything that watches, wired and not yet running."""

    clock: Clock
    board: Board
    checks: Sequence[Check]
    hosts: Sequence[SshHost]
    shelf: MemoryShelf
    images: PillowImages

    async def close(self) -> None:
        """Close every connection."""
        for host in self.hosts:
            await host.close()
        self.images.close()


def build(
    settings: Settings,
    *,
    public_url: str = "",
    on_step: Callable[[str], None] = lambda _: None,
) -> House:
    """Wire a house; nothing is sent before something looks.

    `public_url` is where servers reach us, for canary files by URL.
    `on_step` hears what a canary is doing. Raises `ConfigurationError`.
    """
    clock = SystemClock()
    hosts = {h.name: machines.ssh_host(h, clock) for h in settings.hosts}
    boards: list[Board] = []  # filled below; a probe asks it when it looks
    tools = Tools(
        clock=clock,
        hosts=hosts,
        shelf=MemoryShelf(clock),
        images=PillowImages(),
        public_url=public_url,
        gpu_name=lambda host: _gpu_name(boards[0], host),
        on_step=on_step,
    )
    checks = [
        machines.gpu_check(h, hosts[h.name], clock) for h in settings.hosts
    ]
    for target in settings.targets:
        checks += servers.checks(target, tools)
    board = Board(
        map(servers.facts, settings.targets),
        (Host(name=h.name) for h in settings.hosts),
        checks,
    )
    boards.append(board)
    return House(
        clock=clock,
        board=board,
        checks=checks,
        hosts=tuple(hosts.values()),
        shelf=tools.shelf,
        images=tools.images,
    )


def _gpu_name(board: Board, host: str) -> str | None:
    """Return the model of a host's first GPU, None when nobody saw it."""
    known = board.gpus(host).values()
    return next((k.gpu.name for k in known), None)
