"""What the parts of a house are wired with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from monitor.adapters.canary_files.shelf import MemoryShelf
from monitor.adapters.images import PillowImages
from monitor.adapters.ssh.host import SshHost
from monitor.domain.canary.circumstances import Circumstances
from monitor.domain.canary.plan import CanaryPlan
from monitor.domain.observation import CheckKey
from monitor.ports import Clock, Net

Around = Callable[[CheckKey, CanaryPlan], Circumstances]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Adapters that several checks share.

    `around` tells what is known as a canary sets out.
    """

    clock: Clock
    hosts: Mapping[str, SshHost]
    shelf: MemoryShelf
    images: PillowImages
    public_url: str
    net: Net
    around: Around
    on_step: Callable[[str], None]
