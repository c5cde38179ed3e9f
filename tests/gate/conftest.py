"""A made-up machine for the gate: its files, and programs in its PATH."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.gate.roots import ROOT


class Tree:
    """Files of a machine, below a folder of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, path: str, text: str | bytes) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return file


class Programs:
    """Shell scripts that are found before the machine's programs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def has(self, name: str, body: str) -> None:
        program = self.folder / name
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    """Every file that the gate reads is below this folder."""
    ROOT.folder = str(tmp_path / "root")
    (tmp_path / "root").mkdir()
    yield Tree(tmp_path / "root")
    ROOT.folder = "/"


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    """Only these programs are there, and the shell's own commands."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("monitor.gate.commands._PLACES", str(folder))
    return Programs(folder)
