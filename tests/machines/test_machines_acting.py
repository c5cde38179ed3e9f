"""The act key is installed on a machine, and restarts what root named."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from monitor.adapters.gate.acting import RemoteHand
from monitor.domain.errors import CannotReach, HandRefused
from monitor.domain.recovery.identity import identities
from monitor.domain.recovery.plan import Aim
from monitor.domain.recovery.words import Action
from monitor.ports import Errand, HandAnswer
from tests.hosts.hands import hand_on
from tests.machines.host import PORT, SystemdHost
from tests.machines.intruder import refusals
from tests.machines.operator import GATE, KEYS, Operator

pytestmark = [pytest.mark.machines, pytest.mark.slow]

CONFIG = "/etc/facefusion-monitor-gate.json"
SUDOERS = "/etc/sudoers.d/facefusion-monitor"
STATE = "/var/lib/facefusion-monitor-gate"
START = "/usr/local/libexec/facefusion-start-studio"
EXAMPLE = Path(__file__).parents[2] / "deploy/gpu-host/facefusion-start-studio"
WITHIN = 60.0
T = TypeVar("T")


def aim(host: SystemdHost, manager: str = "systemd") -> Aim:
    return Aim(
        action=Action.RESTART,
        target="studio",
        url=host.url,
        host="gpu1",
        manager=manager,
        unit="facefusion.service",
        directory="/opt/facefusion",
        port=PORT,
        boot_id=host.boot_id(),
        processes=(),
        steps=(),
    )


@pytest.fixture
def bare_key(operator: Operator, host: SystemdHost) -> Path:
    """Let FaceFusion run without a unit, and be startable by our example."""
    host.systemctl("stop")
    host.start_bare()
    operator.desk.targets[0]["service"] = {
        "manager": "process",
        "directory": "/opt/facefusion",
    }
    key = operator.lets_act()
    done = operator.installs()
    assert done.code == 0, done.err
    _contain(host)
    text = EXAMPLE.read_text().replace("./venv/bin/python", "/usr/bin/python3")
    reached = "set -eu\nexport GRADIO_SERVER_NAME=0.0.0.0\n"
    host.path(START).write_text(text.replace("set -eu\n", reached))
    host.run(f"chmod 755 {START}")
    return key


@pytest.fixture
def act_key(operator: Operator) -> Path:
    """Install it; the machine of the tests is a container, by its pids."""
    key = operator.lets_act()
    done = operator.installs()
    assert done.code == 0, done.err
    _contain(operator.host)
    return key


def _contain(host: SystemdHost) -> None:
    config = host.path(CONFIG)
    told = json.loads(config.read_text())
    config.write_text(json.dumps({**told, "contained": True}))


def _with_hand(
    host: SystemdHost, key: Path, does: Callable[[RemoteHand], Awaitable[T]]
) -> T:
    async def done() -> T:
        hand = hand_on(host.settings, key)
        try:
            return await does(hand)
        finally:
            await hand.close()

    return asyncio.run(done())


def _restarted(
    host: SystemdHost, key: Path, token: int = 1, manager: str = "systemd"
) -> HandAnswer:
    errand = Errand(change=f"c-{token}", token=token)

    async def restart(hand: RemoteHand) -> HandAnswer:
        wanted = aim(host, manager)
        there = await hand.prepare(wanted, errand, within=WITHIN)
        assert there.service
        exact = replace(
            wanted,
            boot_id=there.boot_id,
            processes=identities(there.service),
        )
        opened = replace(errand, nonce=there.nonce)
        return await hand.act(exact, opened, within=WITHIN)

    return _with_hand(host, key, restart)


def test_the_act_key_restarts_the_unit(
    act_key: Path, host: SystemdHost
) -> None:
    before = host.facefusion_pid()

    done = _restarted(host, act_key)

    assert done.state == "done", done
    assert host.facefusion_pid() not in {0, before}
    host.await_listening()


def test_a_bare_process_comes_back_as_who_it_was(
    bare_key: Path, host: SystemdHost
) -> None:
    before = host.path("/opt/facefusion/.stand-in/pid").read_text()

    done = _restarted(host, bare_key, manager="process")

    assert done.state == "done", done
    host.await_listening()
    after = host.path("/opt/facefusion/.stand-in/pid").read_text()
    assert after != before
    owner = host.run(f"stat -c %U /proc/{after.strip()}")
    assert owner == "faceops"
    assert host.run("stat -c %U /opt/facefusion/facefusion.log") == "faceops"


def test_a_start_program_that_others_may_change_is_refused(
    bare_key: Path, host: SystemdHost
) -> None:
    host.run(f"chown faceops {START}")

    with pytest.raises(HandRefused, match=START) as caught:
        _restarted(host, bare_key, manager="process")

    assert caught.value.reason == "forbidden"
    assert host.listens(PORT)


def test_the_check_says_what_may_be_acted_on(
    operator: Operator, act_key: Path
) -> None:
    assert act_key.exists()

    said = operator.desk.says("check")

    assert "gpu1 may be acted on: its act key opens gate" in said.out
    assert "- studio: may be restarted" in said.out
    assert "(Restart=no)" in said.out


def test_its_files_are_roots_and_only_roots_to_change(
    act_key: Path, host: SystemdHost
) -> None:
    assert act_key.exists()

    listed = host.run(f"stat -c '%U:%G %a %F %n' {CONFIG} {SUDOERS} {GATE}")
    left = host.run("ls /etc/sudoers.d/facefusion* /etc/facefusion*")

    assert listed.splitlines() == [
        f"root:root 644 regular file {CONFIG}",
        f"root:root 440 regular file {SUDOERS}",
        f"root:root 755 regular file {GATE}",
    ]
    assert left.split() == [CONFIG, SUDOERS]
    host.run("visudo -c")


def test_sudo_lets_the_user_start_the_gate_and_nothing_else(
    act_key: Path, host: SystemdHost
) -> None:
    assert act_key.exists()
    gate = f"/usr/bin/python3 -I {GATE}"

    listed = host.as_user("sudo -n -l")
    started = host.as_user(f"sudo -n {gate} act </dev/null; echo $?")
    refused = [
        host.as_user(f"sudo -n {words} 2>&1; echo $?", check=False)
        for words in (
            "id",
            "/usr/bin/python3 -c 1",
            "/usr/bin/python3 -I /tmp/mine act",
            f"{gate} reboot",
            f"{gate} act --directory /etc",
            f"{gate}",
            f"-u daemon {gate} act",
        )
    ]

    assert listed.count("NOPASSWD") == 1
    assert started.splitlines()[-1] == "0"
    assert [one.splitlines()[-1] for one in refused] == ["1"] * len(refused)


def test_a_terminal_is_not_needed_where_sudo_asks_for_one(
    act_key: Path, host: SystemdHost
) -> None:
    host.run(
        "sed -i '1i Defaults requiretty, use_pty' /etc/sudoers; visudo -c"
    )

    assert _restarted(host, act_key).state == "done"


def test_the_act_key_may_run_nothing_else(
    act_key: Path, host: SystemdHost
) -> None:
    refused = refusals(host, act_key)

    assert refused == ["command", "shell", "sftp", "pty", "forwarding"]
    assert host.run("ls /tmp/mine", check=False) == ""


def test_the_observe_key_cannot_act(act_key: Path, host: SystemdHost) -> None:
    assert act_key.exists()

    with pytest.raises(CannotReach, match="opens the role observe") as caught:
        _restarted(host, host.key_file)

    assert caught.value.reason == "gate_refused"


def test_what_root_did_not_name_is_refused(
    act_key: Path, host: SystemdHost
) -> None:
    other = replace(aim(host), target="attic")

    async def prepare(hand: RemoteHand) -> HandAnswer:
        errand = Errand(change="c", token=1)
        return await hand.prepare(other, errand, within=WITHIN)

    with pytest.raises(HandRefused, match="attic") as caught:
        _with_hand(host, act_key, prepare)

    assert caught.value.reason == "unknown_service"


def test_installing_again_keeps_what_root_wrote(
    operator: Operator, act_key: Path, host: SystemdHost
) -> None:
    _restarted(host, act_key, token=5)
    before = host.run(f"cat {KEYS} {SUDOERS}")

    done = operator.installs()

    assert done.code == 0, done.err
    assert host.run(f"cat {KEYS} {SUDOERS}") == before
    assert json.loads(host.path(CONFIG).read_text())["contained"] is True
    with pytest.raises(HandRefused) as caught:
        _restarted(host, act_key, token=4)
    assert (caught.value.reason, caught.value.highest) == ("fenced", 5)


def test_another_act_key_takes_the_place_of_the_first(
    operator: Operator, act_key: Path, host: SystemdHost
) -> None:
    act_key.rename(act_key.with_name("first"))
    second = operator.lets_act()

    done = operator.installs()

    assert done.code == 0, done.err
    assert host.path(KEYS).read_text().count("sudo -n") == 1
    _contain(host)
    assert _restarted(host, second).state == "done"


def test_without_the_key_in_the_settings_it_is_taken_out(
    operator: Operator, act_key: Path, host: SystemdHost
) -> None:
    _restarted(host, act_key)
    del operator.desk.ssh["act_key_file"]

    done = operator.installs()

    assert done.code == 0, done.err
    assert "sudo" not in host.path(KEYS).read_text()
    assert host.run(f"ls {SUDOERS} {CONFIG}", check=False) == ""
    assert host.run(f"ls -A {STATE}")
    assert "the gate is installed" in operator.desk.says("check").out


@pytest.mark.parametrize(
    ("breaks", "flaw"),
    [
        ("rm -f /usr/bin/sudo", "sudo is missing there"),
        ("rm -f /usr/sbin/visudo", "visudo is missing there"),
        ("ln -sf /bin/false /usr/sbin/visudo", "visudo there does not acc"),
        ("rm -rf /etc/sudoers.d", "/etc/sudoers.d is no directory"),
        (f"mkdir {CONFIG}", f"{CONFIG} is one"),
    ],
)
def test_a_machine_where_nobody_may_act_stays_as_it_is(
    operator: Operator, host: SystemdHost, breaks: str, flaw: str
) -> None:
    operator.lets_act()
    host.run(breaks)
    before = _state(host)

    done = operator.installs()

    assert done.code == 1
    assert done.err.startswith("cannot install the gate on host 'gpu1' as")
    assert flaw in done.err
    assert _state(host) == before


def _state(host: SystemdHost) -> str:
    where = "/home /usr/local/libexec /etc/sudoers.d /etc/passwd /etc/group"
    more = f"{where} /etc/facefusion*"
    listed = "-printf '%p %U %m %l\\n'"
    return host.run(f"find {more} {listed}", check=False)
