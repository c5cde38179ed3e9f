"""What a simulated gate looks at."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from monitor.simulator.faults import Faults
from monitor.simulator.machine.world import World
from monitor.simulator.nvidia_smi.tool import NvidiaSmi

Question = Mapping[str, object]
Answer = dict[str, object]


class Acts(Protocol):
    """The verb `act`."""

    def answer(self, request: Question, role: str = "act") -> Answer:
        """Do what is asked with a key for this role. Raises `Refused`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A machine, its cards, what is broken, and where files may lie.

    `canaries` is what `--directory` of an installed gate would be; no file
    outside of `root` is read. `acting` remembers who acted on it.
    """

    world: World
    nvidia_smi: NvidiaSmi
    faults: Faults
    canaries: Path
    root: Path
    acting: Acts
    monotonic: Callable[[], float] = time.monotonic
