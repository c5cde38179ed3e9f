"""A folder with the files that configurations point at."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

_SECRETS = {
    "act": "key",
    "alertmanager": "token",
    "ann": "token",
    "ci": "token",
    "empty": " \n",
    "observe": "key",
    "prometheus": "token",
    "reboot": "key",
    "token": "token",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with keys, tokens, host keys and a portrait."""
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    for name, text in _SECRETS.items():
        file = secrets / name
        file.write_text(text)
        file.chmod(0o600)
    for name in ("known_hosts", "cert.pem", "open.pem", "face.jpg"):
        file = tmp_path / name
        file.write_text("anything")
        file.chmod(0o644)
    os.mkfifo(tmp_path / "pipe")
    return tmp_path


@pytest.fixture
def environ() -> Mapping[str, str]:
    """Return the variables that the bad files mention."""
    return {"SECRET": "hunter2", "BYTES": "\udcff"}
