"""The act key over a real sshd: what it opens, and what is heard of it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.adapters.gate.acting import RemoteHand
from monitor.adapters.gate.acting_files import Acting
from monitor.adapters.gate.installing import GATE, PYTHON
from monitor.domain.errors import CannotReach, HandRefused
from monitor.ports import Errand
from tests.adapters.acting_gate import AIM
from tests.hosts.hands import bind, hand_on, odd_hand, real_gate
from tests.hosts.sshd import Sshd, make_key, sshd
from tests.hosts.waiting import until

WITHIN = 20.0
ERRAND = Errand(change="c-1", token=7, nonce="n")
Bound = Callable[[str], RemoteHand]


@pytest.fixture
async def bound(server: Sshd) -> AsyncIterator[Bound]:
    async with AsyncExitStack() as open_hands:

        def opened(command: str) -> RemoteHand:
            made = hand_on(server.settings, bind(server, command))
            open_hands.push_async_callback(made.close)
            return made

        yield opened


async def test_the_act_key_reaches_its_gate(bound: Bound) -> None:
    hand = bound(odd_hand("act", "studio"))

    prepared = await hand.prepare(AIM, ERRAND, within=WITHIN)
    done = await hand.act(AIM, ERRAND, within=WITHIN)
    became = await hand.became(AIM, ERRAND, within=WITHIN)

    assert prepared.nonce == "n"
    assert (done.state, done.steps) == ("done", ("said so",))
    assert became.state == "none"


async def test_sshd_runs_what_our_own_line_says(tmp_path: Path) -> None:
    """The line as it is installed; only sudo is a stand-in."""
    sudo = tmp_path / "bin/sudo"
    sudo.parent.mkdir()
    sudo.write_text(
        f'#!/bin/sh\necho "$*" >{tmp_path}/words\n'
        f"exec {odd_hand('act', 'studio')}\n"
    )
    sudo.chmod(0o755)
    path = f"{sudo.parent}:/usr/bin:/bin"
    with sshd(tmp_path / "sshd", f"SetEnv PATH={path}") as server:
        key = server.directory / "act_key"
        acting = Acting(
            user="ffmon",
            gate=(PYTHON, "-I", GATE),
            keys={"act": " ".join(make_key(key).split()[:2])},
        )
        lines = "".join(f"{line}\n" for line in acting.lines)
        (server.directory / "authorized_keys").write_text(lines)
        hand = hand_on(server.settings, key)
        prepared = await hand.prepare(AIM, ERRAND, within=WITHIN)
        await hand.close()

    words = (tmp_path / "words").read_text()
    assert words == f"-n {PYTHON} -I {GATE} act\n"
    assert prepared.nonce == "n"


async def test_a_refusal_comes_over(bound: Bound) -> None:
    hand = bound(odd_hand("act", "studio=fenced"))

    with pytest.raises(HandRefused) as caught:
        await hand.act(AIM, ERRAND, within=WITHIN)

    assert (caught.value.reason, caught.value.highest) == ("fenced", 7)


@pytest.mark.parametrize(
    ("change", "within", "reason"),
    [("cut", WITHIN, "closed"), ("late", 0.5, "timeout")],
)
async def test_an_answer_that_does_not_come_leaves_it_unknown(
    bound: Bound, change: str, within: float, reason: str
) -> None:
    hand = bound(odd_hand("act", "studio"))
    await hand.prepare(AIM, ERRAND, within=WITHIN)

    with pytest.raises(CannotReach) as caught:
        await hand.act(AIM, replace(ERRAND, change=change), within=within)

    assert caught.value.reason == reason


async def test_five_megabytes_before_the_answer_are_thrown_away(
    bound: Bound,
) -> None:
    hand = bound(odd_hand("act", "studio"))

    done = await hand.act(AIM, replace(ERRAND, change="huge"), within=WITHIN)

    assert done.state == "done"


async def test_a_cut_connection_is_made_again_for_the_next_request(
    bound: Bound, server: Sshd
) -> None:
    hand = bound(odd_hand("act", "studio"))
    await hand.prepare(AIM, ERRAND, within=WITHIN)

    server.kill_sessions()
    await until(lambda: not server.sessions())
    with pytest.raises(CannotReach):
        await hand.act(AIM, replace(ERRAND, change="cut"), within=WITHIN)

    assert (await hand.became(AIM, ERRAND, within=WITHIN)).state == "none"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (odd_hand("observe"), "opens the role observe"),
        ("", "nothing is installed there for its act key"),
        (
            "echo sudo: a password is required >&2; exit 1",
            "sudo: a password is required",
        ),
    ],
)
async def test_a_key_that_is_not_bound_to_an_acting_gate_is_told(
    bound: Bound, command: str, words: str
) -> None:
    hand = bound(command)

    with pytest.raises(CannotReach) as caught:
        await hand.act(AIM, ERRAND, within=WITHIN)

    assert caught.value.reason == "gate_refused"
    assert words in str(caught.value)
    assert "host install" in str(caught.value)


async def test_a_changed_host_key_is_never_acted_on(
    bound: Bound, server: Sshd
) -> None:
    hand = bound(odd_hand("act", "studio"))
    other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + "A" * 43
    server.know(f"[127.0.0.1]:{server.port} {other}")

    with pytest.raises(CannotReach) as caught:
        await hand.act(AIM, ERRAND, within=WITHIN)

    assert caught.value.reason == "host_key"


async def test_closing_logs_out(bound: Bound, server: Sshd) -> None:
    hand = bound(odd_hand("act", "studio"))
    await hand.prepare(AIM, ERRAND, within=WITHIN)
    before = server.sessions()

    await hand.close()

    assert before
    await until(lambda: not server.sessions())


async def test_the_real_gate_without_its_configuration_does_nothing(
    bound: Bound, server: Sshd
) -> None:
    hand = bound(real_gate(server))

    hello = await hand.hello(within=WITHIN)
    with pytest.raises(HandRefused) as caught:
        await hand.became(AIM, ERRAND, within=WITHIN)

    assert hello.body["role"] == "act"
    assert caught.value.reason in {"forbidden", "unsupported"}
