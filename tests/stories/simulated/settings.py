"""What a user of a simulated server wrote into the configuration file.

Every interval is the default. A story changes the mapping before the house
is opened.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from monitor.config import Settings, Written, load_written
from monitor.simulator.backend import CHARACTER
from monitor.simulator.machine.world import DIRECTORY, UNIT
from tests.stories.simulated.files import DIRECTORY as CANARIES
from tests.stories.simulated.street import CONTROL

TARGET, HOST = "studio", "gpu1"
ADDRESS = "10.0.0.11"
BACKEND = "http://10.0.0.5:8000"
ORIGIN = "http://storycanvas.example"
_CANARIES = (
    {"operation": "enhance", "model": "gfpgan_1.4"},
    {"operation": "enhance", "model": "codeformer"},
    {"operation": "enhance", "model": "restoreformer_plus_plus"},
    {"operation": "age"},
    {"operation": "swap", "model": "inswapper_128"},
    {"operation": "batch"},
)

Document = dict[str, Any]


def one_server() -> Document:
    """Return one server on one machine, with everything that there is."""
    return {
        "control_addresses": [":".join(map(str, CONTROL))],
        "hosts": [host()],
        "targets": [target()],
    }


def two_on_a_host() -> Document:
    """Return two servers on one machine, each with a unit of its own."""
    settings = one_server()
    other = target("studio-b", port=9003, unit="facefusion-b.service")
    other["service"]["directory"] = "/opt/facefusion-b"
    settings["targets"].append(other)
    return settings


def two_hosts() -> Document:
    """Return a server on each of two machines."""
    settings = one_server()
    settings["hosts"].append(host("gpu2", "10.0.0.12"))
    other = target("attic", address="10.0.0.12", host="gpu2")
    settings["targets"].append(other)
    return settings


def host(name: str = HOST, address: str = ADDRESS) -> Document:
    """Return a machine."""
    return {
        "name": name,
        "ssh": {
            "address": address,
            "user": "ffmon",
            "key_file": "observe",
            "known_hosts_file": "known_hosts",
        },
        "host": {"disks": ["/", DIRECTORY]},
    }


def target(
    name: str = TARGET,
    *,
    address: str = ADDRESS,
    port: int = 9002,
    host: str = HOST,
    unit: str = UNIT,
) -> Document:
    """Return a server with a service, a backend, a page and canaries."""
    return {
        "name": name,
        "url": f"http://{address}:{port}",
        "host": host,
        "browser": {"origin": ORIGIN},
        "backend": {
            "url": BACKEND,
            "character_id": CHARACTER,
            "image_url": f"{BACKEND}/uploads/canary.jpg",
        },
        "canary_files": {"directory": CANARIES},
        "service": {
            "manager": "systemd",
            "unit": unit,
            "directory": DIRECTORY,
            "log": "journal",
        },
        "canaries": [dict(one) for one in _CANARIES],
    }


def lean() -> Document:
    """Return one server that is watched from here and on its machine.

    Without a backend, a page and control addresses: a third fewer looks.
    """
    settings = one_server()
    del settings["control_addresses"]
    (only,) = settings["targets"]
    del only["backend"], only["browser"]
    only["canaries"].pop()  # the batch goes through the backend
    return settings


def without_host(settings: Document) -> Document:
    """Take away everything that is seen on the machine."""
    settings["hosts"] = []
    for one in settings["targets"]:
        del one["host"], one["service"], one["canary_files"]
    return settings


def load(settings: Document) -> Settings:
    """Return the settings as the daemon reads them from a file."""
    data = yaml.safe_dump(settings, sort_keys=False).encode()
    with TemporaryDirectory() as folder:
        for name in ("observe", "known_hosts"):
            (Path(folder) / name).touch(0o600)
        written = Written(
            name="facefusion-monitor.yml", data=data, directory=Path(folder)
        )
        return load_written(written, {})
