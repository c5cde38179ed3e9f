"""What is watched: the servers and machines, by name."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One FaceFusion server. `host` is empty when it is on none we know.

    `gpus` are indexes or uuids of the cards that it uses, empty for all of
    its host. `manager` is what runs it there (systemd, docker, process),
    empty where that is not configured. `start_grace` is how long a start may
    take, `busy_limit` how long it may be silent where nobody can see whether
    it works; both in seconds.
    """

    name: str
    url: str
    dialect: str
    host: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    gpus: tuple[int | str, ...] = ()
    manager: str = ""
    start_grace: float = 60.0
    busy_limit: float = 1800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """One machine that is reached over SSH."""

    name: str
