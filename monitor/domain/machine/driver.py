"""Whether it is safe to ask a machine's NVIDIA driver something."""

from collections.abc import Sequence

from monitor.domain.kernel.event import KernelReading
from monitor.domain.machine.reading import DriverProcess

_DEAD = {119, 120}
"""Xids of a GPU whose own processor is dead: who asks hangs, and cannot be
killed (facts/gpu.md §2)."""


def is_well(
    drivers: Sequence[DriverProcess] | None, kernel: KernelReading | None
) -> bool:
    """Return whether nothing says that an nvidia-smi would hang.

    Not without having looked (None), not beside one that waits in the
    kernel now, and not after Xid 119 or 120 in this boot: what we would
    learn is not worth the risk.
    """
    if drivers is None or any(driver.state == "D" for driver in drivers):
        return False
    return kernel is None or all(
        event.xid not in _DEAD for event in kernel.xids
    )
