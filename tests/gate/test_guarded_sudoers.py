"""The installation's script asks visudo before sudo gets to read a file.

A sudoers file that cannot be read locks everybody out of sudo there.
"""

import subprocess
import sys
from pathlib import Path

from monitor.adapters.gate.acting_files import CONFIG, SUDOERS, Acting
from monitor.adapters.gate.install_script import script
from monitor.adapters.gate.installing import GATE, PYTHON, Plan

ACT = Acting(
    user="ffmon",
    gate=(PYTHON, "-I", GATE),
    keys={"act": "ssh-ed25519 AAAAact"},
)


def put(folder: Path, *, accepts: bool) -> subprocess.CompletedProcess[str]:
    """Run the script's steps for acting alone, below a folder."""
    whole = script(
        Plan(
            user="ffmon",
            key="ssh-ed25519 AAAAobserve",
            directory="",
            program=b"",
            acting=ACT,
        )
    )
    inner = whole.partition("<<'FACEFUSION'\n")[2].rpartition("FACEFUSION")[0]
    steps = f"""
chown() {{ :; }}
visudo() {{ [ "$1" = -cf ] && [ -s "$2" ] && {str(accepts).lower()}; }}
bring_acting
put_acting
"""
    tamed = inner.replace("\ninstall_gate\n", steps)
    for there, here in (
        (SUDOERS, str(folder / "sudoers")),
        (CONFIG, str(folder / "config")),
        (PYTHON, sys.executable),
    ):
        tamed = tamed.replace(there, here)
    return subprocess.run(
        ["/bin/sh"], input=tamed, text=True, capture_output=True, check=False
    )


def test_a_file_that_visudo_does_not_accept_is_not_put(tmp_path: Path) -> None:
    said = put(tmp_path, accepts=False)

    assert said.returncode == 1
    assert "visudo there does not accept" in said.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_visudo_accepts_is_put(tmp_path: Path) -> None:
    said = put(tmp_path, accepts=True)

    assert (said.returncode, said.stderr) == (0, "")
    rules = (tmp_path / "sudoers").read_text()
    assert rules == ACT.rules.replace(PYTHON, sys.executable)
    assert (tmp_path / "config").is_file()
