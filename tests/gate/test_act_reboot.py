"""A machine is booted anew, by the key for it, and only when it may be."""

import pytest

from monitor.gate import act_reboot
from monitor.gate.act_asked import ActAsked
from monitor.gate.act_ledger import GOES_DOWN_WITHIN, Ledger
from monitor.gate.act_reboot import Reboot
from monitor.gate.commands import Ended
from tests.gate.act_machine import (
    US,
    Machine,
    Message,
    machine,
    reason,
    sentence,
)

__all__ = ["machine"]


def bootable(machine: Machine) -> None:
    (machine.root / "run/systemd/system").mkdir(parents=True)


def rebooted(machine: Machine, **more: object) -> Message:
    request = machine.prepared(**{"for": "reboot"})
    return machine.restarts({**request, "do": "reboot", **more})


@pytest.fixture
def packages(monkeypatch: pytest.MonkeyPatch) -> list[Message]:
    found: list[Message] = []
    monkeypatch.setattr(
        act_reboot,
        "observe_machine",
        lambda *_: {"packages": found, "inhibitors": []},
    )
    return found


def begun(machine: Machine, *results: Ended) -> tuple[Ledger, list[object]]:
    """Begin a reboot of c9, and carry it out with what systemctl says."""
    ledger, did = Ledger(US, machine.clock), list[object]()
    asked = ActAsked("reboot", "studio", "c9", 9, 10.0, aims="reboot")
    nonce = ledger.admit(asked, machine.boot_id)
    asked = asked._replace(nonce=nonce, boot_id=machine.boot_id)

    def run(argv: tuple[str, ...], _within: float) -> Ended:
        did.append(argv)
        return results[0]

    reboot = Reboot(ledger, run, did.append)
    reboot.carry_out()
    reboot.begin(asked, machine.boot_id)
    reboot.carry_out()
    return ledger, did


def state(ledger: Ledger, boot_id: str) -> str:
    found = ledger.became("c9", boot_id, lambda: True)
    assert found is not None
    return found.state


@pytest.mark.usefixtures("packages")
def test_a_reboot_is_answered_before_it_is_done(machine: Machine) -> None:
    bootable(machine)

    answer = rebooted(machine)

    assert answer["state"] == "running", answer
    assert answer["steps"] == ["runs systemctl reboot in 2 s"]
    became = machine.asks("became", **{"for": "reboot"})
    assert became["state"] == "running"


@pytest.mark.usefixtures("packages")
def test_a_reboot_that_was_begun_is_not_begun_again(machine: Machine) -> None:
    bootable(machine)
    request = {**machine.prepared(**{"for": "reboot"}), "do": "reboot"}

    first = machine.restarts(request)

    assert first["state"] == "running", first
    assert reason(machine.restarts(request)) == "nonce"


def test_while_packages_are_installed_it_stays_up(
    machine: Machine, packages: list[Message]
) -> None:
    bootable(machine)
    packages.append({"pid": 7, "name": "dpkg"})

    answer = rebooted(machine)

    assert reason(answer) == "machine"
    assert "dpkg (7)" in sentence(answer)


def test_where_packages_cannot_be_told_it_stays_up(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    bootable(machine)
    monkeypatch.setattr(act_reboot, "observe_machine", lambda *_: {})

    assert reason(rebooted(machine)) == "machine"


def test_while_a_shutdown_is_blocked_it_stays_up(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    bootable(machine)
    blocked = {"who": "fwupd", "why": "Firmware update"}
    seen = {"packages": [], "inhibitors": [blocked]}
    monkeypatch.setattr(act_reboot, "observe_machine", lambda *_: seen)

    answer = rebooted(machine)

    assert reason(answer) == "machine"
    assert "fwupd (Firmware update)" in sentence(answer)


@pytest.mark.usefixtures("packages")
@pytest.mark.parametrize("aims", [None, "restart"])
def test_a_nonce_for_a_restart_opens_no_reboot(
    machine: Machine, aims: str | None
) -> None:
    bootable(machine)
    more = {} if aims is None else {"for": aims}
    request = machine.prepared(**more)

    answer = machine.actor(role="reboot").run({**request, "do": "reboot"})

    assert answer.answer is not None
    assert reason(answer.answer) == "nonce"


@pytest.mark.usefixtures("packages")
def test_without_systemd_there_is_no_reboot(machine: Machine) -> None:
    assert reason(rebooted(machine)) == "unsupported"


@pytest.mark.usefixtures("packages")
def test_whoever_runs_there_goes_down_with_the_machine(
    machine: Machine,
) -> None:
    bootable(machine)
    machine.serves()

    answer = rebooted(machine, processes=[])

    assert answer["state"] == "running", answer


@pytest.mark.parametrize("do", ["reboot", "prepare"])
def test_the_role_act_does_not_reboot(machine: Machine, do: str) -> None:
    about = {"service": "studio", "change": "c1", "token": 7}

    outcome = machine.actor().run({"do": do, "for": "reboot", **about})

    assert outcome.answer is not None
    assert reason(outcome.answer) == "forbidden"


@pytest.mark.parametrize("effect", ["", "observe", 7, ["reboot"]])
def test_a_prepare_is_for_an_effect_that_there_is(
    machine: Machine, effect: object
) -> None:
    assert reason(machine.asks("prepare", **{"for": effect})) == "bad_request"


def test_a_prepare_for_it_tells_the_machine(machine: Machine) -> None:
    answer = machine.asks("prepare", **{"for": "reboot"})

    assert isinstance(answer["machine"], dict)
    assert "packages" in answer["machine"]


def test_systemd_is_asked_once_and_only_for_what_was_begun(
    machine: Machine,
) -> None:
    ledger, did = begun(machine, Ended(0))

    assert did == [2.0, ("systemctl", "reboot")]
    assert state(ledger, machine.boot_id) == "running"


@pytest.mark.parametrize(
    ("code", "is_late"), [(None, True), (-15, False), (1, True)]
)
def test_a_systemctl_that_is_ended_may_have_been_heard(
    machine: Machine, code: int | None, *, is_late: bool
) -> None:
    ended = Ended(code)
    ended.late = is_late

    ledger, _ = begun(machine, ended)

    assert state(ledger, machine.boot_id) == "running"


def test_a_reboot_that_systemd_refuses_has_failed(machine: Machine) -> None:
    ledger, _ = begun(machine, Ended(1))

    assert state(ledger, machine.boot_id) == "failed"


def test_the_next_boot_says_that_it_was_done(machine: Machine) -> None:
    ledger, _ = begun(machine, Ended(0))

    assert state(ledger, "another boot") == "done"


def test_a_machine_that_stays_up_has_failed_in_the_end(
    machine: Machine,
) -> None:
    ledger, _ = begun(machine, Ended(0))
    machine.clock.now += GOES_DOWN_WITHIN - 0.1
    before = state(ledger, machine.boot_id)

    machine.clock.now += 0.2

    assert before == "running"
    assert state(ledger, machine.boot_id) == "failed"


def test_nothing_is_begun_on_a_machine_that_goes_down(
    machine: Machine,
) -> None:
    begun(machine, Ended(0))
    machine.unit()

    answer = machine.restarts(machine.prepared(change="c2", token=10))

    assert reason(answer) == "locked"
    assert "goes down" in sentence(answer)
    assert machine.done() == []
    machine.clock.now += GOES_DOWN_WITHIN
    later = machine.restarts(machine.prepared(change="c2", token=10))
    assert later["state"] == "done", later
    kept = Ledger(US).result("c9")
    assert kept is not None
    assert (kept.state, kept.because) == (
        "failed",
        "the machine did not go down within 300 s",
    )


def test_what_has_ended_stays_so_when_another_begins(machine: Machine) -> None:
    machine.unit()
    first = machine.restarts(machine.prepared())
    machine.restarts(machine.prepared(change="c2", token=8))

    kept = Ledger(US).result("c1")

    assert kept is not None
    assert (kept.state, kept.because) == ("done", first["because"])


OLD_BOOK = """{"highest": 9, "change": "c9", "nonce": null, "results": [
{"change": "c9", "service": "studio", "token": 9, "boot_id": "%s",
"state": "running", "because": "it was begun", "steps": ["a step"]}]}"""


def test_a_book_of_the_gate_before_knows_restarts(machine: Machine) -> None:
    state = machine.root / "var/lib/facefusion-monitor-gate"
    state.mkdir(mode=0o700)
    machine.write(
        "var/lib/facefusion-monitor-gate/book.json",
        OLD_BOOK % "another boot",
        0o600,
    )

    became = machine.asks("became", change="c9", token=9)

    assert became["state"] == "failed"
    assert "interrupted" in str(became["because"])
    assert became["steps"] == ["a step"]
    assert became["highest"] == 9
