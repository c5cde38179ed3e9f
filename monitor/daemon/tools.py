"""What the parts of a house are wired with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from monitor.adapters.canary_files.shelf import MemoryShelf
from monitor.adapters.gate import RemoteGate
from monitor.adapters.images import PillowImages
from monitor.adapters.ssh.host import SshHost
from monitor.domain.canary.circumstances import Circumstances
from monitor.domain.canary.plan import CanaryPlan
from monitor.domain.observation import CheckKey
from monitor.ports import Clock, Net
from monitor.probes.host_notes import HostNotes

Around = Callable[[CheckKey, CanaryPlan], Circumstances]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A machine, as those see it who look at a server on it.

    `interval` is the time in seconds between two looks at it.
    """

    shell: SshHost
    gate: RemoteGate
    notes: HostNotes
    interval: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Adapters that several checks share.

    `around` tells what is known as a canary sets out.
    """

    clock: Clock
    hosts: Mapping[str, Reached]
    shelf: MemoryShelf
    images: PillowImages
    public_url: str
    net: Net
    around: Around
    on_step: Callable[[str], None]
