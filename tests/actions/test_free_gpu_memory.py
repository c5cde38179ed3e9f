"""Freeing GPU memory in words: exactly whom it ends, and how."""

import pytest

from monitor.actions.free_gpu_memory import BACK_WITHIN, WITHIN, steps
from monitor.domain.recovery.identity import Identity
from tests.actions.aims import SERVER, STRAY


def told(manager: str, *processes: Identity) -> tuple[str, ...]:
    return steps(
        manager=manager,
        unit="facefusion.service",
        host="gpu1",
        processes=processes,
        directory="/opt/facefusion",
    )


def test_it_looks_waits_ends_starts_and_proves_in_this_order() -> None:
    looks, waits, ends, starts, back, proof = told("systemd", SERVER, STRAY)

    assert "goes on only where exactly these of its processes" in looks
    assert waits.startswith("it waits for at most 10 s until these cards")
    assert ends == (
        "on gpu1 the gate ends process 900 (python3 facefusion.py), process"
        " 400 (python3 facefusion.py): SIGINT, after 10 s SIGTERM, after 10 s"
        " more SIGKILL, to these processes and no other; one that does not"
        " end (state D) is reported"
    )
    assert starts == (
        "run `systemctl start -- facefusion.service` on gpu1, which does"
        " nothing where it runs"
    )
    assert back.startswith("look until none of them is on the cards")
    assert "a new process owns its port" in proof


@pytest.mark.parametrize(
    ("manager", "starts"),
    [
        ("docker", "run `docker start -- facefusion.service` on gpu1"),
        ("process", "run the start program that gpu1 has for it"),
    ],
)
def test_what_runs_it_starts_it_again(manager: str, starts: str) -> None:
    assert told(manager, SERVER)[3].startswith(starts)


@pytest.mark.parametrize("manager", ["systemd", "docker", "process"])
def test_where_the_server_is_not_ended_nothing_is_started(
    manager: str,
) -> None:
    everything = " ".join(told(manager, STRAY))

    assert "start" not in everything
    assert everything.endswith("and a canary passed")
    assert "a new process" not in everything


def test_where_nobody_holds_memory_nothing_is_ended() -> None:
    everything = " ".join(told("systemd"))

    assert "so nothing is ended" in everything
    assert "SIGINT" not in everything


def test_arguments_of_a_process_are_private() -> None:
    assert "secret" not in " ".join(told("process", SERVER))


def test_the_act_has_time_for_idle_cards_signals_a_start_and_looks() -> None:
    assert WITHIN >= 10 + 25 + 60 + 4 * 7
    assert BACK_WITHIN > 0
