"""A configuration about one GPU machine, and somebody who uses it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.adapters.ssh.settings import SshSettings
from monitor.cli.app import run
from tests.cli.asking import Said


class Desk:
    """Runs `host` commands on a configuration of its own.

    `ssh` is the host's section; it may be changed between two commands.
    """

    def __init__(
        self,
        folder: Path,
        ssh: SshSettings,
        printed: pytest.CaptureFixture[str],
    ) -> None:
        self.ssh: dict[str, Any] = section(ssh)
        self.targets: list[dict[str, Any]] = []
        self._folder = folder
        self._printed = printed

    @property
    def config(self) -> Path:
        path = self._folder / "facefusion-monitor.yml"
        host = {"name": "gpu1", "ssh": self.ssh}
        targets = self.targets or [{"name": "a", "url": "http://127.0.0.1:1"}]
        path.write_text(yaml.safe_dump({"hosts": [host], "targets": targets}))
        return path

    def says(self, verb: str, *arguments: str, host: str = "gpu1") -> Said:
        config = ("--config", str(self.config))
        self._printed.readouterr()
        code = run(["host", verb, host, *config, *arguments])
        out, err = self._printed.readouterr()
        return Said(code, out, err)


def section(ssh: SshSettings) -> dict[str, Any]:
    """Return connection settings as a configuration writes them."""
    written: dict[str, Any] = {
        "address": ssh.address,
        "port": ssh.port,
        "user": ssh.user,
        "key_file": str(ssh.key_file),
        "known_hosts_file": str(ssh.known_hosts_file),
    }
    if ssh.jump:
        written["jump"] = section(ssh.jump)
    return written
