"""Others on the cards of a machine, and what nvidia-smi tells of them."""

import signal

import pytest

from monitor.domain.gpu.reading import Gpu
from monitor.domain.nvidia_smi.log import read_log
from tests.machines.host import DIRECTORY, SystemdHost
from tests.machines.neighbours import Neighbours
from tests.machines.waiting import until

pytestmark = [pytest.mark.machines, pytest.mark.slow]
MIB = 1024**2


@pytest.fixture
def neighbours(host: SystemdHost) -> Neighbours:
    host.nvidia_smi.live()
    return Neighbours(host)


def cards(host: SystemdHost) -> tuple[Gpu, ...]:
    return read_log(host.as_user("nvidia-smi -q -x")).gpus


def on(card: Gpu) -> dict[int, int]:
    """Return the megabytes of each process on a card."""
    return {one.pid: (one.memory_bytes or 0) // MIB for one in card.processes}


def used(card: Gpu) -> int:
    return (card.memory_used_bytes or 0) // MIB


def test_the_cards_show_who_really_holds_memory_and_only_while_it_lives(
    host: SystemdHost, neighbours: Neighbours
) -> None:
    host.turn(memory=2100)
    training = neighbours.training(3000)
    server = host.facefusion_pid()
    until(neighbours.held, lambda held: server in held)

    first, second = cards(host)
    host.kill_facefusion(signal.SIGKILL)
    neighbours.ends(training)
    after, _ = cards(host)

    assert on(first) == {server: 2100, training.pid: 3000}
    assert used(first) == 5101
    assert (on(second), used(second)) == ({}, 1)
    assert (on(after), used(after)) == ({}, 1)


def test_memory_can_stay_used_though_nobody_holds_it(
    host: SystemdHost, neighbours: Neighbours
) -> None:
    training = neighbours.training(3000)
    host.nvidia_smi.keeps_memory()
    neighbours.ends(training)

    card, _ = cards(host)

    assert on(card) == {}
    assert used(card) == 3001


def test_a_card_works_for_as_long_as_it_is_told(
    host: SystemdHost, neighbours: Neighbours
) -> None:
    assert neighbours.held() == {}
    host.nvidia_smi.works(0)
    during = cards(host)
    host.nvidia_smi.works()

    after = cards(host)

    assert [one.utilization_ratio for one in during] == [0.97, 0.0]
    assert [one.utilization_ratio for one in after] == [0.0, 0.0]


def test_everybody_in_its_directory_is_told_apart(
    host: SystemdHost, neighbours: Neighbours
) -> None:
    them = (
        neighbours.editor(),
        neighbours.tail(),
        neighbours.shell(),
        neighbours.stray(),
        neighbours.other_facefusion(),
    )

    words = {one.pid: " ".join(one.words) for one in host.console.processes()}

    assert neighbours.lives(*them)
    assert [words[one.pid].split("/")[-1] for one in them] == [
        "facefusion.py",
        "tail -f facefusion.log",
        "typed",
        "python3 facefusion.py run",
        "python3 facefusion.py run",
    ]
    where = [host.run(f"readlink /proc/{one.pid}/cwd") for one in them[:4]]
    assert where == [DIRECTORY] * 4


def test_a_stray_may_ignore_signals(neighbours: Neighbours) -> None:
    stray = neighbours.stray(ignore=("SIGINT", "SIGTERM"))
    host = neighbours.host
    host.run(f"kill -INT {stray.pid}; kill -TERM {stray.pid}")

    lives = neighbours.lives(stray)
    neighbours.ends(stray)

    assert lives
    assert not neighbours.lives(stray)


def test_a_stray_may_wait_in_the_kernel_where_nothing_ends_it(
    host: SystemdHost, neighbours: Neighbours
) -> None:
    stray = neighbours.stray(4000, waits=True)
    host.run(f"kill -9 {stray.pid}")

    held, (card, _) = neighbours.held(), cards(host)
    state = neighbours.now(stray)
    host.driver.thaw()

    assert state is not None
    assert state.state == "D"
    assert held == {stray.pid: 4000}
    assert on(card) == held
    until(lambda: neighbours.lives(stray), lambda lives: not lives)


def test_a_neighbour_may_get_the_number_of_one_that_ended(
    neighbours: Neighbours,
) -> None:
    stray = neighbours.stray()
    neighbours.ends(stray)

    training = neighbours.training(number=stray.pid)

    assert training.pid == stray.pid
    assert training.start_ticks > stray.start_ticks
    assert neighbours.lives(training)
    assert not neighbours.lives(stray)


def test_a_card_may_be_missing_after_a_reboot(
    host: SystemdHost, neighbours: Neighbours
) -> None:
    neighbours.training()
    host.nvidia_smi.after_next_boot(missing=[1])
    before = len(cards(host))

    host.reboot()

    assert before == 2
    assert len(cards(host)) == 1
    assert neighbours.held() == {}


def test_a_lost_card_may_be_back_after_a_reboot(host: SystemdHost) -> None:
    host.nvidia_smi.lose_gpu(0)
    host.nvidia_smi.after_next_boot(lost=[], code=0)

    host.reboot()

    assert len(cards(host)) == 2
