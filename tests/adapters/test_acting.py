"""The hand asks once, and believes nothing but a whole answer."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from monitor.adapters.gate import acting_requests as requests
from monitor.adapters.gate.acting import RemoteHand
from monitor.domain.errors import CannotReach, HandRefused
from monitor.domain.recovery.words import Action
from monitor.ports import Errand, HandAnswer
from tests.adapters.acting_gate import (
    AIM,
    BECAME,
    BOOT,
    DONE,
    ERRAND,
    PREPARED,
    WITHIN,
    ActingGate,
    Answers,
    Body,
    Channel,
    refuses,
    says,
)


@pytest.fixture
def gate() -> ActingGate:
    return ActingGate()


@pytest.fixture
async def hand(gate: ActingGate) -> AsyncIterator[RemoteHand]:
    made = gate.hand()
    yield made
    await made.close()


async def _cannot(hand: RemoteHand, within: float = WITHIN) -> CannotReach:
    with pytest.raises(CannotReach) as caught:
        await hand.act(AIM, ERRAND, within=within)
    assert str(caught.value).startswith("cannot")
    return caught.value


async def test_nothing_is_connected_before_it_is_needed(
    gate: ActingGate, hand: RemoteHand
) -> None:
    assert gate.hosts == 0

    gate.will("prepare", says(PREPARED))
    await hand.prepare(AIM, ERRAND, within=WITHIN)

    assert gate.hosts == 1


async def test_a_nonce_is_what_preparing_brings(
    gate: ActingGate, hand: RemoteHand
) -> None:
    gate.will("prepare", says(PREPARED))

    answer = await hand.prepare(
        AIM, Errand(change="c-1", token=7), within=WITHIN
    )

    assert (answer.nonce, answer.boot_id, answer.highest) == ("n-1", BOOT, 7)
    assert answer.state == "none"
    assert answer.service
    assert [one.pid for one in answer.service.processes] == [412]
    assert answer.service.boot_id == BOOT
    assert answer.body
    assert "nonce" not in answer.body


async def test_preparing_names_the_service_and_no_more(
    gate: ActingGate, hand: RemoteHand
) -> None:
    gate.will("prepare", says(PREPARED))

    await hand.prepare(AIM, ERRAND, within=WITHIN)

    [asked] = gate.asked
    assert {k: v for k, v in asked.items() if k != "id"} == {
        "v": 1,
        "verb": "act",
        "do": "prepare",
        "service": "studio",
        "change": "c-1",
        "token": 7,
    }


async def test_acting_names_the_processes_of_the_aim_and_the_nonce(
    gate: ActingGate, hand: RemoteHand
) -> None:
    gate.will("restart", says(DONE))

    answer = await hand.act(AIM, ERRAND, within=WITHIN)

    [asked] = gate.asked
    assert (asked["do"], asked["nonce"], asked["boot_id"]) == (
        "restart",
        "n-1",
        BOOT,
    )
    assert asked["processes"] == [
        {
            "pid": 412,
            "start_ticks": 99,
            "uid": 1501,
            "cmdline": list(AIM.processes[0].cmdline),
            "cwd": "/opt/facefusion",
            "cgroup": "/system.slice/facefusion.service",
            "is_server": True,
        }
    ]
    assert "unit" not in asked
    assert (answer.state, answer.because) == ("done", "it was restarted")
    assert answer.steps == ("systemctl restart",)


async def test_the_gate_ends_before_we_give_up_on_it(
    gate: ActingGate, hand: RemoteHand
) -> None:
    gate.will("restart", says(DONE), says(DONE))

    await hand.act(AIM, ERRAND, within=120.0)
    await hand.act(AIM, ERRAND, within=4.0)

    long, short = (one["within"] for one in gate.asked)
    assert 117 < long <= 118
    assert 2.5 < short <= 3


async def test_a_folder_that_was_not_seen_is_not_named(
    gate: ActingGate, hand: RemoteHand
) -> None:
    gate.will("restart", says(DONE))
    one = replace(AIM.processes[0], cwd="")

    await hand.act(replace(AIM, processes=(one,)), ERRAND, within=WITHIN)

    assert gate.asked[0]["processes"][0]["cwd"] is None


@pytest.mark.parametrize("state", ["none", "running", "done", "failed"])
async def test_what_became_of_a_change_is_told(
    gate: ActingGate, hand: RemoteHand, state: str
) -> None:
    gate.will("became", says({**BECAME, "state": state}))

    answer = await hand.became(AIM, ERRAND, within=WITHIN)

    assert answer.state == state
    assert answer.boot_id == BOOT
    assert answer.service


async def test_a_change_may_be_told_of_without_its_service(
    gate: ActingGate, hand: RemoteHand
) -> None:
    gate.will("became", says({**BECAME, "service": None}))

    answer = await hand.became(AIM, ERRAND, within=WITHIN)

    assert answer.service is None


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ("fenced", "fenced"),
        ("locked", "locked"),
        ("busy", "locked"),
        ("nonce", "nonce"),
        ("identity", "identity"),
        ("boot", "boot"),
        ("forbidden", "forbidden"),
        ("unknown_service", "unknown_service"),
        ("unsupported", "unsupported"),
        ("bad_request", "bad_request"),
        ("too_large", "bad_request"),
        ("unknown_verb", "version"),
        ("version", "version"),
    ],
)
async def test_a_refusal_says_that_nothing_was_done(
    gate: ActingGate, hand: RemoteHand, told: str, reason: str
) -> None:
    gate.will("restart", refuses(told, highest=12))

    with pytest.raises(HandRefused, match="cannot act on host") as it:
        await hand.act(AIM, ERRAND, within=WITHIN)

    assert (it.value.reason, it.value.highest) == (reason, 12)
    assert f"cannot: {told}" in str(it.value)


@pytest.mark.parametrize(
    ("told", "reason"),
    [("internal", "failed"), ("timeout", "timeout"), ("new_word", "failed")],
)
async def test_after_any_other_word_nobody_knows(
    gate: ActingGate, hand: RemoteHand, told: str, reason: str
) -> None:
    gate.will("restart", refuses(told))

    failed = await _cannot(hand)

    assert failed.reason == reason
    assert "ask it again what became" in str(failed)


@pytest.mark.parametrize(
    "answer",
    [
        {"error": "fenced"},
        {"error": {"because": "no"}},
        {"error": {"reason": 7}},
        {"error": {"reason": "fenced"}, "highest": "7"},
        {},
        {**DONE, "state": "gone"},
        {**DONE, "state": "none"},
        {**DONE, "state": None},
        {**DONE, "highest": -1},
        {**DONE, "highest": None},
        {**DONE, "highest": True},
        {**DONE, "because": 7},
        {**DONE, "steps": "all"},
        {**DONE, "steps": [1]},
    ],
)
async def test_half_an_answer_is_none(
    gate: ActingGate, hand: RemoteHand, answer: Body
) -> None:
    gate.will("restart", says(answer))

    failed = await _cannot(hand)

    assert failed.reason == "unreadable"


@pytest.mark.parametrize(
    "answer",
    [
        {**PREPARED, "nonce": ""},
        {**PREPARED, "nonce": None},
        {**PREPARED, "nonce": "n" * 300},
        {**PREPARED, "boot_id": ""},
        {**PREPARED, "service": None},
        {**PREPARED, "service": []},
        {**PREPARED, "highest": None},
    ],
)
async def test_half_a_preparation_is_none(
    gate: ActingGate, hand: RemoteHand, answer: Body
) -> None:
    gate.will("prepare", says(answer))

    with pytest.raises(CannotReach) as caught:
        await hand.prepare(AIM, ERRAND, within=WITHIN)

    assert caught.value.reason == "unreadable"


async def test_a_service_of_no_manager_is_unreadable(
    gate: ActingGate, hand: RemoteHand
) -> None:
    gate.will("prepare", says(PREPARED))

    with pytest.raises(CannotReach, match="of manager runit"):
        await hand.prepare(
            replace(AIM, manager="runit"), ERRAND, within=WITHIN
        )


async def test_another_protocol_is_no_answer(
    gate: ActingGate, hand: RemoteHand
) -> None:
    gate.will("restart", says({**DONE, "v": 2}))

    failed = await _cannot(hand)

    assert failed.reason == "gate_version"


async def test_words_of_a_machine_are_made_fit_to_be_read(
    gate: ActingGate, hand: RemoteHand
) -> None:
    gate.will(
        "restart",
        says({**DONE, "because": "a\x1b[2Jb", "steps": ["x" * 999] * 99}),
    )

    answer = await hand.act(AIM, ERRAND, within=WITHIN)

    assert answer.because == "a [2Jb"
    assert len(answer.steps) == 64
    assert max(map(len, answer.steps)) == 240


def _cut(_asked: Body, channel: Channel) -> None:
    channel.cut()


def _silence(_asked: Body, _channel: Channel) -> None:
    """Say nothing."""


def _garbage(asked: Body, channel: Channel) -> None:
    channel.utter(b"\xff\xfe{\n[1]\nnull\n" + b"[" * 9000 + b"\n")
    channel.say({"id": asked["id"], **DONE})


def _oversize(asked: Body, channel: Channel) -> None:
    word = str(asked["id"]).encode()
    channel.utter(b'{"v":1,"id":"' + word + b'","state":"')
    channel.utter(b"x" * 1_200_000 + b'"}\n')


def _stranger(asked: Body, channel: Channel) -> None:
    for word in (None, 7, f"{asked['id']}0", ""):
        channel.say({"id": word, **DONE})


def _half(asked: Body, channel: Channel) -> None:
    channel.utter(b'{"v":1,"id":"' + str(asked["id"]).encode() + b'"')
    channel.cut()


@pytest.mark.parametrize("cuts", [_cut, _half])
async def test_a_line_that_is_cut_leaves_it_unknown(
    gate: ActingGate, hand: RemoteHand, cuts: Answers
) -> None:
    gate.will("restart", cuts)

    failed = await _cannot(hand)

    assert failed.reason == "closed"
    assert len(gate.asked) == 1


async def test_an_effect_is_never_asked_for_twice(
    gate: ActingGate, hand: RemoteHand
) -> None:
    gate.will("restart", _cut)
    gate.will("became", says(BECAME))

    await _cannot(hand)
    answer = await hand.became(AIM, ERRAND, within=WITHIN)

    assert [one["do"] for one in gate.asked] == ["restart", "became"]
    assert answer.state == "done"
    assert len(gate.channels) == 2


@pytest.mark.parametrize("habit", [_silence, _stranger, _oversize])
async def test_what_is_no_answer_costs_its_time_only(
    gate: ActingGate, hand: RemoteHand, habit: Answers
) -> None:
    gate.will("restart", habit)

    failed = await _cannot(hand, within=0.2)

    assert failed.reason == "timeout"


async def test_rubbish_beside_an_answer_is_left_out(
    gate: ActingGate, hand: RemoteHand
) -> None:
    gate.will("restart", _garbage)

    answer = await hand.act(AIM, ERRAND, within=WITHIN)

    assert answer.state == "done"


async def test_a_late_answer_is_nobodys(
    gate: ActingGate, hand: RemoteHand
) -> None:
    gate.will("restart", _silence)
    await _cannot(hand, within=0.1)
    late = gate.asked[0]["id"]

    def answers(asked: Body, channel: Channel) -> None:
        channel.say({"id": late, **DONE})
        channel.say({"id": asked["id"], **BECAME, "state": "running"})

    gate.will("became", answers)
    answer = await hand.became(AIM, ERRAND, within=WITHIN)

    assert answer.state == "running"


@pytest.mark.parametrize(
    ("greeting", "flaw"),
    [
        ({"role": "observe"}, "opens the role observe"),
        ({"role": "reboot"}, "opens the role reboot"),
        ({"role": None}, "opens the role None"),
        ({"gate": "none", "because": "no Python"}, "nothing is installed"),
    ],
)
async def test_a_key_that_does_not_act_is_told_with_what_helps(
    gate: ActingGate, hand: RemoteHand, greeting: Body, flaw: str
) -> None:
    gate.greeting = {**gate.greeting, **greeting}

    failed = await _cannot(hand)

    assert failed.reason == "gate_refused"
    assert flaw in str(failed)
    assert "`facefusion-monitor host install`" in str(failed)
    assert gate.asked == []
    assert gate.channels[0].is_closed


async def test_cards_go_along_only_where_their_memory_is_freed(
    gate: ActingGate, hand: RemoteHand
) -> None:
    frees = replace(
        AIM, action=Action.FREE_GPU_MEMORY, cards=("GPU-1", "GPU-2")
    )

    gate.will("prepare", says(PREPARED))
    await hand.prepare(frees, ERRAND, within=WITHIN)

    assert requests.act(frees, ERRAND, 9.0)["cards"] == ["GPU-1", "GPU-2"]
    assert "cards" not in requests.act(AIM, ERRAND, 9.0)
    assert gate.asked[0]["for"] == "free-gpu-memory"
    assert "for" not in requests.prepare(AIM, ERRAND, 9.0)


async def test_a_key_that_reboots_has_to_open_that_role(
    gate: ActingGate,
) -> None:
    boots = gate.hand(role="reboot")

    with pytest.raises(CannotReach, match="its reboot key opens the role act"):
        await boots.hello(within=WITHIN)

    await boots.close()


async def test_a_gate_that_was_sent_along_does_not_act(
    gate: ActingGate, hand: RemoteHand
) -> None:
    gate.greeting = {**gate.greeting, "way": "stdin"}

    failed = await _cannot(hand)

    assert failed.reason == "unreadable"
    assert gate.asked == []


async def test_what_sudo_says_instead_is_told(
    gate: ActingGate, hand: RemoteHand
) -> None:
    gate.complaints = "sudo: a password is required"
    gate.greets = _cut

    failed = await _cannot(hand)

    assert failed.reason == "gate_refused"
    assert "sudo: a password is required" in str(failed)


async def test_a_machine_that_is_away_is_not_reached(
    gate: ActingGate, hand: RemoteHand
) -> None:
    away = CannotReach("cannot reach it", reason="unreachable")
    gate.refuses_channels = away

    assert await _cannot(hand) is away


async def test_several_requests_share_one_line(
    gate: ActingGate, hand: RemoteHand
) -> None:
    gate.will("became", says(BECAME), says(BECAME), says(BECAME))

    await asyncio.gather(
        *(hand.became(AIM, ERRAND, within=WITHIN) for _ in range(3))
    )

    assert len(gate.channels) == 1


async def test_a_line_that_is_being_made_costs_others_their_time_only(
    gate: ActingGate, hand: RemoteHand
) -> None:
    gate.greets = _silence
    first = asyncio.create_task(_cannot(hand, within=1.0))
    await asyncio.sleep(0)

    failed = await _cannot(hand, within=0.1)

    assert failed.reason == "timeout"
    assert "still being started" in str(failed)
    assert (await first).reason == "timeout"


async def test_it_logs_out_when_there_is_nothing_to_do(
    gate: ActingGate,
) -> None:
    hand = gate.hand(idle=0.0)
    gate.will("became", says(BECAME), says(BECAME))

    await hand.became(AIM, ERRAND, within=WITHIN)
    await asyncio.wait_for(gate.closed.acquire(), WITHIN)
    await hand.became(AIM, ERRAND, within=WITHIN)

    assert gate.channels[0].is_closed
    assert gate.hosts == 2
    await hand.close()


async def test_it_stays_while_something_is_under_way(
    gate: ActingGate,
) -> None:
    hand = gate.hand(idle=0.0)
    gate.will("became", says(BECAME))
    gate.will("restart", _silence)
    acting = asyncio.create_task(hand.act(AIM, ERRAND, within=WITHIN))
    await gate.was_told_to.wait()

    await hand.became(AIM, ERRAND, within=WITHIN)
    for _ in range(20):
        await asyncio.sleep(0)

    [channel] = gate.channels
    channel.say({"id": gate.asked[0]["id"], **DONE})
    assert (await acting).state == "done"
    await hand.close()


async def test_a_request_that_comes_in_time_keeps_it_there(
    gate: ActingGate,
) -> None:
    hand = gate.hand(idle=0.0)
    gate.will("became", says(BECAME))
    gate.will("restart", _silence)

    async def both() -> HandAnswer:
        await hand.became(AIM, ERRAND, within=WITHIN)
        return await hand.act(AIM, ERRAND, within=WITHIN)

    acting = asyncio.create_task(both())
    await gate.was_told_to.wait()
    for _ in range(20):
        await asyncio.sleep(0)

    [channel] = gate.channels
    channel.say({"id": gate.asked[-1]["id"], **DONE})
    assert (await acting).state == "done"
    await hand.close()


async def test_nothing_is_asked_of_a_closed_hand(gate: ActingGate) -> None:
    hand = gate.hand()
    gate.will("became", says(BECAME))
    await hand.became(AIM, ERRAND, within=WITHIN)

    await hand.close()

    assert gate.channels[0].is_closed
    assert (await _cannot(hand)).reason == "closed"


async def test_who_answers_the_act_key_is_told(hand: RemoteHand) -> None:
    hello = await hand.hello(within=WITHIN)

    assert (hello.way, hello.version) == ("installed", "0.1.0")
    assert hello.python == "3.11.2"
    assert "act" in hello.verbs
