"""Signs of work: whether a server's process does anything."""

from monitor.domain.service.reading import ServiceReading

IDLE = 0.05
"""CPU seconds a second below which a process idles: a stock server with
nothing to do takes well under 1 %, one that loads or works most of a core."""


def is_working(reading: ServiceReading) -> bool | None:
    """Return whether its CPU time or its share of a GPU moves.

    None where neither is known; one that is unknown proves nothing.
    """
    shares = reading.gpu_shares
    on_gpu = None if shares is None else any(one.ratio > 0 for one in shares)
    ratio = reading.cpu_ratio
    on_cpu = None if ratio is None else ratio >= IDLE
    if on_gpu or on_cpu:
        return True
    return None if on_cpu is None else False
