"""Memory of cards is freed: FaceFusion's own, and nobody else's."""

import signal
import subprocess

import pytest

from monitor.gate.act_asked import ProcessNamed
from monitor.gate.act_cards import CardSeen, look_at_cards, read_cards
from monitor.gate.act_free import (
    all_of_it,
    check_exact,
    holders_among,
    own_servers,
)
from monitor.gate.protocol import Refused
from tests.gate.act_machine import (
    PYTHON,
    Machine,
    Message,
    machine,
    reason,
    sentence,
)

__all__ = ["machine"]

CARD, OTHER = "GPU-aa-1", "GPU-bb-2"
SERVER = f"exec {PYTHON} facefusion.py run"


def card(uuid: str, *pids: int, work: str = "0 %") -> str:
    held = "".join(
        f"<process_info><pid>{pid}</pid><type>C</type>"
        "<used_memory>100 MiB</used_memory></process_info>"
        for pid in pids
    )
    return (
        f"<gpu id='1'><uuid>{uuid}</uuid>"
        f"<utilization><gpu_util>{work}</gpu_util></utilization>"
        f"<processes>{held}</processes></gpu>"
    )


def table(*cards: str) -> str:
    return f"<nvidia_smi_log>{''.join(cards)}</nvidia_smi_log>"


def shows(machine: Machine, *cards: str) -> None:
    (machine.tools / "table.xml").write_text(table(*cards))
    machine.tool("nvidia-smi", f"cat {machine.tools}/table.xml")


def freed(machine: Machine, *pids: int, **more: object) -> Message:
    request = machine.prepared(**{"for": "free-gpu-memory"})
    processes = request["processes"]
    assert isinstance(processes, list)
    named = [one for one in processes if one["pid"] in pids]
    about = {"do": "free-gpu-memory", "cards": [CARD], "processes": named}
    return machine.restarts({**request, **about, **more})


def steps(answer: Message) -> str:
    found = answer["steps"]
    assert isinstance(found, list), answer
    return "\n".join(found)


def test_a_server_that_holds_memory_is_ended_and_started_again(
    machine: Machine,
) -> None:
    server = machine.serves()
    machine.starts(SERVER)
    shows(machine, card(CARD, server.pid))

    answer = freed(machine, server.pid)

    assert answer["state"] == "done", answer
    assert server.wait() == -signal.SIGINT
    assert machine.done() == ["start"]
    assert "none of these cards works" in steps(answer)
    assert f"process {server.pid} holds 100 MiB on {CARD}" in steps(answer)


def test_a_job_that_holds_memory_is_ended_and_the_server_goes_on(
    machine: Machine,
) -> None:
    server = machine.serves()
    job = machine.serves(script="run.py", verb="--headless")
    machine.starts()
    shows(machine, card(CARD, job.pid, 1), card(OTHER, server.pid))

    answer = freed(machine, job.pid)

    assert answer["state"] == "done", answer
    assert job.wait() == -signal.SIGINT
    assert machine.running() == [server.pid]
    assert machine.done() == []
    assert "it was left running" in str(answer["because"])


def test_what_is_not_named_is_no_reason_to_end_the_rest(
    machine: Machine,
) -> None:
    server, job = machine.serves(), machine.serves(script="run.py", verb="x")
    machine.starts()
    shows(machine, card(CARD, server.pid, job.pid))

    answer = freed(machine, job.pid)

    assert reason(answer) == "identity"
    assert "was not named" in sentence(answer)
    assert machine.running() == sorted([server.pid, job.pid])


def test_a_named_process_that_holds_nothing_there_is_left_alone(
    machine: Machine,
) -> None:
    server = machine.serves()
    machine.starts()
    shows(machine, card(CARD), card(OTHER, server.pid))

    answer = freed(machine, server.pid)

    assert reason(answer) == "identity"
    assert machine.running() == [server.pid]


def test_a_stolen_key_ends_nobody_elses_process(machine: Machine) -> None:
    machine.starts()
    with subprocess.Popen(["/bin/sleep", "60"]) as stranger:
        shows(machine, card(CARD, stranger.pid))
        named = {
            "pid": stranger.pid, "start_ticks": 1, "uid": 0,
            "cmdline": ["/bin/sleep", "60"], "cwd": None, "cgroup": "",
            "is_server": False,
        }  # fmt: skip

        answer = freed(machine, processes=[named])

        assert reason(answer) == "identity"
        assert stranger.poll() is None
        stranger.kill()


def test_a_card_that_works_is_waited_for_and_told(machine: Machine) -> None:
    job = machine.serves(script="run.py", verb="--headless")
    shows(machine, card(CARD, job.pid, work="97 %"))
    machine.tool(
        "nvidia-smi",
        f"cat {machine.tools}/table.xml\n"
        f"sed -i 's/97 %/4 %/' {machine.tools}/table.xml",
    )

    answer = freed(machine, job.pid)

    assert answer["state"] == "done", answer
    assert "none of these cards works" in steps(answer)


def test_without_an_answer_of_nvidia_smi_nothing_is_done(
    machine: Machine,
) -> None:
    server = machine.serves()
    machine.starts()
    machine.tool("nvidia-smi", "exit 9")

    answer = freed(machine, server.pid)

    assert reason(answer) == "unsupported"
    assert machine.running() == [server.pid]


def test_a_prepare_for_it_tells_the_cards(machine: Machine) -> None:
    shows(machine, card(CARD))

    answer = machine.asks("prepare", **{"for": "free-gpu-memory"})

    assert answer["gpu"] == {"code": 0, "stdout": table(card(CARD))}


@pytest.mark.parametrize(
    "cards",
    [None, [], [7], ["0"], ["GPU-a", "GPU-a"], ["GPU-a"] * 65, ["GPU-a;b"]],
)
def test_cards_are_named_by_their_uuids(
    machine: Machine, cards: object
) -> None:
    assert reason(freed(machine, cards=cards)) == "bad_request"


def test_the_role_reboot_frees_nothing(machine: Machine) -> None:
    request = machine.prepared(**{"for": "free-gpu-memory"})
    request |= {"do": "free-gpu-memory", "cards": [CARD]}

    outcome = machine.actor(role="reboot").run(request)

    assert outcome.answer is not None
    assert reason(outcome.answer) == "forbidden"


def test_cards_are_read_with_who_holds_them() -> None:
    xml = '<?xml version="1.0"?><!DOCTYPE nvidia_smi_log SYSTEM "x.dtd">'

    found = read_cards((xml + table(card("GPU-a", 7, work="N/A"))).encode())

    assert found == [CardSeen("GPU-a", None, ((7, "100 MiB"),))]
    assert not found[0].works


@pytest.mark.parametrize(
    "xml",
    [
        "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        "<nvidia_smi_log>",
        "<a>" * 40 + "</a>" * 40,
        table("<gpu><processes><process_info/></processes></gpu>"),
    ],
)
def test_what_is_no_table_is_refused(xml: str) -> None:
    with pytest.raises(Refused) as refused:
        read_cards(xml.encode())

    assert refused.value.reason == "unsupported"


def test_a_card_that_is_not_there_cannot_be_freed(machine: Machine) -> None:
    shows(machine, card(OTHER))

    with pytest.raises(Refused, match="shows no GPU-aa-1"):
        look_at_cards([CARD])


@pytest.mark.parametrize("seen", [{}, {"processes": [], "strays": None}])
def test_where_strays_cannot_be_told_nothing_is_ended(
    seen: dict[str, object],
) -> None:
    with pytest.raises(Refused, match="strays"):
        all_of_it(seen)


def test_a_process_under_a_number_that_was_given_again_is_not_it() -> None:
    named = ProcessNamed(7, 1, 0, ("a",), None, "/", is_server=False)
    now = {**named._asdict(), "start_ticks": 2}
    cards = [CardSeen(CARD, 0, ((7, "1 MiB"),))]

    holding = holders_among([now], cards)

    with pytest.raises(Refused):
        check_exact([named], holding)


def test_a_stray_that_serves_is_nobodys_to_start_again() -> None:
    own, stray = {"pid": 5, "is_server": True}, {"pid": 9, "is_server": True}
    seen = {"processes": [own], "strays": [stray]}

    assert own_servers(seen, [own, stray]) == [own]
    assert own_servers(seen, [stray]) == []
