"""Restarts or starts what systemd or docker looks after, through them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from monitor.gate.act_signals import EffectFailed
from monitor.gate.commands import run_command
from monitor.gate.docker import docker_failure, inspect_container
from monitor.gate.gaps import Gaps
from monitor.gate.protocol import Refused
from monitor.gate.units import failure, look_at_unit

_STOP_SECONDS = "20"
"""What docker gives a container to end: FaceFusion needs 3 s."""

_LOOK_WITHIN = 5.0


class Effect(NamedTuple):
    """What is done to a service: it says its steps, and returns a sentence.

    Raises `EffectFailed`.
    """

    run: Callable[[Callable[[str], None]], str]


def managed(
    manager: str,
    name: str,
    unit: Mapping[str, object] | None,
    within: float,
    verb: str = "restart",
) -> Effect:
    """Return the restart or start by a manager. Raises `Refused`.

    `unit` is what it says of it, None where it does not answer.
    """
    if manager == "systemd":
        return unit_effect(name, unit, within, verb)
    return container_effect(name, unit, within, verb)


def unit_effect(
    name: str,
    unit: Mapping[str, object] | None,
    within: float,
    verb: str = "restart",
) -> Effect:
    """Return the restart of a unit that systemd knows. Raises `Refused`."""
    if unit is None:
        raise Refused("unsupported", f"cannot {verb}: systemd does not answer")
    state = unit.get("load_state")
    if state != "loaded":
        reason = "unknown_service" if state == "not-found" else "unsupported"
        raise Refused(
            reason, f"cannot {verb} {name}: systemd says it is {state}"
        )
    argv = ["systemctl", verb, "--", name]

    def run(say: Callable[[str], None]) -> str:
        because = _run_told(argv, within, say, failure)
        seen = look_at_unit(name, Gaps("act"), _LOOK_WITHIN)
        now = seen.answer if seen else {}
        say(
            f"{name} is {now.get('active_state')} ({now.get('sub_state')}),"
            f" its main process is {now.get('main_pid')}"
        )
        if because:
            raise EffectFailed(f"cannot {verb} {name}: {because}")
        return f"systemd {verb}ed {name}"

    return Effect(run)


def container_effect(
    name: str,
    unit: Mapping[str, object] | None,
    within: float,
    verb: str = "restart",
) -> Effect:
    """Return the restart of a container. Raises `Refused`."""
    if unit is None:
        raise Refused("unsupported", f"cannot {verb}: docker does not answer")
    if unit.get("state") == "not-found":
        raise Refused(
            "unknown_service", f"cannot {verb} {name}: no such container"
        )
    patience = ["--time", _STOP_SECONDS] if verb == "restart" else []
    argv = ["docker", verb, *patience, "--", name]

    def run(say: Callable[[str], None]) -> str:
        because = _run_told(
            argv, within, say, lambda ended, _: docker_failure(ended)
        )
        seen = inspect_container(name, Gaps("act"), _LOOK_WITHIN)
        now = seen.answer if seen else {}
        say(
            f"{name} is {now.get('state')}, its main process is"
            f" {now.get('main_pid')}"
        )
        if because:
            raise EffectFailed(f"cannot {verb} {name}: {because}")
        return f"docker {verb}ed {name}"

    return Effect(run)


def _run_told(
    argv: list[str],
    within: float,
    say: Callable[[str], None],
    why: Callable[..., str],
) -> str:
    """Run a manager's command; return why it failed, "" when it did not."""
    say(f"runs {' '.join(argv)}")
    began = time.monotonic()
    ended = run_command(argv, within)
    passed = time.monotonic() - began
    say(f"{argv[0]} ended with code {ended.code} after {passed:.1f} s")
    if ended.late:
        return f"{argv[0]} did not end within {within:.0f} s; it may go on"
    return "" if ended.code == 0 else why(ended, argv[0])
