"""A daemon that watches hosts with a real systemd, over real SSH."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.machines.host import DATA, DIRECTORY, SystemdHost
from tests.stories.daemon import Daemon, Scrape, running

TARGET = "studio"
HURRY = {
    "status": {
        "interval": "1s",
        "timeout": "900ms",
        "confirm_interval": "500ms",
    },
    "gpu": {"interval": "1s"},
    "host": {"interval": "1s", "disks": ["/", DATA]},
}
"""So that a story is short; at default settings leave it out."""
SERVICE = {
    "manager": "systemd",
    "unit": "facefusion.service",
    "directory": DIRECTORY,
    "log": "journal",
}
Holds = Callable[[Scrape], bool]


@asynccontextmanager
async def watched(
    host: SystemdHost,
    folder: Path,
    *,
    hurry: bool = True,
    user: str = "ffmon",
    more: Mapping[str, object] | None = None,
) -> AsyncIterator[Daemon]:
    """Run a daemon that watches FaceFusion on a host, and its GPUs.

    `more` are settings of the target, stronger than ours.
    """
    path = write_configuration(host, folder, hurry=hurry, user=user, more=more)
    async with running("--config", str(path), cwd=folder) as daemon:
        yield daemon


def write_configuration(
    host: SystemdHost,
    folder: Path,
    *,
    hurry: bool,
    user: str = "ffmon",
    more: Mapping[str, object] | None = None,
) -> Path:
    """Write what a user would for this host, and return where."""
    ssh = {
        "address": host.address,
        "user": user,
        "key_file": str(host.key_file),
        "known_hosts_file": str(host.known_hosts_file),
    }
    target = {
        "name": TARGET,
        "url": host.url,
        "host": host.name,
        "service": dict(SERVICE),
        **(more or {}),
    }
    settings = {
        "server": {"listen": "127.0.0.1:0"},
        "log": {"format": "json"},
        "defaults": HURRY if hurry else {},
        "hosts": [{"name": host.name, "ssh": ssh}],
        "targets": [target],
    }
    path = folder / "facefusion-monitor.yml"
    path.write_text(yaml.safe_dump(settings))
    return path


async def all_well(daemon: Daemon, within: float = 40) -> Scrape:
    """Wait until everything of the server and its host is fine."""
    return await daemon.until(
        looks(
            {"status": 1, "process": 1, "logs": 1, "jobs": 1},
            {"gpu": 1, "host": 1},
        ),
        within=within,
    )


def looks(target: dict[str, float], host: dict[str, float]) -> Holds:
    """Return whether these looks end so, by probe."""

    def holds(scrape: Scrape) -> bool:
        return all(
            succeeded(scrape, probe, target=TARGET) == wanted
            for probe, wanted in target.items()
        ) and all(
            succeeded(scrape, probe, host="gpu1") == wanted
            for probe, wanted in host.items()
        )

    return holds


def succeeded(scrape: Scrape, probe: str, **whose: str) -> float | None:
    name = "facefusion_probe_success"
    return scrape.value(name, probe=probe, **whose)


def is_running(scrape: Scrape) -> float | None:
    return scrape.value("facefusion_process_running", target=TARGET)


def serving(wanted: float, health: str) -> Holds:
    """Return whether a server's process and health are so."""

    def holds(scrape: Scrape) -> bool:
        return is_running(scrape) == wanted and scrape.health(TARGET) == health

    return holds


def series(scrape: Scrape, name: str) -> Sequence[dict[str, str]]:
    """Return the labels of every series of a metric."""
    return [s.labels for s in scrape.samples if s.name == name]


def failed(scrape: Scrape, probe: str) -> bool:
    """Return whether the last look at the server went wrong."""
    return succeeded(scrape, probe, target=TARGET) == 0


async def check_of(daemon: Daemon, where: str, name: str) -> dict[str, Any]:
    """Return a check of `targets/studio` or `hosts/gpu1` as told by REST."""
    answer = await daemon.client.get(f"/api/v1/{where}")
    checks: list[dict[str, Any]] = answer.json()["checks"]
    return next(check for check in checks if check["name"] == name)
