"""Which gate this is. The bundle has the monitor's own version here."""

from __future__ import annotations

GATE_VERSION = "unbundled"
