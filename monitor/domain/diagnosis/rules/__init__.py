"""What makes each cause hold: one file a family of causes.

A rule reads a `Case` and yields findings. It knows nothing of other rules:
which cause counts is decided by their depth alone.
"""

from monitor.domain.diagnosis.finding import Rule
from monitor.domain.diagnosis.rules import (
    backend,
    canaries,
    cuda,
    gpu,
    host,
    memory,
    process,
    rest,
    server,
    speed,
    us,
    way,
)

RULES: tuple[Rule, ...] = (
    *us.RULES,
    *host.RULES,
    *gpu.RULES,
    *process.RULES,
    *way.RULES,
    *cuda.RULES,
    *memory.RULES,
    *server.RULES,
    *canaries.RULES,
    *speed.RULES,
    *backend.RULES,
    *rest.RULES,
)
"""Every rule. `rest.py` says what is left when nothing else explains it."""
