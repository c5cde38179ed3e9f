"""The doors of the house, as seen from inside: one Protocol each.

Adapters open them to the world, tests/fakes/ to a world of their own.
"""

from monitor.ports.canaries import CanaryFiles, Images, Placed, Shelf
from monitor.ports.machines import Gate, GateAnswer, NvidiaSmi, Ran, Shell
from monitor.ports.recovery import (
    Captured,
    Errand,
    Hand,
    HandAnswer,
    Journal,
    Limits,
    Lock,
)
from monitor.ports.servers import Backend, FaceFusion, Http, Net, Preflight
from monitor.ports.store import KeptAnswer, Store, Told
from monitor.ports.time import Clock, Due, Scheduler, Turn

__all__ = [
    "Backend",
    "CanaryFiles",
    "Captured",
    "Clock",
    "Due",
    "Errand",
    "FaceFusion",
    "Gate",
    "GateAnswer",
    "Hand",
    "HandAnswer",
    "Http",
    "Images",
    "Journal",
    "KeptAnswer",
    "Limits",
    "Lock",
    "Net",
    "NvidiaSmi",
    "Placed",
    "Preflight",
    "Ran",
    "Scheduler",
    "Shelf",
    "Shell",
    "Store",
    "Told",
    "Turn",
]
