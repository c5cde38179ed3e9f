"""Observes a host without Python: a constant shell script, translated.

The answers have the shape of the gate's. What needs the gate becomes a gap
that says so: the kernel's log, FaceFusion's log, jobs, containers.
"""

from monitor.adapters.gate.plain.observe import observe

__all__ = ["observe"]
