"""A machine on which the gate cannot be installed stays as it is."""

from pathlib import Path

import pytest

from tests.hosts.sshd import make_key
from tests.machines.host import SystemdHost
from tests.machines.operator import GATE, KEYS, Operator

pytestmark = [pytest.mark.machines, pytest.mark.slow]

_HOSTILE = {
    "a linked file": (
        f"mv {KEYS} /tmp/k; ln -s /tmp/k {KEYS}",
        "symbolic link",
    ),
    "a linked folder": (
        "mv /home/ffmon/.ssh /tmp/s; ln -s /tmp/s /home/ffmon/.ssh",
        "symbolic link",
    ),
    "no home": ("rm -rf /home/ffmon", "has no home directory"),
    "a home for all": ("chmod 777 /home/ffmon", "chmod go-w /home/ffmon"),
    "a pipe": (f"rm {KEYS}; mkfifo {KEYS}", "is no regular file"),
    "a directory": (f"mkdir -p {GATE}", "is a directory"),
    "an old Python": (
        "rm /usr/bin/python3; ln -s /bin/false /usr/bin/python3",
        "/usr/bin/python3 is missing or older than 3.8",
    ),
}


@pytest.mark.parametrize(
    ("breaks", "flaw"), _HOSTILE.values(), ids=list(_HOSTILE)
)
def test_a_hostile_machine_is_refused_and_left_as_it_is(
    operator: Operator, host: SystemdHost, breaks: str, flaw: str
) -> None:
    host.run(breaks)
    before = _state(host)

    done = operator.installs()

    assert done.code == 1
    assert done.err.startswith("cannot install the gate on host 'gpu1' as")
    assert flaw in done.err
    assert _state(host) == before


def test_a_full_disk_leaves_everything_as_it_was(
    operator: Operator, host: SystemdHost
) -> None:
    host.run(
        "mkdir -p /usr/local/libexec;"
        " mount -t tmpfs -o size=64k tmpfs /usr/local/libexec"
    )
    before = _state(host)

    done = operator.installs()

    assert done.code == 1
    assert "No space left" in done.err
    assert _state(host) == before


def test_login_files_are_not_for_the_gate_to_write(
    operator: Operator, host: SystemdHost
) -> None:
    operator.serves("/home/ffmon")
    before = _state(host)

    done = operator.installs()

    assert done.code == 1
    assert "holds the home of ffmon" in done.err
    assert _state(host) == before


def test_the_monitors_own_key_is_not_for_installing(
    operator: Operator, host: SystemdHost
) -> None:
    before = _state(host)

    done = operator.installs("--key-file", str(host.key_file), "--yes")

    assert done.code == 1
    assert "with the monitor's own key" in done.err
    assert _state(host) == before


def test_an_installer_who_may_not_is_told(
    operator: Operator, host: SystemdHost, tmp_path: Path
) -> None:
    public = make_key(tmp_path / "anna").strip()
    home = "/home/faceops/.ssh"
    host.run(f"echo '{public}' >{home}/authorized_keys; rm -f /usr/bin/sudo")
    before = _state(host)
    words = ("--user", "faceops", "--key-file", str(tmp_path / "anna"))

    done = operator.installs(*words, "--yes")

    assert done.code == 1
    assert "cannot install the gate on host 'gpu1' as faceops" in done.err
    assert "sudo" in done.err
    assert _state(host) == before


def _state(host: SystemdHost) -> str:
    """Return every file, its owner and mode where we would change some."""
    folders = "/home /usr/local/libexec /tmp/k /tmp/s /etc/passwd /etc/group"
    listed = "-printf '%p %U %m %l %s\\n'"
    sums = f"find {folders} -type f -exec sha256sum {{}} +"
    return host.run(f"find {folders} {listed}; {sums}", check=False)
