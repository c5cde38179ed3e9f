"""The daemon under a real systemd, by the unit that we ship."""

import re
import shutil
import signal
import sys
from pathlib import Path

import pytest
import yaml

from tests.machines.host import SystemdHost
from tests.machines.waiting import until

pytestmark = [
    pytest.mark.machines,
    pytest.mark.slow,
    pytest.mark.usefixtures("place"),
]
ROOT = Path(__file__).parents[2]
UNIT = "facefusion-monitor.service"
CODE, PACKAGES = "/opt/facefusion-monitor", "/opt/packages"
PYTHON = f"/usr/bin/python3.{sys.version_info.minor}"
CONFIGURATION = """\
server: {listen: 127.0.0.1:10777}
targets:
  - name: here
    url: http://127.0.0.1:7860
"""


class Daemon:
    """The unit on a machine, as `systemctl` shows it."""

    def __init__(self, host: SystemdHost) -> None:
        self._host = host

    def show(self, name: str) -> str:
        return self._host.run(f"systemctl show -P {name} {UNIT}")

    def do(self, verb: str) -> None:
        try:
            self._host.run(f"systemctl {verb} {UNIT}")
        except AssertionError as error:
            status = f"systemctl status -l --no-pager {UNIT} 2>&1"
            error.add_note(self._host.run(status, check=False))
            error.add_note(self.log())
            raise

    def log(self) -> str:
        return self._host.run(f"journalctl -o cat -u {UNIT}")


@pytest.fixture
def daemon(host: SystemdHost) -> Daemon:
    shipped = (ROOT / "deploy/systemd" / UNIT).read_text()
    # The unit's user sees no Python that lives in root's home.
    runs = f"ExecStart={PYTHON} -m monitor run"
    unit = re.sub(r"^ExecStart=\S+ run", runs, shipped, flags=re.MULTILINE)
    # A machine of ours has no targets to be wanted by, and no way out.
    # Nor what lies in /tmp or in a home: bring it where it is installed.
    for ours, there in {
        ROOT / "monitor": f"{CODE}/monitor",
        Path(yaml.__file__).parents[1]: PACKAGES,
    }.items():
        shutil.copytree(ours, host.path(there), symlinks=True)
    seen = f"Environment=PYTHONPATH={CODE}:{PACKAGES}\n"
    host.path(f"/etc/systemd/system/{UNIT}").write_text(
        unit.replace("[Service]\n", f"[Service]\n{seen}")
    )
    host.run("useradd --system --user-group facefusion-monitor || true")
    etc = host.path("/etc/facefusion-monitor")
    etc.mkdir(mode=0o750, exist_ok=True)
    (etc / "facefusion-monitor.yml").write_text(CONFIGURATION)
    (etc / "facefusion-monitor.yml").chmod(0o640)
    host.run("chgrp -R facefusion-monitor /etc/facefusion-monitor")
    host.run("systemctl daemon-reload")
    return Daemon(host)


def test_it_is_ready_once_it_watches(
    daemon: Daemon, host: SystemdHost
) -> None:
    """With all that the unit takes away from it."""
    daemon.do("start")

    assert daemon.show("ActiveState") == "active"
    assert daemon.show("StatusText").startswith("watching 1 servers")
    ask = "import urllib.request as r; r.urlopen('http://127.0.0.1:10777/"
    assert host.run(f'{PYTHON} -c "{ask}-/healthy\')"') == ""


def test_one_that_is_frozen_is_ended_and_started_again(
    daemon: Daemon, host: SystemdHost
) -> None:
    drop = host.path(f"/etc/systemd/system/{UNIT}.d")
    drop.mkdir()
    (drop / "soon.conf").write_text(
        "[Service]\nWatchdogSec=2\nRestartSec=100ms\n"
    )
    host.run("systemctl daemon-reload")
    daemon.do("start")
    pid = daemon.show("MainPID")

    host.run(f"kill -{int(signal.SIGSTOP)} {pid}")

    until(
        lambda: (daemon.show("MainPID"), daemon.show("ActiveState")),
        lambda now: now[0] not in {pid, "0"} and now[1] == "active",
        within=30,
    )
    assert daemon.show("NRestarts") == "1"


def test_a_reload_is_told_and_a_bad_file_is_refused(
    daemon: Daemon, host: SystemdHost
) -> None:
    daemon.do("start")
    path = host.path("/etc/facefusion-monitor/facefusion-monitor.yml")
    path.write_text("targets: [{name: here}]\n")

    daemon.do("reload")

    until(daemon.log, lambda log: "configuration refused" in log)
    assert daemon.show("ActiveState") == "active"


def test_it_ends_when_asked_and_leaves_its_state(
    daemon: Daemon, host: SystemdHost
) -> None:
    daemon.do("start")

    daemon.do("stop")

    assert daemon.show("Result") == "success"
    state = host.path("/var/lib/facefusion-monitor/facefusion-monitor.db")
    assert state.stat().st_size > 0
    assert state.parent.stat().st_mode & 0o077 == 0
