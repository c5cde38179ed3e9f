"""What the parts of a house are wired with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from monitor.adapters.canary_files.shelf import MemoryShelf
from monitor.adapters.images import PillowImages
from monitor.adapters.ssh.host import SshHost
from monitor.ports import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Adapters that several checks share.

    `gpu_name` returns the GPU model of a host, None while nobody saw it.
    """

    clock: Clock
    hosts: Mapping[str, SshHost]
    shelf: MemoryShelf
    images: PillowImages
    public_url: str
    gpu_name: Callable[[str], str | None]
    on_step: Callable[[str], None]
