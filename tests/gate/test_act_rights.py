"""Who may act, once: tokens, nonces, boots, locks, and what is kept."""

import contextlib
import json
import os
import signal
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.gate import act_lock
from monitor.gate.act import Actor
from monitor.gate.act_book import (
    ActBook,
    ActResult,
    load_book,
    parsed_book,
    save_book,
)
from monitor.gate.act_ledger import Ledger, boot_seconds
from monitor.gate.act_lock import is_acting, machine_lock
from monitor.gate.protocol import Refused
from tests.gate.act_machine import (
    US,
    Machine,
    Message,
    at_once,
    machine,
    reason,
    sentence,
)

__all__ = ["machine"]


def test_a_prepared_restart_is_done_once(machine: Machine) -> None:
    machine.unit()
    request = machine.prepared(within=33)

    answer = machine.restarts(request)
    again = machine.restarts(request)

    assert answer["state"] == "done"
    assert answer["because"] == "systemd restarted ff.service"
    assert answer["highest"] == 7
    assert reason(again) == "nonce"
    assert machine.done() == ["restart -- ff.service"]


def test_prepare_shows_the_service_and_gives_a_nonce(machine: Machine) -> None:
    machine.unit()

    answer = machine.asks("prepare")

    assert set(answer) == {
        "boot_id", "nonce", "lasts", "highest", "service", "gaps",
    }  # fmt: skip
    assert (answer["boot_id"], answer["lasts"]) == (machine.boot_id, 30)
    assert answer["highest"] == 7
    assert len(str(answer["nonce"])) == 32
    service = answer["service"]
    assert isinstance(service, dict)
    assert service["unit"]["load_state"] == "loaded"


def test_a_spent_nonce_opens_nothing_even_when_the_change_is_forgotten(
    machine: Machine,
) -> None:
    machine.unit()
    request = machine.prepared()
    machine.restarts(request)
    save_book(load_book(US)._replace(results=()), US)

    answer = machine.restarts(request)

    assert reason(answer) == "nonce"
    assert len(machine.done()) == 1


def test_a_lower_token_is_fenced_and_told_the_highest(
    machine: Machine,
) -> None:
    machine.unit()
    request = machine.prepared()
    machine.prepared(token=9, change="c2")

    late = machine.restarts(request)
    early = machine.asks("prepare", token=8, change="c3")

    assert (reason(late), late["highest"]) == ("fenced", 9)
    assert (reason(early), early["highest"]) == ("fenced", 9)
    assert machine.done() == []


def test_the_same_token_with_another_change_is_fenced(
    machine: Machine,
) -> None:
    machine.unit()
    machine.prepared()

    answer = machine.asks("prepare", change="c2")

    assert reason(answer) == "fenced"


def test_a_change_that_was_begun_is_never_prepared_again(
    machine: Machine,
) -> None:
    machine.unit()
    machine.restarts(machine.prepared())

    answer = machine.asks("prepare", token=8)

    assert reason(answer) == "nonce"
    assert answer["highest"] == 7


def test_a_newer_nonce_replaces_the_one_before(machine: Machine) -> None:
    machine.unit()
    first = machine.prepared()
    second = machine.prepared()

    assert reason(machine.restarts(first)) == "nonce"
    assert machine.restarts(second)["state"] == "done"


@pytest.mark.parametrize(
    ("passed", "effects"), [(29.9, 1), (30.0, 0), (-1.0, 0)]
)
def test_a_nonce_lasts_thirty_seconds_of_the_boot_clock(
    passed: float, effects: int, machine: Machine
) -> None:
    machine.unit()
    request = machine.prepared()
    machine.clock.now += passed

    answer = machine.restarts(request)

    assert len(machine.done()) == effects
    if effects:
        assert answer["state"] == "done"
    else:
        assert reason(answer) == "nonce"


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"nonce": "0" * 32}, "nonce"),
        ({"nonce": "\ud800é"}, "nonce"),
        ({"change": "c2", "token": 8}, "nonce"),
        ({"boot_id": "another"}, "boot"),
        ({"service": "other"}, "unknown_service"),
    ],
)
def test_a_restart_that_was_not_prepared_does_nothing(
    wrong: Message, expected: str, machine: Machine
) -> None:
    machine.unit()
    request = machine.prepared()

    answer = machine.restarts({**request, **wrong})

    assert reason(answer) == expected
    assert machine.done() == []


def test_a_nonce_opens_only_the_service_that_it_was_given_for(
    machine: Machine,
) -> None:
    machine.unit()
    file = machine.root / "etc/facefusion-monitor-gate.json"
    body = json.loads(file.read_text())
    body["services"]["other"] = body["services"]["studio"]
    file.write_text(json.dumps(body))
    request = machine.prepared()

    answer = machine.restarts({**request, "service": "other"})

    assert reason(answer) == "nonce"


def test_a_nonce_of_the_boot_before_is_worth_nothing(
    machine: Machine,
) -> None:
    machine.unit()
    request = machine.prepared()
    book = load_book(US)
    assert book.nonce
    old = book.nonce._replace(boot_id="before")
    save_book(book._replace(nonce=old), US)

    assert reason(machine.restarts(request)) == "nonce"


def test_a_pause_between_check_and_begin_is_noticed(machine: Machine) -> None:
    machine.unit()
    request = machine.prepared()
    machine.tool(
        "systemctl",
        f"echo LoadState=loaded; [ $1 = show ] || touch {machine.effects}.x",
    )
    ticks = iter([1029.0, 1031.0])
    ledger = Ledger(US, lambda: next(ticks))

    answer = Actor(US, ledger, session=at_once).run(request).answer

    assert answer is not None
    assert reason(answer) == "nonce"
    assert not (machine.effects.parent / "effects.x").exists()


def test_while_one_acts_another_is_locked_out(machine: Machine) -> None:
    machine.unit()
    request = machine.prepared()

    with machine_lock(US):
        assert is_acting(US)
        answer = machine.restarts(request)

    assert reason(answer) == "locked"
    assert not is_acting(US)
    assert machine.restarts(request)["state"] == "done"


def test_a_short_lock_is_waited_for(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    del machine
    waited = []

    class Sleeper:
        monotonic = staticmethod(lambda: 0.0)

        @staticmethod
        def sleep(seconds: float) -> None:
            waited.append(seconds)
            held.close()

    held = _Held()
    monkeypatch.setattr(act_lock, "time", Sleeper)

    with machine_lock(US, "x.lock", patience=1.0):
        pass

    assert len(waited) == 1


class _Held:
    def __init__(self) -> None:
        self._lock = machine_lock(US, "x.lock")
        self._lock.__enter__()

    def close(self) -> None:
        self._lock.__exit__(None, None, None)


def test_a_lock_that_cannot_be_opened_is_refused(machine: Machine) -> None:
    folder = machine.root / "run/facefusion-monitor-gate"
    folder.mkdir(mode=0o700)
    (folder / "act.lock").symlink_to("/etc/passwd")

    with pytest.raises(Refused, match="cannot lock"):
        is_acting(US)


def test_nothing_became_of_a_change_that_was_never_begun(
    machine: Machine,
) -> None:
    machine.unit()

    answer = machine.asks("became")

    assert (answer["state"], answer["steps"]) == ("none", [])
    assert set(answer) == {
        "boot_id", "state", "because", "steps", "highest", "service", "gaps",
    }  # fmt: skip


def test_a_failed_restart_is_kept_with_its_steps(machine: Machine) -> None:
    machine.unit(code=1)

    answer = machine.restarts(machine.prepared())
    became = machine.asks("became", token=3)

    assert answer["state"] == became["state"] == "failed"
    assert answer["because"] == became["because"]
    assert "Job failed." in str(answer["because"])
    assert answer["steps"] == became["steps"]
    assert became["highest"] == 7


def test_what_runs_still_runs_while_its_lock_is_held(
    machine: Machine,
) -> None:
    machine.unit()
    _begun(machine)

    with machine_lock(US):
        answer = machine.asks("became")

    assert answer["state"] == "running"


def test_what_nobody_does_any_more_was_interrupted(machine: Machine) -> None:
    machine.unit()
    _begun(machine)

    answer = machine.asks("became")

    assert answer["state"] == "failed"
    assert "interrupted" in str(answer["because"])


def test_what_ran_before_this_boot_was_interrupted(machine: Machine) -> None:
    machine.unit()
    _begun(machine, boot_id="before")

    with machine_lock(US):
        answer = machine.asks("became")

    assert answer["state"] == "failed"


def test_what_ended_while_we_looked_is_told_as_it_ended(
    machine: Machine,
) -> None:
    _begun(machine)
    ledger = Ledger(US)

    def just_ended() -> bool:
        ledger.finish("c1", "done", "it was done")
        return False

    result = ledger.became("c1", machine.boot_id, just_ended)

    assert result is not None
    assert result.state == "done"


def test_what_was_forgotten_while_we_looked_is_none(machine: Machine) -> None:
    _begun(machine)

    def forgotten() -> bool:
        save_book(ActBook(), US)
        return False

    assert Ledger(US).became("c1", machine.boot_id, forgotten) is None


def test_the_next_effect_settles_what_was_interrupted(
    machine: Machine,
) -> None:
    machine.unit()
    _begun(machine)

    machine.restarts(machine.prepared(change="c2", token=8))

    states = {one.change: one.state for one in load_book(US).results}
    assert states == {"c1": "failed", "c2": "done"}


def _begun(machine: Machine, boot_id: str = "") -> None:
    result = ActResult(
        "c1",
        "studio",
        7,
        boot_id or machine.boot_id,
        "running",
        "it was begun",
    )
    save_book(ActBook(7, "c1").with_result(result), US)


def test_only_the_newest_hundred_results_are_kept() -> None:
    book = ActBook()

    for number in range(150):
        book = book.with_result(_result(f"c{number}"))

    assert len(book.results) == 100
    assert book.result("c49") is None
    assert book.result("c50") is not None


def test_a_long_story_keeps_its_beginning_and_its_end() -> None:
    result = _result("c1")

    for number in range(200):
        result = result.with_step(f"{number} " + "x" * 400)

    assert len(result.steps) == 60
    assert result.steps[0].startswith("0 ")
    assert result.steps[-1].startswith("199 ")
    assert all(len(step) <= 300 for step in result.steps)


def _result(change: str) -> ActResult:
    return ActResult(change, "studio", 1, "b", "running", "")


def test_what_is_noted_of_an_unknown_change_is_lost(machine: Machine) -> None:
    del machine
    Ledger(US).step("never", "a step")

    assert load_book(US) == ActBook()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"highest": "7"}', "[" * 100_000]
)
def test_a_damaged_book_stops_everything(text: str, machine: Machine) -> None:
    machine.unit()
    request = machine.prepared()
    book = machine.root / "var/lib/facefusion-monitor-gate/book.json"
    book.write_text(text)

    answers = [machine.restarts(request), machine.asks("prepare", token=99)]

    assert [reason(one) for one in answers] == ["forbidden"] * 2
    assert answers[0]["highest"] == 0
    assert "move it away" in sentence(answers[0])
    assert machine.done() == []


@given(text=st.binary(max_size=80))
def test_any_bytes_are_a_book_or_stop_everything(text: bytes) -> None:
    with contextlib.suppress(ValueError, TypeError, KeyError, RecursionError):
        assert parsed_book(text).highest >= 0


def test_a_highest_token_that_is_no_number_is_no_book(
    machine: Machine,
) -> None:
    save_book(ActBook(highest=True), US)
    del machine

    with pytest.raises(Refused, match="cannot trust"):
        load_book(US)


@pytest.mark.parametrize("flaw", ["mode", "link", "folder"])
def test_a_book_that_others_may_write_is_not_believed(
    flaw: str, machine: Machine
) -> None:
    save_book(ActBook(), US)
    book = machine.root / "var/lib/facefusion-monitor-gate/book.json"
    if flaw == "mode":
        book.chmod(0o666)
    else:
        book.unlink()
    if flaw == "link":
        book.symlink_to("/dev/null")
    if flaw == "folder":
        book.mkdir(mode=0o700)

    with pytest.raises(Refused, match="cannot trust"):
        load_book(US)


def test_the_folder_of_our_state_is_only_ours(machine: Machine) -> None:
    save_book(ActBook(), US)

    folder = machine.root / "var/lib/facefusion-monitor-gate"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "book.json").stat().st_mode & 0o777 == 0o600


def test_what_is_kept_is_on_disk_before_it_has_its_name(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    del machine
    calls: list[str] = []

    def noted(name: str) -> None:
        call = getattr(os, name)

        def wrapped(*words: object) -> object:
            calls.append(name)
            return call(*words)

        monkeypatch.setattr(os, name, wrapped)

    noted("fsync")
    noted("replace")

    save_book(ActBook(), US)

    assert calls == ["fsync", "replace", "fsync"]


def test_where_nothing_can_be_written_nothing_is_done(
    machine: Machine,
) -> None:
    machine.unit()
    request = machine.prepared()
    book = machine.root / "var/lib/facefusion-monitor-gate/book.json.new"
    book.mkdir()

    answer = machine.restarts(request)

    assert reason(answer) == "forbidden"
    assert machine.done() == []


def test_an_end_that_cannot_be_written_is_no_refusal(
    machine: Machine,
) -> None:
    machine.unit()
    request = machine.prepared()
    saved: list[ActBook] = []

    def full(book: ActBook, owner: int) -> None:
        if saved:
            raise Refused("forbidden", "cannot write: no space left")
        saved.append(book)
        save_book(book, owner)

    answer = machine.actor(full).run(request).answer

    assert answer is not None
    error = answer["error"]
    assert isinstance(error, dict)
    assert error["reason"] == "internal"
    assert machine.done() == ["restart -- ff.service"]
    assert machine.asks("became")["state"] == "failed"


def test_the_boot_clock_is_the_machines() -> None:
    assert boot_seconds() > 0


def _points(machine: Machine, request: Message) -> int:
    """Count the calls at which a gate can be killed."""
    calls: list[str] = []

    def count(book: ActBook, owner: int) -> None:
        calls.append("save")
        save_book(book, owner)

    machine.actor(count).run(request)
    return len(calls)


def _killed_at(machine: Machine, request: Message, point: int) -> None:
    """Let a gate of its own do it, which is killed at a call of the disk."""
    pid = os.fork()
    if pid == 0:
        try:
            _die_at(point)
            machine.actor(session=at_once).run(request)
        finally:
            os._exit(0)
    os.waitpid(pid, 0)


def _die_at(point: int) -> None:
    """Kill this process before the n-th time that the disk is asked."""
    left = [point]

    def dying(call: Callable[..., object]) -> Callable[..., object]:
        def wrapped(*words: object, **more: object) -> object:
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*words, **more)

        return wrapped

    os.fsync = dying(os.fsync)  # type: ignore[assignment]
    os.replace = dying(os.replace)  # type: ignore[assignment]


def test_a_gate_killed_at_any_write_has_one_effect_at_most(
    machine: Machine,
) -> None:
    machine.unit()
    per_save = 3  # the file, its new name, the folder
    counting = machine.prepared(change="count", token=1)
    points = _points(machine, counting) * per_save
    seen = set()

    for point in range(points + 1):
        machine.effects.write_text("")
        own = {"change": f"k{point}", "token": 10 + point}
        request = machine.prepared(**own)
        _killed_at(machine, request, point)

        became = machine.asks("became", **own)
        before = len(machine.done())
        again = machine.restarts(request)

        state = became["state"]
        seen.add((state, before))
        assert len(machine.done()) <= 1
        if state == "none":
            assert before == 0
        else:
            assert reason(again) == "nonce"
            assert len(machine.done()) == before
        if state == "done":
            assert before == 1
    assert seen == {("none", 0), ("failed", 0), ("failed", 1), ("done", 1)}
