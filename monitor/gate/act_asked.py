"""What an `act` asks for, word for word, or why it is refused."""

from __future__ import annotations

import re
from typing import NamedTuple

from monitor.gate.protocol import Refused, number_of

ACT_WITHIN = 120.0
ACT_WITHIN_AT_MOST = 300.0
"""Seconds that the service manager may take, and takes when not told."""

EFFECTS = {"act": ("restart", "free-gpu-memory"), "reboot": ("reboot",)}
"""What each role may do to a machine, beside `prepare` and `became`: a key
that was stolen opens no more than its own."""

_HARMLESS = ("prepare", "became")
_CHANGE_FORM = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
_SERVICE_FORM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}\Z")
_LONGEST_WORD = 64
_PROCESSES_NAMED = 512
_LARGEST_NUMBER = 1 << 62
_CARDS_NAMED = 64
_CARD_FORM = re.compile(r"GPU-[A-Za-z0-9-]{1,60}\Z")


class ProcessNamed(NamedTuple):
    """A process that may be ended, as the plan saw it.

    `cwd` is None where the plan could not see it; `is_server` is None where
    the plan did not say.
    """

    pid: int
    start_ticks: int
    uid: int
    cmdline: tuple[str, ...]
    cwd: str | None
    cgroup: str
    is_server: bool | None


_TOKENS_END = 1 << 53
"""Tokens are below it: the journal gives out no higher ones."""


class ActAsked(NamedTuple):
    """One `act`. `nonce`, `boot_id` and `named` belong to an effect.

    `cards` are the UUIDs of GPUs whose memory is freed; `aims` is the effect
    that a `prepare` looks ahead to, "" where it does not say.
    """

    do: str
    service: str
    change: str
    token: int
    within: float
    nonce: str = ""
    boot_id: str = ""
    named: tuple[ProcessNamed, ...] = ()
    cards: tuple[str, ...] = ()
    aims: str = ""


def is_effect(do: object) -> bool:
    """Tell whether this is done to a machine, and not only looked at."""
    return any(do in effects for effects in EFFECTS.values())


def read_act(request: dict[str, object], role: str = "act") -> ActAsked:
    """Return what is asked with a key of this role. Raises `Refused`."""
    do = request.get("do")
    if do not in _HARMLESS:
        _check_own(do, "do", role)
    token = _whole(request.get("token"), "token")
    if token >= _TOKENS_END:
        # One that nobody could ever go beyond would lock all others out.
        raise _act_flaw("token", "it is 2**53 or more")
    asked = ActAsked(
        do=str(do),
        service=service_name(request.get("service")),
        change=_change(request.get("change")),
        token=token,
        within=number_of(request, "within", ACT_WITHIN, ACT_WITHIN_AT_MOST),
    )
    if do == "prepare":
        return asked._replace(aims=_aims(request.get("for"), role))
    if do == "became":
        return asked
    return asked._replace(
        cards=_cards(request.get("cards")) if do == "free-gpu-memory" else (),
        nonce=_word_of(request.get("nonce"), "nonce"),
        boot_id=_word_of(request.get("boot_id"), "boot_id"),
        named=_all_named(request.get("processes")),
    )


def _check_own(do: object, name: str, role: str) -> None:
    """Raise `Refused` for an effect that is not this role's."""
    if not is_effect(do):
        known = (*_HARMLESS, *(one for own in EFFECTS.values() for one in own))
        words = known if name == "do" else known[len(_HARMLESS) :]
        raise _act_flaw(name, f"it is one of {', '.join(words)}")
    if do not in EFFECTS[role]:
        raise Refused("forbidden", f"cannot {do}: this key is to {role}")


def _aims(value: object, role: str) -> str:
    if value is None:
        return ""
    _check_own(value, "for", role)
    return str(value)


def _cards(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not 0 < len(value) <= _CARDS_NAMED:
        raise _act_flaw("cards", f"it is a list of 1 to {_CARDS_NAMED}")
    for one in value:
        if not isinstance(one, str) or not _CARD_FORM.match(one):
            raise _act_flaw("cards", "each is the UUID of a GPU, GPU-…")
    if len(set(value)) < len(value):
        raise _act_flaw("cards", "a card is there twice")
    return tuple(value)


def service_name(value: object) -> str:
    """Return the name of a service. Raises `Refused`."""
    if not isinstance(value, str) or not _SERVICE_FORM.match(value):
        raise _act_flaw(
            "service", "it is 1 to 63 of A-Z a-z 0-9 . _ -, a letter first"
        )
    return value


def plain_text(text: str) -> str:
    """Return a text as it is after it went over the line."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _change(value: object) -> str:
    if not isinstance(value, str) or not _CHANGE_FORM.match(value):
        raise _act_flaw("change", "it is 1 to 64 of A-Z a-z 0-9 . _ -")
    return value


def _word_of(value: object, name: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_WORD:
        raise _act_flaw(name, f"it is 1 to {_LONGEST_WORD} characters")
    return value


def _whole(value: object, name: str, least: int = 1) -> int:
    # True is an int to Python, and no number to anybody else.
    if type(value) is not int or not least <= value < _LARGEST_NUMBER:
        raise _act_flaw(name, f"it is a whole number from {least}")
    return value


def _all_named(value: object) -> tuple[ProcessNamed, ...]:
    if not isinstance(value, list) or len(value) > _PROCESSES_NAMED:
        raise _act_flaw("processes", "it is a list of at most 512")
    found = tuple(_one_named(one) for one in value)
    if len({one.pid for one in found}) < len(found):
        raise _act_flaw("processes", "a pid is there twice")
    return found


def _one_named(value: object) -> ProcessNamed:
    one = value if isinstance(value, dict) else {}
    cmdline, cwd, cgroup = (
        one.get("cmdline"),
        one.get("cwd"),
        one.get("cgroup"),
    )
    server = one.get("is_server")
    if not isinstance(cmdline, list) or not all(
        isinstance(word, str) for word in cmdline
    ):
        raise _act_flaw("processes", "cmdline is a list of texts")
    if not isinstance(cwd, (str, type(None))) or not isinstance(cgroup, str):
        raise _act_flaw("processes", "cwd and cgroup are texts")
    if not isinstance(server, (bool, type(None))):
        raise _act_flaw("processes", "is_server is true, false or null")
    return ProcessNamed(
        pid=_whole(one.get("pid"), "pid"),
        start_ticks=_whole(one.get("start_ticks"), "start_ticks", least=0),
        uid=_whole(one.get("uid"), "uid", least=0),
        cmdline=tuple(cmdline),
        cwd=cwd or None,
        cgroup=cgroup,
        is_server=server,
    )


def _act_flaw(name: str, because: str) -> Refused:
    return Refused("bad_request", f"cannot use {name}: {because}")
