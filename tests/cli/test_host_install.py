"""`host install` shows everything first, asks, and tells what went wrong."""

import getpass
import hashlib
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typing_extensions import override

from monitor.adapters.gate.bundle import program
from monitor.adapters.gate.install_script import script
from monitor.adapters.gate.installing import GATE, Plan
from tests.cli.asking import Said
from tests.cli.host_desk import Desk
from tests.hosts.sshd import Sshd, make_key, sshd

LAST = "install_gate"
PLAN = Plan(user="a", key="ssh-ed25519 AAAA", directory="", program=b"")


class Terminal(io.StringIO):
    """Somebody who types at a terminal."""

    @override
    def isatty(self) -> bool:
        return True


class Site:
    """An sshd where the installer's script is tamed, and installs nothing.

    What it really does is seen on the machines of tests/machines.
    """

    def __init__(self, server: Sshd, folder: Path) -> None:
        self.server = server
        self.admin = folder / "admin"
        self._admin = make_key(self.admin)
        self._ours = (server.directory / "client_key.pub").read_text()

    def will(self, does: str, gate: str = "") -> None:
        """Let the script do this instead of its last line.

        `gate` is the forced command of the monitor's own key.
        """
        assert f"\n{LAST}\n" in script(PLAN), "it would really install"
        restricted = f'restrict,command="{gate}" ' if gate else ""
        tamed = f"sed 's|^{LAST}$|{does}|' | sh".replace('"', r"\"")
        (self.server.directory / "authorized_keys").write_text(
            f'restrict,command="{tamed}" {self._admin}{restricted}{self._ours}'
        )

    def gate(self) -> str:
        """Return the forced command of an installed gate."""
        file = self.server.directory / "gate"
        file.write_bytes(program())
        return f"{sys.executable} -I {file} observe"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with sshd(tmp_path / "sshd") as running:
        yield Site(running, tmp_path)


@pytest.fixture
def desk(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Desk:
    return Desk(tmp_path, site.server.settings, capsys)


def _installs(desk: Desk, site: Site, *more: str) -> Said:
    user, key = getpass.getuser(), str(site.admin)
    words = ("--user", user, "--key-file", key, *(more or ("--yes",)))
    return desk.says("install", *words)


def test_every_file_is_shown_before_anybody_is_asked(desk: Desk) -> None:
    said = desk.says("install", "--show")

    assert said.code == 0
    assert program().decode() in said.out
    assert 'restrict,command="/usr/bin/python3 -I' in said.out
    digest = hashlib.sha256(program()).hexdigest()
    assert f"- {GATE}: root's, 0755, {len(program())} bytes" in said.out
    assert digest in said.out
    assert "other lines with the same key are taken out" in said.out


def test_what_is_done_is_told_last(desk: Desk) -> None:
    said = desk.says("install", "--show")

    _, _, told = said.out.partition("--- To be done on gpu1:\n")
    assert len(told.splitlines()) == 5
    assert all(line.startswith("- ") for line in told.splitlines())


def test_the_script_may_be_run_by_other_means(desk: Desk) -> None:
    said = desk.says("install", "--script")

    assert said.code == 0
    assert said.out.startswith("as=; ")
    assert said.out.endswith(f"{LAST}\n\nFACEFUSION\n")
    assert said.err == ""


def test_a_key_to_install_with_is_needed(desk: Desk) -> None:
    said = desk.says("install", "--yes")

    assert said.code == 64
    assert "--key-file" in said.err
    assert "may log in as root" in said.err


def test_nobody_at_the_terminal_is_no_yes(desk: Desk, site: Site) -> None:
    said = desk.says("install", "--key-file", str(site.admin))

    assert said.code == 1
    assert said.err.startswith("cannot install on gpu1 unasked:")
    assert "--yes" in said.err


@pytest.mark.parametrize(
    ("answer", "code", "told"),
    [
        ("y\n", 0, "is installed and answers"),
        ("n\n", 1, "cannot install on gpu1: you said no"),
    ],
)
def test_somebody_at_the_terminal_is_asked(  # noqa: PLR0913, PLR0917
    desk: Desk,
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    code: int,
    told: str,
) -> None:
    site.will("echo installed", site.gate())
    monkeypatch.setattr(sys, "stdin", Terminal(answer))

    said = _installs(desk, site, "--user", getpass.getuser())

    assert f"Install this on gpu1 as {getpass.getuser()}?" in said.out
    assert said.code == code
    assert told in said.out + said.err


def test_a_gate_that_answers_is_told_with_its_python(
    desk: Desk, site: Site
) -> None:
    site.will("echo installed", site.gate())

    said = _installs(desk, site)

    *_, last = said.out.splitlines()
    assert said.code == 0, said
    assert re.fullmatch(
        r"gpu1: gate \S+ is installed and answers, Python 3\.\d+\.\d+", last
    )


def test_what_the_machine_refuses_is_told(desk: Desk, site: Site) -> None:
    site.will('fail "python3 is too old"')

    said = _installs(desk, site)

    user = getpass.getuser()
    assert said.code == 1
    assert said.err == (
        f"cannot install the gate on host 'gpu1' as {user}:"
        " python3 is too old (exit code 1)\n"
    )


def test_a_script_that_ends_without_a_word_is_told(
    desk: Desk, site: Site
) -> None:
    site.will("exit 7")

    said = _installs(desk, site)

    assert said.code == 1
    assert said.err.endswith("nobody said why (exit code 7)\n")


def test_a_key_that_may_still_do_everything_is_a_failure(
    desk: Desk, site: Site
) -> None:
    site.will("echo installed")

    said = _installs(desk, site)

    assert said.code == 1
    assert said.err.startswith("cannot see the gate at work on host 'gpu1'")
    assert "authorizedkeysfile" in said.err


def test_a_gate_that_does_not_answer_is_a_failure(
    desk: Desk, site: Site
) -> None:
    site.will("echo installed", "exit 3")

    said = _installs(desk, site)

    assert said.code == 1
    assert said.err.startswith("cannot use the gate, which is installed now,")
    assert "sshd -T" in said.err


def test_the_monitors_own_key_is_not_for_installing(
    desk: Desk, site: Site
) -> None:
    site.will("echo installed", site.gate())

    said = _installs(desk, site, "--key-file", desk.ssh["key_file"], "--yes")

    assert said.code == 1
    assert "with the monitor's own key" in said.err


def test_servers_with_two_directories_are_refused(desk: Desk) -> None:
    desk.targets = [
        {
            "name": name,
            "url": "http://127.0.0.1:1",
            "host": "gpu1",
            "canary_files": {"directory": f"/var/tmp/{name}"},  # noqa: S108
        }
        for name in ("a", "b")
    ]

    said = desk.says("install", "--show")

    assert said.code == 78
    assert said.err.startswith("cannot install the gate on host 'gpu1':")
    assert "(/var/tmp/a, /var/tmp/b)" in said.err


def test_a_server_that_fetches_by_itself_needs_no_directory(
    desk: Desk,
) -> None:
    desk.targets = [
        {
            "name": "a",
            "url": "http://127.0.0.1:1",
            "host": "gpu1",
            "canary_files": {"via": "url"},
        }
    ]

    said = desk.says("install", "--show")

    assert 'observe" ssh-ed25519' in said.out


def test_a_host_that_nobody_configured_is_bad_usage(desk: Desk) -> None:
    said = desk.says("install", "--show", host="gpu2")

    assert said.code == 64
    assert said.err == "cannot find host 'gpu2'; configured: gpu1\n"
