"""Looks at a simulated host through its gate, each a word or two."""

import asyncio
from typing import Any

from monitor.domain.gpu.reading import Gpu
from monitor.domain.nvidia_smi.reader import read
from monitor.simulator.host import SimulatedHost
from tests.simulator.gate_client import gate, new_lines
from tests.simulator.visitor import Visitor

_PAUSE = 2.2
"""Seconds in which a leak leaks a MiB, and a noisy log says something."""


async def unit(visitor: Visitor, host: SimulatedHost) -> str:
    """Return how the unit is, and whether somebody stopped it."""
    found = (await _service(visitor, host))["unit"]
    asked = " asked" * (found["stop_asked"] is True)
    return f"{found['active_state']}{asked}"


async def process(visitor: Visitor, host: SimulatedHost) -> str:
    """Return the state of the process."""
    one, *_ = (await _service(visitor, host))["processes"]
    return str(one["state"])


async def listeners(visitor: Visitor, host: SimulatedHost) -> str:
    """Return where it listens."""
    port = int(host.url.rpartition(":")[2])
    found = (await _service(visitor, host))["listeners"]
    return ", ".join(
        f"{one['address']} {one['port'] - port:+d}" for one in found
    )


async def memory(visitor: Visitor, host: SimulatedHost) -> str:
    """Return whether FaceFusion holds more GPU memory by and by."""
    before = await _first(visitor, host)
    await asyncio.sleep(_PAUSE)
    after = await _first(visitor, host)
    grew = (after.memory_used_bytes or 0) > (before.memory_used_bytes or 0)
    return "grows" if grew else "still"


async def noise(visitor: Visitor, host: SimulatedHost) -> str:
    """Return whether the log goes on by itself."""
    await new_lines(visitor, host, "log")
    await asyncio.sleep(_PAUSE)
    lines = await new_lines(visitor, host, "log")
    return "noisy" if lines.strip() else "quiet"


async def recovery(visitor: Visitor, host: SimulatedHost) -> str:
    """Return what the driver wants done."""
    return (await _first(visitor, host)).recovery_action or "nothing"


async def users(visitor: Visitor, host: SimulatedHost) -> str:
    """Return who is on the first card."""
    found = (await _first(visitor, host)).processes
    return ", ".join(sorted(one.name.split()[-1] for one in found))


async def load(visitor: Visitor, host: SimulatedHost) -> str:
    """Return whether more wants to run than there are CPUs."""
    async with gate(visitor, host) as client:
        seen = (await client.observe(machine={}))["machine"]
    return "too much" if seen["load"][0] > seen["cpus"] else "little"


async def capped(visitor: Visitor, host: SimulatedHost) -> str:
    """Return whether the power limit holds the clocks back."""
    events = dict((await _first(visitor, host)).clock_events)
    return "capped" if events["sw_power_cap"] else "free"


async def use(visitor: Visitor, host: SimulatedHost) -> str:
    """Return how much the first card says that it is used."""
    ratio = (await _first(visitor, host)).utilization_ratio
    return "unknown" if ratio is None else f"{ratio:.0%}"


async def warnings(visitor: Visitor, host: SimulatedHost) -> str:
    """Return what nvidia-smi adds to its answer."""
    last = (await _answer(visitor, host)).rstrip().splitlines()[-1]
    return last.partition(":")[0]


async def _service(visitor: Visitor, host: SimulatedHost) -> dict[str, Any]:
    async with gate(visitor, host) as client:
        return dict((await client.observe(service={}))["service"])


async def _first(visitor: Visitor, host: SimulatedHost) -> Gpu:
    first, *_ = read((await _answer(visitor, host)).encode()).gpus
    return first


async def _answer(visitor: Visitor, host: SimulatedHost) -> str:
    async with gate(visitor, host) as client:
        seen = await client.observe(gpu={})
    return str(seen["gpu"]["stdout"])
