"""Somebody who installs the gate on a machine."""

import io
from pathlib import Path

import pytest
from typing_extensions import override

from tests.cli.asking import Said
from tests.cli.host_desk import Desk
from tests.hosts.sshd import make_key
from tests.machines.host import PORT, SystemdHost

GATE = "/usr/local/libexec/facefusion-monitor-gate"
KEYS = "/home/ffmon/.ssh/authorized_keys"


class Terminal(io.StringIO):
    """Somebody who types at a terminal."""

    @override
    def isatty(self) -> bool:
        return True


class Operator:
    """Somebody with a key for root, and the monitor's configuration."""

    def __init__(
        self,
        host: SystemdHost,
        folder: Path,
        printed: pytest.CaptureFixture[str],
    ) -> None:
        self.host = host
        self.desk = Desk(folder, host.settings, printed)
        self.serves("/var/tmp/facefusion-monitor")  # noqa: S108 - there
        self.admin = folder / "admin"
        self._lets_in("/root", make_key(self.admin))

    def serves(self, directory: str) -> None:
        """Let a server there use a directory for canary files."""
        self.desk.targets = [
            {
                "name": "studio",
                "url": f"http://{self.host.address}:{PORT}",
                "host": "gpu1",
                "canary_files": {"directory": directory},
                "service": {
                    "manager": "systemd",
                    "unit": "facefusion.service",
                    "directory": "/opt/facefusion",
                },
            }
        ]

    def lets_act(self) -> Path:
        """Give the monitor a key that acts there; return it."""
        key = self.admin.with_name("act")
        if not key.exists():
            make_key(key)
        self.desk.ssh["act_key_file"] = str(key)
        return key

    def installs(self, *more: str) -> Said:
        admin = ("--key-file", str(self.admin), "--yes")
        return self.desk.says("install", *(more or admin))

    def _lets_in(self, home: str, public: str) -> None:
        self.host.run(
            f"mkdir -p -m 700 {home}/.ssh;"
            f" echo '{public.strip()}' >{home}/.ssh/authorized_keys;"
            f" chown -R root: {home}/.ssh; chmod 600 {home}/.ssh/*"
        )
