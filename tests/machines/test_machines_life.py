"""Hosts with a real systemd boot, reboot, power off and leave nothing."""

from pathlib import Path

import pytest

from tests.machines import land
from tests.machines.host import SystemdHost

pytestmark = [
    pytest.mark.machines,
    pytest.mark.slow,
    pytest.mark.usefixtures("place"),
]


def test_nothing_here_knows_a_way_out() -> None:
    links = land.ip("-o", "link", "show")

    assert land.way_out() == ""
    assert "eth0" not in links


def test_a_place_with_a_way_out_is_refused() -> None:
    route = ("default", "dev", land.BRIDGE)
    land.ip("route", "add", *route)

    try:
        with pytest.raises(RuntimeError, match="has a default route"):
            land.settle()
    finally:
        land.ip("route", "del", *route)


def test_a_host_boots_into_systemd(host: SystemdHost) -> None:
    comm = host.path("/proc/1/comm").read_text().strip()

    assert comm == "systemd"
    assert host.run("hostname") == host.name
    assert host.run("systemctl is-system-running") == "running"
    assert host.systemctl("is-active") == "active"


def test_no_process_there_may_reboot_the_machine_below(
    host: SystemdHost,
) -> None:
    cap_sys_boot = 1 << 22
    bounding = host.path("/proc/1/status").read_text()
    shell = host.run("cat /proc/self/status")

    for status in (bounding, shell):
        line = next(x for x in status.splitlines() if x.startswith("CapBnd"))
        assert not int(line.split()[1], 16) & cap_sys_boot


def test_a_host_cannot_turn_the_kernel_of_all(host: SystemdHost) -> None:
    value = "/proc/sys/kernel/panic"

    said = host.run(f"{{ cat {value} >{value}; }} 2>&1", check=False)

    assert "Read-only" in said


def test_a_reboot_gives_a_new_boot_id_and_serves_again(
    host: SystemdHost,
) -> None:
    before, pid = host.boot_id(), host.facefusion_pid()

    host.reboot()

    assert host.boot_id() != before
    assert host.life.verb == "reboot"
    assert float(host.run("cut -d' ' -f1 /proc/uptime")) < 30
    assert host.facefusion_pid() != 0
    assert pid != 0


def test_a_host_that_is_powered_off_stays_off(host: SystemdHost) -> None:
    host.power_off()

    assert host.life.verb == "poweroff"
    assert not host.life.is_on


def test_one_host_does_not_end_with_another(host: SystemdHost) -> None:
    with SystemdHost("gpu2") as other:
        assert other.address != host.address
        assert other.boot_id() != host.boot_id()

        other.power_off()

    assert host.systemctl("is-active") == "active"


def test_a_pulled_cable_is_as_a_host_that_is_gone(host: SystemdHost) -> None:
    host.link_down()
    gone = not host.listens(22)
    host.link_up()
    host.await_up()

    assert gone


def test_a_host_leaves_nothing_behind() -> None:
    before = _traces()

    with SystemdHost("brief"):
        during = _traces()

    assert during != before
    assert _traces() == before


def _traces() -> tuple[str, str, list[str]]:
    """Return the links, mounts and cgroups that we could leave behind."""
    return (
        land.ip("-br", "link", "show", "type", "veth"),
        Path("/proc/self/mounts").read_text(),
        sorted(str(path) for path in land.GROUND.iterdir()),
    )
