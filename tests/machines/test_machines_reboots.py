"""Reboots after which a machine is not what it was."""

import pytest

from tests.machines.host import SystemdHost
from tests.machines.waiting import until

pytestmark = [pytest.mark.machines, pytest.mark.slow]


def test_one_may_stay_away(host: SystemdHost) -> None:
    host.fate.stays_away()
    host.run("systemctl reboot", check=False)
    host.life.await_off()

    assert host.life.verb == "reboot"
    assert not host.life.is_on
    assert not host.listens(22)


def test_one_may_come_back_with_the_boot_id_that_it_had(
    host: SystemdHost,
) -> None:
    before = host.boot_id()
    host.fate.keeps_its_boot_id(before)

    host.reboot()

    assert host.boot_id() == before
    assert host.life.boots == 2


def test_one_may_come_back_with_another_host_key(host: SystemdHost) -> None:
    known = host.known_hosts_file.read_text().split()[-1]
    key = "ssh-keygen -y -f /etc/ssh/machine_host_key"
    before = host.run(key)
    host.fate.changes_its_host_key()

    host.reboot()

    assert known in before
    assert known not in host.run(key)


def test_who_waits_for_a_reboot_sees_it_serve(host: SystemdHost) -> None:
    before = host.boot_id()
    host.run("systemctl reboot", check=False)

    host.comes_back()

    assert host.boot_id() != before
    until(host.facefusion_pid, lambda pid: pid)
