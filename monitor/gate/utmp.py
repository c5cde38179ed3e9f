"""The file utmp, in which programs that let people in write them down."""

from __future__ import annotations

import struct
from typing import NamedTuple

_NARROW = struct.Struct("=hxxi32s4x32s256s4xiI4x36x")
_WIDE = struct.Struct("=hxxi32s4x32s256s4xqq8x40x")
"""utmp(5): type, pid, line, user, host, session, seconds; 384 bytes with
32-bit times, as on x86_64, and 400 with 64-bit times, as on aarch64."""
_WIDE_MACHINES = ("aarch64",)
_USER_PROCESS = 7


class LoginSeen(NamedTuple):
    """Somebody who is logged in; `terminal` and `origin` may be empty.

    `since` is Unix time, None where not known; `pid` 0 where not known.
    """

    user: str
    terminal: str
    since: float | None
    origin: str
    pid: int = 0


def logins_in(data: bytes, machine: str) -> list[LoginSeen]:
    """Return the logins in a file; `machine` decides where its size fits two.

    Raises `ValueError` for a file that is no utmp.
    """
    layouts = [_NARROW, _WIDE]
    if machine in _WIDE_MACHINES:
        layouts.reverse()
    for layout in layouts:
        if len(data) % layout.size == 0:
            return _logins(data, layout)
    raise ValueError(f"{len(data)} bytes of utmp are no whole entries")


def _logins(data: bytes, layout: struct.Struct) -> list[LoginSeen]:
    found = []
    for kind, pid, line, user, host, _, since in layout.iter_unpack(data):
        if kind == _USER_PROCESS and _text(user):
            login = LoginSeen(
                _text(user), _text(line), float(since), _text(host), pid
            )
            found.append(login)
    return found


def _text(field: bytes) -> str:
    return field.split(b"\0")[0].decode("utf-8", "replace")
