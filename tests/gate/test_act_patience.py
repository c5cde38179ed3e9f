"""A look that hangs keeps the machine's lock for a minute at most."""

import contextlib
import signal
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from monitor.gate import act
from monitor.gate.act_lock import is_acting
from monitor.gate.act_patience import LOOK_AT_MOST, ended_when_it_hangs
from tests.gate.act_machine import US, Machine, machine

__all__ = ["machine"]


def told() -> tuple[SimpleNamespace, list[object]]:
    """Return signals that are only noted."""
    did: list[object] = []
    return (
        SimpleNamespace(
            SIGALRM=signal.SIGALRM,
            SIG_DFL=signal.SIG_DFL,
            signal=lambda *one: did.append(one),
            alarm=did.append,
        ),
        did,
    )


def test_it_ends_by_the_kernels_alarm_which_is_taken_back() -> None:
    signals, did = told()

    with ended_when_it_hangs(signals=signals):  # type: ignore[arg-type]
        did.append("looked")

    assert did == [
        (signal.SIGALRM, signal.SIG_DFL),
        LOOK_AT_MOST,
        "looked",
        0,
    ]


def test_a_look_that_fails_takes_it_back_too() -> None:
    signals, did = told()

    with (
        pytest.raises(OSError, match="gone"),
        ended_when_it_hangs(signals=signals),  # type: ignore[arg-type]
    ):
        raise OSError("gone")

    assert did[-1] == 0


def test_the_look_is_bounded_and_what_was_begun_is_not(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.unit()
    seen: list[tuple[bool, list[str]]] = []

    @contextlib.contextmanager
    def patience() -> Iterator[None]:
        seen.append((is_acting(US), machine.done()))
        yield
        seen.append((is_acting(US), machine.done()))

    request = machine.prepared()
    monkeypatch.setattr(act, "ended_when_it_hangs", patience)

    outcome = machine.actor().run(request)

    assert outcome.answer is not None
    assert outcome.answer["state"] == "done"
    assert seen == [(True, []), (True, [])]
    assert machine.done() == ["restart -- ff.service"]
