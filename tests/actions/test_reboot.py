"""A reboot in words: what people approve before a machine goes down."""

import pytest

from monitor.actions.reboot import PROVED_WITHIN, WITHIN, steps
from monitor.domain.recovery.identity import Identity
from tests.actions.aims import SERVER


def told(manager: str, *processes: Identity) -> tuple[str, ...]:
    return steps(
        manager=manager,
        unit="facefusion.service",
        host="gpu1",
        processes=processes,
        directory="/opt/facefusion",
    )


def test_it_looks_goes_down_comes_back_and_serves_in_this_order() -> None:
    looks, goes, starts, comes, proof = told("systemd", SERVER)

    assert looks == (
        "on gpu1 the gate looks once more: its boot must be as planned, no"
        " package manager at work, and no shutdown blocked"
    )
    assert goes.startswith("2 s later it runs `systemctl reboot` on gpu1: all")
    assert starts == "systemd starts facefusion.service as the machine boots"
    assert comes == (
        "look until gpu1 is back with another boot id, the same host key and"
        " as many GPUs as before: it has 5 min to go down and 25 min to come"
        " back"
    )
    assert "a new process owns its port" in proof


@pytest.mark.parametrize(
    ("manager", "starts"),
    [
        ("docker", "docker starts facefusion.service as the machine boots"),
        (
            "process",
            (
                "as the machine boots nobody starts the server in"
                " /opt/facefusion that we know of: somebody has to"
            ),
        ),
    ],
)
def test_who_starts_the_server_is_told(manager: str, starts: str) -> None:
    assert told(manager)[2] == starts


def test_no_process_is_named_whoever_runs() -> None:
    assert told("process", SERVER) == told("process")


def test_a_machine_has_five_and_twenty_minutes_and_its_gpus_five() -> None:
    assert PROVED_WITHIN == 1500 + 300
    assert WITHIN < 300
