"""What systemd or docker says of a unit or container, read from JSON."""

from collections.abc import Callable

from monitor.domain.errors import Unreadable
from monitor.domain.service.reading import Manager, Unit
from monitor.domain.wire import Part

_NAME_LIMIT = 256
_WORD_LIMIT = 64
_SIGNED = -(2**31)
_MISSING = "not-found"
_EXIT_CODES = {0: "", 1: "exited", 2: "killed", 3: "dumped"}
"""ExecMainCode as a number: si_code of waitid(2)."""


def read_unit(part: Part, manager: Manager) -> Unit:
    """Return a unit. Raises `Unreadable`, also for another manager's."""
    kind = part.text("kind", limit=_WORD_LIMIT)
    if kind != manager:
        raise Unreadable(
            f"cannot read {part.name}: it is not of {manager} as asked"
        )
    read: Callable[[Part], Unit] = _docker if manager == "docker" else _systemd
    return read(part)


def _systemd(part: Part) -> Unit:
    load_state = _word(part, "load_state")
    return Unit(
        manager="systemd",
        name=part.text("name", limit=_NAME_LIMIT),
        exists=load_state != _MISSING,
        load_state=load_state,
        active_state=_word(part, "active_state"),
        sub_state=_word(part, "sub_state"),
        result=_word(part, "result"),
        main_pid=_pid(part),
        restarts=part.maybe_whole("restarts"),
        since=part.maybe_number("since"),
        exit_code=_exit_code(part),
        exit_status=part.maybe_whole("exit_status", least=_SIGNED),
        enabled=_word(part, "enabled"),
        restart_policy=_word(part, "restart_policy"),
        job=_word(part, "job"),
        stop_asked=part.maybe_flag("stop_asked"),
    )


def _docker(part: Part) -> Unit:
    state = _word(part, "state")
    return Unit(
        manager="docker",
        name=part.text("name", limit=_NAME_LIMIT),
        exists=state != _MISSING,
        state=state,
        main_pid=_pid(part),
        restarts=part.maybe_whole("restarts"),
        since=part.maybe_number("since"),
        exit_status=part.maybe_whole("exit_status", least=_SIGNED),
        restart_policy=_word(part, "restart_policy"),
        oom_killed=part.maybe_flag("oom_killed"),
        docker_health=_word(part, "health"),
    )


def _word(part: Part, key: str) -> str:
    return part.maybe_text(key, limit=_WORD_LIMIT) or ""


def _pid(part: Part) -> int | None:
    """Return the main pid; both managers say 0 for none."""
    return part.maybe_whole("main_pid") or None


def _exit_code(part: Part) -> str:
    """Return how it ended; systemctl prints a number, D-Bus has the word."""
    try:
        return _word(part, "exit_code")
    except Unreadable:
        number = part.whole("exit_code")
        if number not in _EXIT_CODES:
            raise
        return _EXIT_CODES[number]
