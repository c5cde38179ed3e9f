"""What is watched: the servers and machines, by name."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One FaceFusion server. `host` is empty when it is on none we know."""

    name: str
    url: str
    dialect: str
    host: str = ""
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """One machine that is reached over SSH."""

    name: str
