"""Signs of work: whether a server's process does anything."""

import pytest

from monitor.domain.service.reading import GpuShare, ServiceReading
from monitor.domain.service.work import is_working

IDLE = (GpuShare(gpu=0, pid=7, ratio=0.0),)
BUSY = (GpuShare(gpu=0, pid=7, ratio=0.4),)


@pytest.mark.parametrize(
    ("cpu", "shares", "working"),
    [
        (None, None, None),
        (0.0, None, False),
        (0.9, None, True),
        (0.0, IDLE, False),
        (0.0, BUSY, True),
        (None, BUSY, True),
        (None, IDLE, None),
    ],
)
def test_cpu_time_or_a_share_of_a_gpu_is_work(
    cpu: float | None,
    shares: tuple[GpuShare, ...] | None,
    *,
    working: bool | None,
) -> None:
    reading = ServiceReading(
        manager="systemd", port=1, cpu_ratio=cpu, gpu_shares=shares
    )

    assert is_working(reading) is working
