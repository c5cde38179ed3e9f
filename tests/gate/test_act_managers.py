"""systemd and docker restart by themselves; what they say is told."""

import pytest

from tests.gate.act_machine import (
    Machine,
    Message,
    machine,
    reason,
)

__all__ = ["machine"]


def steps(answer: Message) -> list[object]:
    found = answer["steps"]
    assert isinstance(found, list)
    return found


def test_systemd_is_asked_with_constant_words(machine: Machine) -> None:
    machine.unit()

    answer = machine.restarts(machine.prepared())

    assert machine.done() == ["restart -- ff.service"]
    assert steps(answer)[0] == "runs systemctl restart -- ff.service"
    assert "code 0" in str(steps(answer)[1])
    assert "active (running)" in str(steps(answer)[2])


@pytest.mark.parametrize(
    ("load", "expected"),
    [("not-found", "unknown_service"), ("masked", "unsupported")],
)
def test_a_unit_that_is_not_there_is_not_restarted(
    load: str, expected: str, machine: Machine
) -> None:
    machine.unit(load=load)

    assert reason(machine.restarts(machine.prepared())) == expected
    assert machine.done() == []


@pytest.mark.parametrize("manager", ["systemd", "docker"])
def test_a_manager_that_does_not_answer_restarts_nothing(
    manager: str, machine: Machine
) -> None:
    machine.config(manager=manager, unit="ff.service", start=None)
    machine.tool("systemctl", "exit 1")
    machine.tool("docker", "exit 1")

    assert reason(machine.restarts(machine.prepared())) == "unsupported"


def test_a_restart_that_takes_too_long_is_told(machine: Machine) -> None:
    machine.unit()
    request = machine.prepared()
    machine.tool(
        "systemctl",
        f"[ $1 = restart ] && echo x >> {machine.effects} && exec sleep 30\n"
        "echo LoadState=loaded",
    )

    answer = machine.restarts({**request, "within": 0.3})

    assert answer["state"] == "failed"
    assert "did not end within" in str(answer["because"])
    assert machine.done() == ["x"]


def test_a_systemd_that_vanishes_meanwhile_is_told(machine: Machine) -> None:
    machine.unit()
    request = machine.prepared()
    machine.tool(
        "systemctl",
        f"[ -s {machine.effects} ] && exit 1\n"
        f"[ $1 = restart ] && echo x >> {machine.effects}\n"
        "echo LoadState=loaded",
    )

    answer = machine.restarts(request)

    assert answer["state"] == "done"
    assert "None" in str(steps(answer)[-1])


STATE = (
    """echo '{"id":"a","state":{"Status":"running","Running":true,"Pid":0},"""
    """"restarts":0,"policy":{},"ports":{}}'"""
)


def docker(machine: Machine, restart: str) -> None:
    machine.config(manager="docker", unit="ff", start=None)
    machine.tool(
        "docker",
        f'if [ $1 = restart ]; then echo "$*" >> {machine.effects}\n'
        f"{restart}\nexit 0; fi\n{STATE}",
    )


def test_docker_gives_it_twenty_seconds(machine: Machine) -> None:
    docker(machine, "")

    answer = machine.restarts(machine.prepared())

    assert answer["state"] == "done", answer
    assert machine.done() == ["restart --time 20 -- ff"]
    assert "running" in str(steps(answer)[-1])


def test_what_docker_says_is_why_it_failed(machine: Machine) -> None:
    docker(machine, "echo 'permission denied' >&2; exit 1")

    answer = machine.restarts(machine.prepared())

    assert answer["state"] == "failed"
    assert "group docker" in str(answer["because"])


def test_a_docker_that_vanishes_meanwhile_is_told(machine: Machine) -> None:
    docker(machine, "echo 'exit 1' > $0")

    answer = machine.restarts(machine.prepared())

    assert "None" in str(steps(answer)[-1])


def test_a_container_that_is_not_there_is_not_restarted(
    machine: Machine,
) -> None:
    docker(machine, "")
    machine.tool("docker", "echo 'No such container: ff' >&2; exit 1")

    assert reason(machine.restarts(machine.prepared())) == "unknown_service"
    assert machine.done() == []
