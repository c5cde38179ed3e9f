"""Who is logged in, by systemd's sessions and by utmp."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import NamedTuple

from monitor.gate.gaps import Gaps
from monitor.gate.processes import user_names
from monitor.gate.procfiles import host_text, read_whole, whole_number
from monitor.gate.roots import ROOT
from monitor.gate.utmp import LoginSeen, logins_in

_SESSIONS = ("run", "systemd", "sessions")
_UTMP = ("run", "utmp")
_SESSION = re.compile(r"[A-Za-z0-9]{1,32}\Z")
"""Beside the sessions lie pipes (`1.ref`), which nobody may open."""
_OWN_SESSION = re.compile(r"/session-([A-Za-z0-9]{1,32})\.scope")
_SESSION_LENGTH = 16384
_SESSIONS_AT_MOST = 1024
_PEOPLE_AT_MOST = 64
_PEOPLE_WORD = 64
_MICROSECONDS = 1e6


class _PersonsSession(NamedTuple):
    uid: int | None
    leader: int | None
    login: LoginSeen


def people_here(gaps: Gaps) -> list[dict[str, object]] | None:
    """Return who is logged in, each person and terminal once.

    Without the gate's own user where it has no terminal: that is us. None
    and a gap where it cannot be told.
    """
    try:
        sessions, logins = _sessions(), _utmp_logins()
    except (OSError, ValueError) as error:
        gaps.add("people", f"cannot tell who is logged in: {error}")
        return None
    if sessions is None and logins is None:
        gaps.add("people", "cannot tell: neither systemd nor utmp tells it")
        return None
    found = _each_once(sessions or {}, logins or [])
    if len(found) > _PEOPLE_AT_MOST:
        gaps.add("people", f"cannot tell of all {len(found)} who are there")
    return [_answer(one) for one in found[:_PEOPLE_AT_MOST]]


def _each_once(
    sessions: dict[str, _PersonsSession], logins: list[LoginSeen]
) -> list[LoginSeen]:
    """Join what both tell: a session may not know its terminal."""
    terminals = {one.pid: one.terminal for one in logins}
    own = _own_users(sessions)
    found = {(one.user, one.terminal): one for one in logins}
    for session in sessions.values():
        login = session.login
        terminal = login.terminal or terminals.get(session.leader or 0, "")
        if terminal or session.uid not in own:
            one = login._replace(terminal=terminal)
            found[(one.user, one.terminal)] = one
    return sorted(found.values())


def _own_users(sessions: dict[str, _PersonsSession]) -> set[int | None]:
    """Return as whom we came: sudo changes the user, not the session.

    So root is nobody's own where only our rights are root's.
    """
    us = os.geteuid()
    own: set[int | None] = {us} if us else set()
    cgroup = host_text("proc", "self", "cgroup") or ""
    for name in _OWN_SESSION.findall(cgroup):
        if name in sessions:
            own.add(sessions[name].uid)
    login = whole_number((host_text("proc", "self", "loginuid") or "").strip())
    return own if login is None else {*own, login}


def _sessions() -> dict[str, _PersonsSession] | None:
    """Return the sessions of people. Raises `OSError`; None without any."""
    try:
        names = os.listdir(ROOT.path(*_SESSIONS))
    except FileNotFoundError:
        return None
    names = sorted(one for one in names if _SESSION.match(one))
    if len(names) > _SESSIONS_AT_MOST:
        raise ValueError(f"{len(names)} sessions are too many")
    users = user_names()
    return {
        name: session
        for name in names
        for session in _session(ROOT.path(*_SESSIONS, name), users)
    }


def _session(path: str, users: dict[int, str]) -> Iterator[_PersonsSession]:
    """Yield a session, if it is a person's and still there."""
    try:
        text = read_whole(path, _SESSION_LENGTH).decode("utf-8", "replace")
    except FileNotFoundError:
        return
    pairs = (line.partition("=") for line in text.split("\n"))
    told = {key: value.strip().strip('"') for key, _, value in pairs}
    kind = told.get("CLASS", "")
    # user-early is root's, user-light one without a manager of its own.
    if not f"{kind}-".startswith("user-") or told.get("STATE") == "closing":
        return
    uid = whole_number(told.get("UID", ""))
    name = users.get(-1 if uid is None else uid)
    since = whole_number(told.get("REALTIME", ""))
    login = LoginSeen(
        user=told.get("USER") or name or told.get("UID", ""),
        terminal=told.get("TTY") or told.get("DISPLAY", ""),
        since=None if since is None else since / _MICROSECONDS,
        origin=told.get("REMOTE_HOST", ""),
    )
    yield _PersonsSession(uid, whole_number(told.get("LEADER", "")), login)


def _utmp_logins() -> list[LoginSeen] | None:
    """Return what utmp tells of people whose process lives.

    Raises `OSError` and `ValueError`; None without the file.
    """
    try:
        data = read_whole(ROOT.path(*_UTMP))
    except FileNotFoundError:
        return None
    sees_all = os.path.exists(ROOT.path("proc", "1"))
    return [
        one
        for one in logins_in(data, os.uname().machine)
        if not sees_all or os.path.exists(ROOT.path("proc", str(one.pid)))
    ]


def _answer(one: LoginSeen) -> dict[str, object]:
    return {
        "user": one.user[:_PEOPLE_WORD],
        "terminal": one.terminal[:_PEOPLE_WORD] or None,
        "since": one.since,
        "from": one.origin[:_PEOPLE_WORD] or None,
    }
