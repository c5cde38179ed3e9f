"""The typed client of the daemon's REST API: what commands speak through.

The one door to httpx beside `adapters/http`. Documents are those of
`monitor.schemas`; every error is a `MonitorError` that says what helps.
"""

from monitor.client.client import DEFAULT_URL, Bounds, Client
from monitor.client.errors import (
    ClientError,
    NoDaemon,
    NotAllowed,
    NotOurs,
    PlanRefused,
    Refused,
    StillUnderWay,
    Unknown,
)
from monitor.client.stream import Event
from monitor.client.token import read_token

__all__ = [
    "DEFAULT_URL",
    "Bounds",
    "Client",
    "ClientError",
    "Event",
    "NoDaemon",
    "NotAllowed",
    "NotOurs",
    "PlanRefused",
    "Refused",
    "StillUnderWay",
    "Unknown",
    "read_token",
]
