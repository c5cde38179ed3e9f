"""Faults of a machine are as they happen in earnest, and can be undone."""

import errno
import socket
from collections.abc import Iterator

import pytest

from tests.machines.host import PORT, SystemdHost
from tests.machines.mischief import Mischief
from tests.machines.waiting import until

pytestmark = [pytest.mark.machines, pytest.mark.slow]
TIMED_OUT = -1


@pytest.fixture(scope="module")
def machine(
    place: None,  # noqa: ARG001 - it must be there first
) -> Iterator[SystemdHost]:
    with SystemdHost() as host:
        yield host


@pytest.fixture
def mischief(machine: SystemdHost) -> Iterator[Mischief]:
    made = Mischief(machine)
    yield made
    made.undo()


def knock(host: SystemdHost, port: int = PORT) -> int:
    """Return 0, or why there is no connection."""
    try:
        socket.create_connection((host.address, port), 0.5).close()
    except TimeoutError:
        return TIMED_OUT
    except OSError as error:
        return error.errno or 0
    return 0


def test_a_firewall_drops_resets_and_forbids(
    machine: SystemdHost, mischief: Mischief
) -> None:
    machine.firewall.drop(PORT)
    dropped = knock(machine)
    machine.firewall.open()
    machine.firewall.reject(PORT)
    reset = knock(machine)
    machine.firewall.open()
    machine.firewall.forbid(PORT)
    forbidden, beside = knock(machine), knock(machine, 22)
    mischief.undo()

    assert dropped == TIMED_OUT
    assert reset == errno.ECONNREFUSED
    assert forbidden == errno.EHOSTUNREACH
    assert beside == 0
    assert knock(machine) == 0


def test_a_stranger_takes_the_port_and_facefusion_the_next(
    machine: SystemdHost, mischief: Mischief
) -> None:
    mischief.take_port(PORT)

    until(lambda: machine.listens(PORT + 1), bool)
    mischief.undo()

    assert machine.run("systemctl is-active stranger", check=False) != "active"
    assert not machine.listens(PORT + 1)


def test_a_crash_loop_starts_again_and_again(
    machine: SystemdHost, mischief: Mischief
) -> None:
    mischief.restart_always()
    machine.turn(exit=1)
    mischief.restart()

    until(lambda: machine.systemctl("show -p NRestarts --value"), is_loop)


def is_loop(restarts: str) -> bool:
    return int(restarts) >= 3


def test_a_deaf_one_lives_without_a_port(
    machine: SystemdHost, mischief: Mischief
) -> None:
    pid = machine.facefusion_pid()
    machine.turn(deaf=True)

    until(lambda: knock(machine), lambda flaw: flaw == errno.ECONNREFUSED)
    still = machine.facefusion_pid()
    mischief.undo()

    assert still == pid
    assert machine.facefusion_pid() != pid


def test_the_kernel_tells_of_the_process_that_it_killed(
    machine: SystemdHost, mischief: Mischief
) -> None:
    pid = machine.facefusion_pid()
    mischief.kill_for_memory()

    said = machine.run("dmesg")
    result = machine.systemctl("show -p Result --value")

    assert f"Killed process {pid} (python3)" in said
    assert result == "signal"
