"""The gate is installed on a machine, and its key then only observes."""

import asyncio
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.adapters.gate.remote import RemoteGate
from monitor.adapters.ssh.host import SshHost
from monitor.adapters.ssh.settings import SshSettings
from monitor.cli.app import run
from tests.fakes.clock import FakeClock
from tests.hosts.sshd import make_key
from tests.machines.host import SystemdHost
from tests.machines.intruder import refusals
from tests.machines.operator import GATE, KEYS, Operator, Terminal

pytestmark = [pytest.mark.machines, pytest.mark.slow]

ODD = """/data/it's "our" dir"""
WITHIN = 20.0
PAGE = Path(__file__).parents[2] / "deploy/gpu-host/README.md"


def test_an_installed_gate_is_what_the_check_finds(
    operator: Operator,
) -> None:
    before = operator.desk.says("check")
    done = operator.installs()
    after = operator.desk.says("check")

    assert "nothing is installed" in before.out
    assert done.code == 0, done
    assert done.out.splitlines()[-1].startswith("gpu1: gate ")
    assert "gpu1 is observed: the gate is installed there" in after.out
    assert "its key may observe and place canary files as ffmon" in after.out
    assert "studio  process  healthy" in after.out


def test_its_files_are_roots_and_only_roots_to_change(
    operator: Operator,
) -> None:
    operator.installs()

    listed = operator.host.run(
        f"stat -c '%U %a %F %n' {GATE} /home/ffmon/.ssh {KEYS}"
    )
    assert listed.splitlines() == [
        f"root 755 regular file {GATE}",
        "root 755 directory /home/ffmon/.ssh",
        f"root 644 regular file {KEYS}",
    ]
    assert operator.host.run(f"ls -A {GATE}.* {KEYS}.*", check=False) == ""


def test_the_key_may_run_nothing_else(
    operator: Operator, host: SystemdHost
) -> None:
    public = host.key_file.with_name("ffmon.pub").read_text()
    host.path(KEYS).write_text(public)
    before = refusals(host, host.key_file)
    host.run("rm /tmp/mine")

    operator.installs()

    assert before == []
    assert refusals(host, host.key_file) == [
        "command",
        "shell",
        "sftp",
        "pty",
        "forwarding",
    ]
    assert host.run("ls /tmp/mine", check=False) == ""


@pytest.mark.parametrize("directory", ["/data/canary", ODD])
def test_canary_files_go_through_the_gate(
    operator: Operator, directory: str
) -> None:
    operator.host.run("chmod 1777 /data")
    operator.serves(directory)
    done = operator.installs()
    assert done.code == 0, done

    put: dict[str, object] = {
        "do": "put",
        "name": "a.jpg",
        "data": "QUJD",
        "mode": "640",
    }
    answer = asyncio.run(_asked(operator.host.settings, put))

    assert answer["size"] == 3
    assert operator.host.path(f"{directory}/a.jpg").read_bytes() == b"ABC"


async def _asked(
    settings: SshSettings, request: dict[str, object]
) -> dict[str, object]:
    clock = FakeClock()
    shell = SshHost("gpu1", settings, clock)
    gate = RemoteGate(shell, clock)
    try:
        answer = await gate.files(request, within=WITHIN)
    finally:
        await gate.close()
        await shell.close()
    assert answer.way == "installed"
    return dict(answer.body)


def test_the_commands_of_the_page_are_true(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run as they are written, but for the fingerprint."""
    home, admin = tmp_path / "home", operator.admin
    (home / ".ssh").mkdir(parents=True)
    admin.rename(home / ".ssh/admin")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(home))
    (tmp_path / "secrets").mkdir()
    operator.desk.ssh |= {
        "key_file": "secrets/observe",
        "known_hosts_file": "known_hosts",
    }
    assert operator.desk.config.name == "facefusion-monitor.yml"
    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))

    done = [_typed(words, operator.host) for words in _commands()]

    assert len(done) == 6
    assert set(done) == {0}


def _commands() -> list[list[str]]:
    """Return the commands of the page's part about installing."""
    block = PAGE.read_text().partition("## Install\n\n```\n")[2]
    lines = block.partition("```")[0].splitlines()
    return [shlex.split(line, comments=True) for line in lines]


def _typed(words: list[str], host: SystemdHost) -> int:
    """Run a command; the fingerprint is the one that is read on the host."""
    name, *rest = [os.path.expanduser(word) for word in words]  # noqa: PTH111 - as a shell does
    if name != "facefusion-monitor":
        return subprocess.run([name, *rest], check=False).returncode  # noqa: S603 - ssh-keygen and touch, of our own page
    if "--fingerprint" in rest:
        shown = host.run("ssh-keygen -lf /etc/ssh/machine_host_key")
        rest[-1] = shown.split()[1]
    return run(rest)


def test_installing_twice_changes_nothing(operator: Operator) -> None:
    operator.installs()
    before = operator.host.run(f"cat {KEYS}; sha256sum {GATE}")

    again = operator.installs()

    assert again.code == 0
    assert operator.host.run(f"cat {KEYS}; sha256sum {GATE}") == before


def test_unrestricted_lines_of_the_key_go_and_those_of_others_stay(
    operator: Operator, host: SystemdHost, tmp_path: Path
) -> None:
    public = host.key_file.with_name("ffmon.pub").read_text().strip()
    other = f'from="10.9.9.9",command="a \\"b\\"" {make_key(tmp_path / "o")}'
    path = host.path(KEYS)
    path.write_text(f"# ours\n{public} old\n\n{other}{public}")

    operator.installs()

    *kept, line = host.path(KEYS).read_text().splitlines()
    assert kept == ["# ours", "", other.strip()]
    assert line.startswith('restrict,command="/usr/bin/python3 -I /usr/local')
    assert line.endswith(f"{public.split()[1]} facefusion-monitor-observe")


def test_another_key_is_installed_beside_the_first(
    operator: Operator, host: SystemdHost, tmp_path: Path
) -> None:
    operator.installs()
    make_key(tmp_path / "second")
    operator.desk.ssh["key_file"] = str(tmp_path / "second")

    done = operator.installs()

    assert done.code == 0, done
    assert host.path(KEYS).read_text().count("restrict,command=") == 2
    for key in (tmp_path / "second", host.key_file):
        operator.desk.ssh["key_file"] = str(key)
        assert "the gate is installed" in operator.desk.says("check").out


def test_a_user_is_made_where_there_is_none(
    operator: Operator, host: SystemdHost
) -> None:
    operator.desk.ssh["user"] = "watcher"

    done = operator.installs()
    check = operator.desk.says("check")

    assert done.code == 0, done
    assert "the gate is installed" in check.out
    assert host.run("stat -c %U /var/lib/watcher") == "root"
    assert "systemd-journal" in host.run("id -nG watcher")
    assert "missing for gpu1/host (journal)" not in check.out


def test_it_is_installed_by_the_script_too(
    operator: Operator, host: SystemdHost
) -> None:
    said = operator.installs("--script")
    host.path("/root/install.sh").write_text(said.out)

    for shell in ("dash", "busybox sh", "bash"):
        host.run(f"rm -f {GATE} {KEYS}; {shell} /root/install.sh")
        check = operator.desk.says("check")

        assert "the gate is installed" in check.out
