"""GPU memory is freed of FaceFusion's processes on a machine, and no others.

One machine for all of them: a test leaves it as it was.
"""

import signal
from collections.abc import Iterator
from dataclasses import replace

import pytest

from monitor.domain.errors import HandRefused
from monitor.domain.recovery.words import Action
from tests.machines.acting import CARDS, Acting, acting_on
from tests.machines.host import SystemdHost
from tests.machines.neighbours import Neighbour, Neighbours
from tests.machines.waiting import until

pytestmark = [
    pytest.mark.machines,
    pytest.mark.slow,
    pytest.mark.timeout(120),
]
SERVES = 2100
"""Megabytes that the serving process holds."""


@pytest.fixture(scope="module")
def acting(place: None) -> Iterator[Acting]:  # noqa: ARG001 - there first
    with SystemdHost() as host, acting_on(host, "act") as acting:
        host.nvidia_smi.live()
        yield acting


@pytest.fixture
def neighbours(acting: Acting) -> Iterator[Neighbours]:
    """Others on the machine, where FaceFusion serves and holds memory."""
    host = acting.host
    host.systemctl("start")
    host.await_listening()
    host.turn(memory=SERVES)
    them = Neighbours(host)
    until(them.held, lambda held: host.facefusion_pid() in held)
    yield them
    host.turn_back()
    host.nvidia_smi.works()
    host.driver.thaw()
    them.end_all()


def others(neighbours: Neighbours) -> tuple[Neighbour, ...]:
    """Let everybody be there whom nobody may end; three hold memory."""
    return (
        neighbours.training(3000),
        neighbours.other_facefusion(2000),
        neighbours.editor(500),
        neighbours.tail(),
        neighbours.shell(),
    )


def test_exactly_the_planned_end_and_the_service_is_started_again(
    acting: Acting, neighbours: Neighbours
) -> None:
    """A stray ignores SIGINT and SIGTERM, the server does not."""
    them = others(neighbours)
    stray = neighbours.stray(4000, ignore=("SIGINT", "SIGTERM"))
    server = acting.host.facefusion_pid()

    done = acting.frees(server, stray.pid)

    assert done.state == "done", done
    assert neighbours.lives(*them)
    assert not neighbours.lives(stray)
    assert acting.host.facefusion_pid() not in {0, server}
    acting.host.await_listening()
    held = until(neighbours.held, lambda held: len(held) == 4)
    assert set(held.values()) == {SERVES, 3000, 2000, 500}


def test_strays_alone_leave_the_server_running(
    acting: Acting, neighbours: Neighbours
) -> None:
    acting.host.turn(memory=0)
    until(neighbours.held, lambda held: not held)
    stray, elsewhere = neighbours.stray(), neighbours.stray(card=1)
    idle = neighbours.stray(0)
    server = acting.host.facefusion_pid()

    done = acting.frees(stray.pid)

    assert done.state == "done", done
    assert not neighbours.lives(stray)
    assert neighbours.lives(elsewhere, idle)
    assert acting.host.facefusion_pid() == server


def test_a_number_that_is_somebody_elses_by_now_is_never_signalled(
    acting: Acting, neighbours: Neighbours
) -> None:
    server, stray = acting.host.facefusion_pid(), neighbours.stray()
    aim = acting.aim(Action.FREE_GPU_MEMORY, CARDS[:1])
    planned = acting.prepared(aim, server, stray.pid)
    neighbours.ends(stray)
    training = neighbours.training(number=stray.pid)

    with pytest.raises(HandRefused) as caught:
        acting.does(*planned)

    assert caught.value.reason == "identity"
    assert training.pid == stray.pid
    assert neighbours.lives(training)
    assert acting.host.facefusion_pid() == server


def test_who_came_since_the_plan_is_not_ended_with_the_others(
    acting: Acting, neighbours: Neighbours
) -> None:
    server = acting.host.facefusion_pid()
    aim = acting.aim(Action.FREE_GPU_MEMORY, CARDS[:1])
    planned = acting.prepared(aim, server)
    late = neighbours.stray()

    with pytest.raises(HandRefused) as caught:
        acting.does(*planned)

    assert caught.value.reason == "identity"
    assert neighbours.lives(late)
    assert acting.host.facefusion_pid() == server


def test_nobody_is_ended_who_is_named_and_is_not_ours(
    acting: Acting, neighbours: Neighbours
) -> None:
    """A monitor that was wrong, or is not ours any more."""
    training, stray = neighbours.training(), neighbours.stray()
    server = acting.host.facefusion_pid()
    aim = acting.aim(Action.FREE_GPU_MEMORY, CARDS[:1])
    exact, errand = acting.prepared(aim, server, stray.pid)
    other = replace(
        exact.processes[-1],
        pid=training.pid,
        start_ticks=training.start_ticks,
        uid=1502,
    )
    wrong = replace(exact, processes=(*exact.processes, other))

    with pytest.raises(HandRefused) as caught:
        acting.does(wrong, errand)

    assert caught.value.reason == "identity"
    assert neighbours.lives(training, stray)
    assert acting.host.facefusion_pid() == server


def test_one_that_waits_in_the_kernel_is_told_and_not_pretended_to_end(
    acting: Acting, neighbours: Neighbours
) -> None:
    acting.host.turn(memory=0)
    until(neighbours.held, lambda held: not held)
    stray = neighbours.stray(waits=True)

    done = acting.frees(stray.pid)

    told = " ".join((done.because, *done.steps))
    assert done.state == "failed", done
    assert "state D" in told, told
    assert str(stray.pid) in told
    assert neighbours.lives(stray)


def test_cards_that_work_are_waited_for_and_it_is_said_when_they_still_do(
    acting: Acting, neighbours: Neighbours
) -> None:
    acting.host.turn(memory=0)
    until(neighbours.held, lambda held: not held)
    stray = neighbours.stray()
    acting.host.nvidia_smi.works(0)

    done = acting.frees(stray.pid)

    told = " ".join((done.because, *done.steps))
    assert done.state == "done", done
    assert "97" in told, told
    assert not neighbours.lives(stray)


def test_where_nvidia_smi_does_not_answer_nothing_is_ended(
    acting: Acting, neighbours: Neighbours
) -> None:
    server = acting.host.facefusion_pid()
    aim = acting.aim(Action.FREE_GPU_MEMORY, CARDS[:1])
    planned = acting.prepared(aim, server)
    acting.host.nvidia_smi.set(silent=True, code=255)

    try:
        with pytest.raises(HandRefused) as caught:
            acting.does(*planned)
    finally:
        acting.host.nvidia_smi.set(silent=False, code=0)

    assert neighbours.held() == {server: SERVES}
    assert caught.value.reason == "unsupported"
    assert acting.host.facefusion_pid() == server


def test_a_server_that_was_killed_meanwhile_is_no_planned_one(
    acting: Acting, neighbours: Neighbours
) -> None:
    server, stray = acting.host.facefusion_pid(), neighbours.stray()
    aim = acting.aim(Action.FREE_GPU_MEMORY, CARDS[:1])
    planned = acting.prepared(aim, server, stray.pid)
    acting.host.kill_facefusion(signal.SIGKILL)
    until(neighbours.held, lambda held: server not in held)

    with pytest.raises(HandRefused) as caught:
        acting.does(*planned)

    assert caught.value.reason == "identity"
    assert neighbours.lives(stray)
