"""The configuration with which a monitor watches simulated hosts."""

from collections.abc import Iterable
from pathlib import Path

import yaml

from monitor.simulator.backend import CHARACTER, SimulatedBackend
from monitor.simulator.host import SimulatedHost, UnusableDirectory
from monitor.simulator.machine.world import DIRECTORY, UNIT
from monitor.simulator.ssh.keys import make_client_key

_OURS = "# Written by the simulator; it may overwrite this.\n"
_CANARIES = (
    {"operation": "enhance", "model": "gfpgan_1.4", "interval": "15s"},
    {"operation": "swap", "model": "inswapper_128", "interval": "30s"},
)
_BATCH = {"operation": "batch", "interval": "60s"}
_ORIGIN = "http://storycanvas.example"
"""Where a page would come from that uses the servers."""


def write_configuration(
    hosts: Iterable[SimulatedHost],
    folder: Path,
    *,
    listen: str,
    backend: SimulatedBackend | None = None,
) -> Path:
    """Write the file, the key and the known hosts; return the file's path.

    Raises `UnusableDirectory` where somebody else's files are in the way.
    The hosts and the backend must have been started. Intervals are shorter
    than anybody would choose for real servers, so that a fault shows while
    one watches.
    """
    hosts = list(hosts)
    key, known = folder / "observe", folder / "known_hosts"
    path = folder / "facefusion-monitor.yml"
    _refuse_strangers(path, key, known)
    public = make_client_key(key)
    for host in hosts:
        host.authorize(public)
    known.write_text("".join(f"{h.host_key_line}\n" for h in hosts))
    path.write_text(
        _OURS
        + yaml.safe_dump(
            {
                "server": {"listen": listen},
                "state": {"url": f"sqlite:///{folder}/state.db"},
                "defaults": {
                    "status": {"interval": "5s", "timeout": "2s"},
                    "gpu": {"interval": "5s"},
                    "host": {"interval": "5s"},
                },
                "hosts": [_host(h, key, known) for h in hosts],
                "targets": [_target(h, backend) for h in hosts],
            },
            sort_keys=False,
        )
    )
    return path


def _refuse_strangers(path: Path, *others: Path) -> None:
    """Overwrite only what we wrote: it may be somebody's own key."""
    if path.exists() and path.read_text(errors="replace").startswith(_OURS):
        return
    for there in (path, *others):
        if there.exists():
            raise UnusableDirectory(
                f"cannot write {there}: it is there already and not ours;"
                " name an empty directory"
            )


def _host(host: SimulatedHost, key: Path, known: Path) -> dict[str, object]:
    return {
        "name": f"{host.name}-gpu",
        "ssh": {
            "address": host.ssh_address,
            "port": host.ssh_port,
            "user": "ffmon",
            "key_file": str(key),
            "known_hosts_file": str(known),
        },
        "host": {"disks": ["/", DIRECTORY]},
    }


def _target(
    host: SimulatedHost, backend: SimulatedBackend | None
) -> dict[str, object]:
    canaries = [dict(canary) for canary in _CANARIES]
    target: dict[str, object] = {
        "name": host.name,
        "url": host.url,
        "host": f"{host.name}-gpu",
        "browser": {"origin": _ORIGIN},
        "canary_files": {"directory": str(host.canary_directory)},
        "service": {
            "manager": "systemd",
            "unit": UNIT,
            "directory": DIRECTORY,
            "log": "journal",
        },
        "canary_budget": "50%",
        "canaries": canaries,
    }
    if backend is not None:
        canaries.append(dict(_BATCH))
        target["backend"] = {
            "url": backend.url,
            "interval": "5s",
            "character_id": CHARACTER,
            "image_url": backend.image_url,
        }
    return target
