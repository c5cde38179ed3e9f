"""The reboot key reboots a machine, by the real gate and a real systemd.

One machine for all of them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from monitor.domain.errors import HandRefused
from monitor.domain.recovery.plan import Aim
from monitor.domain.recovery.words import Action
from monitor.ports import Errand
from tests.machines.acting import Acting, acting_on
from tests.machines.host import SystemdHost
from tests.machines.waiting import until

pytestmark = [
    pytest.mark.machines,
    pytest.mark.slow,
    pytest.mark.timeout(120),
]
LOCK = "/var/lib/dpkg/lock-frontend"
_HOLD = (
    "import fcntl, time;"
    f' file = open("{LOCK}", "w");'
    " fcntl.lockf(file, fcntl.LOCK_EX); time.sleep(600)"
)


@pytest.fixture(scope="module")
def acting(place: None) -> Iterator[Acting]:  # noqa: ARG001 - there first
    with SystemdHost() as host, acting_on(host, "act", "reboot") as acting:
        yield acting


@contextmanager
def packages_change(host: SystemdHost) -> Iterator[None]:
    """Hold dpkg's lock meanwhile."""
    host.run(
        f"mkdir -p /var/lib/dpkg; systemd-run -q --collect --unit=packages"
        f" /usr/bin/python3 -c '{_HOLD}'"
    )
    inode = host.run(f"until stat -c %i {LOCK}; do sleep 0.1; done")
    until(
        lambda: host.run("cat /proc/locks"), lambda told: f":{inode} " in told
    )
    try:
        yield
    finally:
        host.run("systemctl stop packages")


@contextmanager
def shutdown_blocked(host: SystemdHost) -> Iterator[None]:
    """Block a shutdown meanwhile, as whoever writes firmware does."""
    host.run(
        "systemd-run -q --collect --unit=flash systemd-inhibit"
        " --what=shutdown --mode=block --who=fwupd --why='flashing it'"
        " sleep 600"
    )
    blocked = "until grep -rq fwupd /run/systemd/inhibit; do sleep 0.1; done"
    try:
        host.run(blocked)
        yield
    finally:
        host.run("systemctl stop flash")


def rebooting(acting: Acting) -> tuple[Aim, Errand]:
    """Return what plans a reboot, with the server that is there."""
    return acting.prepared(
        acting.aim(Action.REBOOT), acting.host.facefusion_pid()
    )


def test_it_answers_first_and_then_the_machine_boots(acting: Acting) -> None:
    host = acting.host
    before, boots = host.boot_id(), host.life.boots
    aim, errand = rebooting(acting)

    told = acting.does(aim, errand)
    host.comes_back(boots + 1)
    became = acting.became(aim, errand)

    assert told.state == "running", told
    assert became.state == "done", became
    assert host.boot_id() not in {"", before}
    assert became.boot_id == host.boot_id()
    assert host.life.boots == boots + 1


def test_a_request_that_comes_again_after_it_does_nothing(
    acting: Acting,
) -> None:
    host = acting.host
    boots = host.life.boots
    aim, errand = rebooting(acting)
    acting.does(aim, errand)
    host.comes_back(boots + 1)

    with pytest.raises(HandRefused) as caught:
        acting.does(aim, errand)

    assert caught.value.reason in {"boot", "nonce"}
    assert host.life.boots == boots + 1


def test_the_act_key_cannot_reboot_and_this_one_cannot_restart(
    acting: Acting,
) -> None:
    host = acting.host
    boots, server = host.life.boots, host.facefusion_pid()
    aim, errand = rebooting(acting)

    with pytest.raises(HandRefused) as first:
        acting.does(aim, errand, key="act")
    with pytest.raises(HandRefused) as second:
        acting.does(replace(aim, action=Action.RESTART), errand, key="reboot")

    assert (first.value.reason, second.value.reason) == ("forbidden",) * 2
    assert (host.life.boots, host.facefusion_pid()) == (boots, server)


def test_it_does_not_while_packages_change(acting: Acting) -> None:
    host = acting.host
    boots = host.life.boots
    aim, errand = rebooting(acting)

    with packages_change(host), pytest.raises(HandRefused) as caught:
        acting.does(aim, errand)

    assert caught.value.reason == "machine"
    assert host.life.boots == boots


def test_it_does_not_while_somebody_blocks_a_shutdown(
    acting: Acting,
) -> None:
    host = acting.host
    boots = host.life.boots
    aim, errand = rebooting(acting)

    with shutdown_blocked(host), pytest.raises(HandRefused) as caught:
        acting.does(aim, errand)

    assert caught.value.reason == "machine"
    assert "blocked by fwupd (flashing it)" in str(caught.value)
    assert host.life.boots == boots


def test_it_does_also_where_another_server_runs_by_now(
    acting: Acting,
) -> None:
    host = acting.host
    boots = host.life.boots
    aim, errand = rebooting(acting)
    host.systemctl("restart")
    host.await_listening()

    told = acting.does(aim, errand)
    host.comes_back(boots + 1)

    assert told.state == "running", told


def test_one_that_systemd_refuses_has_failed(acting: Acting) -> None:
    host = acting.host
    masks = "/etc/systemd/system/reboot.target"
    host.run(f"ln -sf /dev/null {masks}; systemctl daemon-reload")
    boots = host.life.boots
    aim, errand = rebooting(acting)

    try:
        acting.does(aim, errand)
        became = until(
            lambda: acting.became(aim, errand),
            lambda told: told.state == "failed",
        )
    finally:
        host.run(f"rm {masks}; systemctl daemon-reload")

    assert became.because
    assert host.life.boots == boots
