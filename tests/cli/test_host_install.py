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
from tests.hosts.hands import bind, odd_hand
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


@pytest.fixture
def studio(desk: Desk) -> None:
    """Let there be a server on the host."""
    desk.targets = [
        {
            "name": "studio",
            "url": "http://127.0.0.1:7860",
            "host": "gpu1",
            "service": {"manager": "systemd"},
        }
    ]


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
    assert len(told.splitlines()) == 6
    assert "nobody may act there" in told
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


@pytest.mark.usefixtures("studio")
def test_what_acting_needs_is_shown_too(desk: Desk, tmp_path: Path) -> None:
    for role in ("act", "reboot"):
        make_key(tmp_path / role)
        desk.ssh[f"{role}_key_file"] = str(tmp_path / role)

    said = desk.says("install", "--show")

    user = desk.ssh["user"]
    for role in ("act", "reboot"):
        command = f"/usr/bin/python3 -I {GATE} {role}"
        assert f'restrict,command="sudo -n {command}" ssh-ed' in said.out
        assert f"{user} ALL=(root) NOPASSWD: {command}\n" in said.out
    assert '"unit": "facefusion.service"' in said.out
    assert "- /etc/sudoers.d/facefusion-monitor: root's, 0440" in said.out
    assert "what may be acted on there: studio" in said.out


def test_a_reboot_key_alone_lets_nobody_act(
    desk: Desk, tmp_path: Path
) -> None:
    make_key(tmp_path / "reboot")
    desk.ssh["reboot_key_file"] = str(tmp_path / "reboot")

    said = desk.says("install", "--show")

    assert "nobody may act there" in said.out
    assert 'command="sudo' not in said.out


@pytest.mark.parametrize("roles", [("act",), ("reboot",), ("act", "reboot")])
def test_one_key_for_two_roles_is_refused(
    desk: Desk, tmp_path: Path, roles: tuple[str, ...]
) -> None:
    desk.ssh["act_key_file"] = str(tmp_path / "act")
    make_key(tmp_path / "act")
    same = desk.ssh["key_file"] if len(roles) == 1 else str(tmp_path / "act")
    for role in roles:
        desk.ssh[f"{role}_key_file"] = same

    said = desk.says("install", "--show")

    assert said.code == 78
    assert "keys are the same; make another" in said.err


@pytest.mark.parametrize("user", ["ALL", "FFMON", "1000"])
def test_a_name_that_sudo_takes_for_an_alias_is_refused(
    desk: Desk, tmp_path: Path, user: str
) -> None:
    make_key(tmp_path / "act")
    desk.ssh |= {"act_key_file": str(tmp_path / "act"), "user": user}

    said = desk.says("install", "--show")

    assert said.code == 78
    assert said.err.startswith(f"cannot let {user} act on host 'gpu1'")


@pytest.mark.usefixtures("studio")
def test_an_act_key_that_works_is_told(desk: Desk, site: Site) -> None:
    site.will("echo installed", site.gate())
    key = bind(site.server, odd_hand("act", "studio"))
    desk.ssh["act_key_file"] = str(key)

    said = _installs(desk, site)

    assert said.code == 0, said
    assert said.out.splitlines()[-1] == (
        "gpu1: its act key may act on studio; see `facefusion-monitor host"
        " check gpu1`"
    )


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("echo sudo: a password is required >&2; exit 1", "password is req"),
        (odd_hand("observe"), "opens the role observe"),
        ("", "nothing is installed there for its act key"),
    ],
)
def test_an_act_key_that_does_not_reach_the_gate_is_a_failure(
    desk: Desk, site: Site, command: str, words: str
) -> None:
    site.will("echo installed", site.gate())
    desk.ssh["act_key_file"] = str(bind(site.server, command))

    said = _installs(desk, site)

    assert said.code == 1
    assert said.err.startswith(
        "cannot use the gate, which is installed now and observes, with the"
        " act key: cannot act on host 'gpu1'"
    )
    assert words in said.err


def test_the_act_key_is_not_for_installing(desk: Desk, site: Site) -> None:
    site.will("echo installed", site.gate())
    key = str(bind(site.server, odd_hand()))
    desk.ssh["act_key_file"] = key

    said = _installs(desk, site, "--key-file", key, "--yes")

    assert said.code == 1
    assert "with the monitor's own key" in said.err


@pytest.mark.parametrize(("role", "code"), [("reboot", 0), ("act", 1)])
def test_a_reboot_key_has_to_open_its_own_role(
    desk: Desk, site: Site, tmp_path: Path, role: str, code: int
) -> None:
    site.will("echo installed", site.gate())
    desk.ssh["act_key_file"] = str(bind(site.server, odd_hand()))
    desk.ssh["reboot_key_file"] = str(tmp_path / "reboot")
    with (site.server.directory / "authorized_keys").open("a") as file:
        key = make_key(tmp_path / "reboot")
        file.write(f'restrict,command="{odd_hand(role)}" {key}')

    said = _installs(desk, site)

    assert said.code == code, said
    flaw = "observes, with the reboot key: cannot act on host 'gpu1'"
    assert (flaw in said.err) is bool(code)
