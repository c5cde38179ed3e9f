"""Steps by hand: safe for whoever pastes them, one at a time."""

import re
import subprocess
import sys
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from monitor.actions.by_hand import by_hand
from monitor.domain.recovery.identity import Identity
from monitor.domain.recovery.words import RUNGS, Action
from tests.actions.aims import BOOT, SERVER, STRAY, aim, process

MANAGERS = ("systemd", "docker", "process")
COMMAND = re.compile(r"`([^`]+)`")


def shell(*arguments: str) -> int:
    ran = subprocess.run(  # noqa: S603 - our own constant commands
        ["/bin/sh", *arguments], check=False, capture_output=True
    )
    return ran.returncode


def told(action: Action, manager: str = "systemd") -> str:
    return "\n".join(by_hand(aim(action, manager, SERVER, STRAY)))


@pytest.mark.parametrize(("action", "manager"), list(product(RUNGS, MANAGERS)))
def test_nothing_is_ended_by_name_or_without_a_look_at_who_it_is(
    action: Action, manager: str
) -> None:
    for command in COMMAND.findall(told(action, manager)):
        assert not re.search(r"pkill|killall|kill -9", command)
        if "kill" in command:
            assert re.fullmatch(
                r"test \$\(sed 's/\.\*\) //' /proc/(\d+)/stat"
                r" \| cut -d' ' -f20\) = 1 && sudo kill -(INT|TERM|KILL) \1",
                command,
            )


@pytest.mark.parametrize(("action", "manager"), list(product(RUNGS, MANAGERS)))
def test_all_begin_with_a_look_and_end_with_a_proof_and_a_word(
    action: Action, manager: str
) -> None:
    quiet, boot, cards, *_, proof, word = by_hand(aim(action, manager, SERVER))

    assert "maintenance start --target studio" in quiet
    assert f"if it is not {BOOT}" in boot
    assert "`timeout 15 nvidia-smi`" in cards
    assert "facefusion-monitor canary studio" in proof
    assert f"attest PLAN --done '{action.value} by hand" in word


@pytest.mark.parametrize(("action", "manager"), list(product(RUNGS, MANAGERS)))
def test_every_command_is_one_that_a_shell_can_read(
    action: Action, manager: str
) -> None:
    for command in COMMAND.findall(told(action, manager)):
        assert shell("-n", "-c", command) == 0, command


@pytest.mark.parametrize(
    ("manager", "command"),
    [
        ("systemd", "`sudo systemctl restart -- facefusion.service`"),
        ("docker", "`sudo docker restart --time 20 -- facefusion`"),
    ],
)
def test_a_manager_restarts_what_it_runs(manager: str, command: str) -> None:
    found = told(Action.RESTART, manager)

    assert command in found
    assert "kill" not in found


def test_a_bare_process_is_asked_first_and_killed_last() -> None:
    found = told(Action.RESTART, "process")

    assert found.index("-INT 900") < found.index("-TERM 900")
    assert found.index("-TERM 900") < found.index("-KILL 900")
    assert found.index("-KILL 900") < found.index("-INT 400")
    assert "start it in /opt/facefusion as the user that it ran as" in found


@pytest.mark.parametrize(
    ("manager", "starts"),
    [
        ("systemd", "`sudo systemctl start -- facefusion.service`"),
        ("docker", "`sudo docker start -- facefusion`"),
        ("process", "start it in /opt/facefusion"),
    ],
)
def test_memory_is_freed_of_named_processes_and_the_server_started(
    manager: str, starts: str
) -> None:
    found = told(Action.FREE_GPU_MEMORY, manager)
    strays = "\n".join(by_hand(aim(Action.FREE_GPU_MEMORY, manager, STRAY)))

    assert starts in found
    assert starts not in strays
    assert "kill -INT 400" in strays
    assert "none of these processes may be there" in found


def test_before_a_reboot_people_packages_and_bystanders_are_looked_at() -> (
    None
):
    given = aim(
        Action.REBOOT, "systemd", bystanders=("the server annex goes down",)
    )

    found = "\n".join(by_hand(given))

    assert found.index("mind that the server annex goes down") < found.index(
        "`who`"
    )
    assert found.index("-C dpkg,apt-get") < found.index("systemctl reboot")
    assert "`systemctl is-enabled -- facefusion.service`" in found
    assert f"must tell another boot id than {BOOT}" in found
    assert "`timeout 15 nvidia-smi -L`" in found


@pytest.mark.parametrize(
    ("manager", "starts"),
    [("systemd", False), ("docker", False), ("process", True)],
)
def test_after_a_reboot_a_bare_process_is_started_by_hand(
    manager: str,
    starts: bool,  # noqa: FBT001 - a table
) -> None:
    assert ("start it in /opt" in told(Action.REBOOT, manager)) is starts


def test_a_boot_that_is_not_known_is_not_compared() -> None:
    given = aim(Action.REBOOT, "systemd", boot_id="")

    found = "\n".join(by_hand(given))

    assert "was booted since" not in found
    assert "another boot id than before" in found


def test_recover_has_no_steps_of_its_own() -> None:
    assert by_hand(aim(Action.RECOVER)) == ()


def test_arguments_of_a_process_are_private() -> None:
    everything = "".join(
        told(action, manager) for action, manager in product(RUNGS, MANAGERS)
    )

    assert "secret" not in everything


def test_the_check_knows_a_process_by_its_start() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE
    ) as child:
        stat = Path(f"/proc/{child.pid}/stat").read_text(encoding="ascii")
        ticks = int(stat.rpartition(") ")[2].split()[19])
        shown = by_hand(
            aim(
                Action.RESTART,
                "process",
                _of(child.pid, ticks),
                _of(child.pid, ticks + 1),
            )
        )
        checks = [
            command.partition(" && ")[0]
            for command in COMMAND.findall("\n".join(shown))
            if "kill -INT" in command
        ]
        codes = [shell("-c", one) for one in checks]
        child.communicate(b"\n")

    assert codes == [0, 1]


def _of(pid: int, ticks: int) -> Identity:
    return replace(process(pid), start_ticks=ticks)
