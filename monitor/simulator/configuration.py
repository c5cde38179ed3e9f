"""The configuration with which a monitor watches simulated hosts."""

from collections.abc import Iterable
from pathlib import Path

import yaml

from monitor.simulator.host import SimulatedHost
from monitor.simulator.ssh.keys import make_client_key

_CANARIES = (
    {"operation": "enhance", "model": "gfpgan_1.4", "interval": "15s"},
    {"operation": "swap", "model": "inswapper_128", "interval": "30s"},
)


def write_configuration(
    hosts: Iterable[SimulatedHost], folder: Path, *, listen: str
) -> Path:
    """Write the file, the key and the known hosts; return the file's path.

    The hosts must have been started. Intervals are shorter than anybody
    would choose for real servers, so that a fault shows while one watches.
    """
    hosts = list(hosts)
    key, known = folder / "observe", folder / "known_hosts"
    public = make_client_key(key)
    for host in hosts:
        host.authorize(public)
    known.write_text("".join(f"{h.host_key_line}\n" for h in hosts))
    path = folder / "facefusion-monitor.yml"
    path.write_text(
        yaml.safe_dump(
            {
                "server": {"listen": listen},
                "state": {"url": f"sqlite:///{folder}/state.db"},
                "defaults": {
                    "status": {"interval": "5s", "timeout": "2s"},
                    "gpu": {"interval": "5s"},
                },
                "hosts": [_host(h, key, known) for h in hosts],
                "targets": [_target(h) for h in hosts],
            },
            sort_keys=False,
        )
    )
    return path


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
    }


def _target(host: SimulatedHost) -> dict[str, object]:
    return {
        "name": host.name,
        "url": host.url,
        "host": f"{host.name}-gpu",
        "canary_files": {"directory": str(host.canary_directory)},
        "canaries": [dict(canary) for canary in _CANARIES],
    }
