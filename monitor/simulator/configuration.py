"""The configuration with which a monitor watches simulated hosts."""

import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
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
_RUNGS = ("restart", "free-gpu-memory", "reboot")
_BATCH = {"operation": "batch", "interval": "60s"}
_ORIGIN = "http://storycanvas.example"
"""Where a page would come from that uses the servers."""


def write_configuration(
    hosts: Iterable[SimulatedHost],
    folder: Path,
    *,
    listen: str,
    backend: SimulatedBackend | None = None,
    people: Sequence[str] = (),
) -> Path:
    """Write the file, keys, tokens and known hosts; return the file's path.

    Raises `UnusableDirectory` where somebody else's files are in the way.
    The hosts and the backend must have been started. Intervals are shorter
    than anybody would choose for real servers, so that a fault shows while
    one watches.
    """
    hosts = list(hosts)
    keys = {role: folder / role for role in ("observe", "act", "reboot")}
    known, path = folder / "known_hosts", folder / "facefusion-monitor.yml"
    _refuse_strangers(path, *keys.values(), known)
    for role, key in keys.items():
        public = make_client_key(key)
        for host in hosts:
            host.authorize(public, role)
    known.write_text("".join(f"{h.host_key_line}\n" for h in hosts))
    tokens = [_token(folder, person) for person in people]
    path.write_text(
        _OURS
        + yaml.safe_dump(
            {
                "server": {"listen": listen},
                "access": {"tokens": tokens},
                "state": {"url": f"sqlite:///{folder}/state.db"},
                "defaults": {
                    "status": {"interval": "5s", "timeout": "2s"},
                    "gpu": {"interval": "5s"},
                    "host": {"interval": "5s"},
                },
                "hosts": [_host(h, keys, known) for h in hosts],
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


def _token(folder: Path, person: str) -> dict[str, object]:
    """Write a new token into a file that only we can read."""
    file = folder / person
    file.unlink(missing_ok=True)
    with open(file, "x", opener=_private) as token:
        token.write(f"{secrets.token_hex(32)}\n")
    return {
        "name": person,
        "person": person,
        "token_file": str(file),
        "scopes": ["read", "metrics", "maintain", "operate", "approve"],
    }


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _host(
    host: SimulatedHost, keys: Mapping[str, Path], known: Path
) -> dict[str, object]:
    return {
        "name": f"{host.name}-gpu",
        "ssh": {
            "address": host.ssh_address,
            "port": host.ssh_port,
            "user": "ffmon",
            "key_file": str(keys["observe"]),
            "act_key_file": str(keys["act"]),
            "reboot_key_file": str(keys["reboot"]),
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
        "recovery": {"allow": list(_RUNGS), "cooldown": "1m"},
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
