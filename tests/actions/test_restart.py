"""A restart in words: what people approve before it is done."""

import pytest

from monitor.actions.restart import (
    CANARIES_WITHIN,
    WITHIN,
    canaries_within,
    program_of,
    serves_within,
    steps,
)
from monitor.domain.recovery.identity import Identity


def process(pid: int, *cmdline: str, is_server: bool = False) -> Identity:
    return Identity(
        boot_id="b",
        pid=pid,
        start_ticks=1,
        uid=990,
        cmdline=cmdline,
        is_server=is_server,
    )


SERVER = process(
    900,
    "/opt/venv/bin/python3",
    "/opt/facefusion/facefusion.py",
    "run",
    "--source",
    "/home/ann/secret.jpg",
    is_server=True,
)


def told(manager: str, *processes: Identity) -> tuple[str, ...]:
    return steps(
        manager=manager,
        unit="facefusion.service",
        host="gpu1",
        processes=processes,
        directory="/opt/facefusion",
    )


def test_systemd_restarts_its_unit() -> None:
    does, starts, proof = told("systemd", SERVER)

    assert does.startswith(
        "run `systemctl restart -- facefusion.service` on gpu1: systemd ends"
        " process 900 (python3 facefusion.py) with the unit's KillSignal"
    )
    assert starts == "systemd starts facefusion.service"
    assert "its status passed 3 times in a row and a canary passed" in proof


def test_docker_restarts_its_container() -> None:
    does, starts, _ = told("docker", SERVER)

    assert does.startswith(
        "run `docker restart --time 20 -- facefusion.service` on gpu1: docker"
        " ends process 900"
    )
    assert starts == "docker starts facefusion.service"


def test_a_bare_process_is_asked_before_it_is_killed() -> None:
    ends, starts, _ = told("process", SERVER)

    assert ends == (
        "on gpu1 the gate ends process 900 (python3 facefusion.py): SIGINT,"
        " after 10 s SIGTERM, after 10 s more SIGKILL, to these processes and"
        " no other"
    )
    assert "in /opt/facefusion and as the user that it ran as" in starts


def test_a_bare_process_that_is_gone_is_only_started() -> None:
    starts, _ = told("process")

    assert starts.startswith("run the start program that gpu1 has for it")


@pytest.mark.parametrize("manager", ["systemd", "docker"])
def test_where_nothing_runs_nothing_is_ended(manager: str) -> None:
    assert told(manager)[0].endswith("runs, so nothing is ended")


def test_the_one_that_serves_is_named_first_and_many_are_counted() -> None:
    children = [process(pid, "ffmpeg") for pid in (3, 1, 2)]

    does = told("systemd", *children, SERVER)[0]

    assert (
        "ends process 900 (python3 facefusion.py), process 1 (ffmpeg),"
        " process 2 (ffmpeg) and 1 more with" in does
    )


def test_arguments_of_a_process_are_private() -> None:
    everything = " ".join(
        (*told("systemd", SERVER), *told("docker", SERVER))
    ) + " ".join(told("process", SERVER))

    assert "secret" not in everything
    assert program_of(("facefusion: /home/ann/x.jpg",)) == "facefusion:"
    assert program_of(()) == ""
    assert "process 7 " in told("docker", process(7))[0]


def test_the_act_has_time_for_every_way_to_end_a_process() -> None:
    assert WITHIN > 60 + 30
    assert WITHIN > 10 + 10 + 5


def test_it_has_its_start_grace_and_a_little_more_to_serve() -> None:
    assert serves_within(60.0) == 90.0


def test_each_canary_has_its_time_within_reason() -> None:
    assert canaries_within([60.0, 45.0]) == 105.0
    assert canaries_within([]) == 0.0
    assert canaries_within([1e6]) == CANARIES_WITHIN
