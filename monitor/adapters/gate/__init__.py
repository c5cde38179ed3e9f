"""The door to the gate of a host: brought there, spoken to, listened to."""

from monitor.adapters.gate.files import GateFiles
from monitor.adapters.gate.nvidia import RemoteNvidiaSmi
from monitor.adapters.gate.remote import RemoteGate

__all__ = ["GateFiles", "RemoteGate", "RemoteNvidiaSmi"]
