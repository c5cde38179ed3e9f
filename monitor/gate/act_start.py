"""Starts a bare process again, as whoever it was before."""

from __future__ import annotations

import os
import stat
import subprocess
import time
from collections.abc import Callable
from typing import NamedTuple

from monitor.gate.act_trust import distrusted
from monitor.gate.procfiles import host_text, whole_number
from monitor.gate.protocol import Refused
from monitor.gate.roots import ROOT

_LIVES = 1.0
"""Seconds that a started program must live: a wrong path or a missing
library ends it at once."""

_LOOK_AGAIN_AT_START = 0.05
_SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
_HOME = 5
_PASSWD_FIELDS = 7


class Former(NamedTuple):
    """As whom a program runs, and where.

    `owns`: it is that user because the folder is theirs, and starts nothing
    in one that is not.
    """

    uid: int
    gid: int
    groups: tuple[int, ...]
    cwd: str
    owns: bool = False


def former_of(pid: int, uid: int, cwd: str | None) -> Former:
    """Return as whom a process runs. Raises `Refused` where unknown.

    Also for one with rights that are not its user's own: whoever made it
    look like FaceFusion must not get them for what is started (setuid and
    setgid programs, and a pid that is another process' by now).
    """
    status = host_text("proc", str(pid), "status") or ""
    numbers = {}
    for line in status.split("\n"):
        key, _, value = line.partition(":")
        numbers[key] = [whole_number(one) for one in value.split()]
    gids, groups = numbers.get("Gid") or [None], numbers.get("Groups")
    gid = gids[0]
    own = (numbers.get("Uid"), gids) == ([uid] * 4, [gid] * 4)
    if gid is None or not own or groups is None or cwd is None:
        raise Refused(
            "unsupported",
            f"cannot start it again: nobody can see as whom process {pid}"
            " runs",
        )
    return _never_root(
        Former(uid, gid, tuple(one for one in groups if one is not None), cwd)
    )


def owner_of_folder(directory: str) -> Former:
    """Return the owner of FaceFusion's folder, for when none runs.

    Raises `Refused` where that is root or nobody that this machine knows.
    """
    try:
        seen = os.stat(directory)
    except OSError as error:
        raise Refused(
            "unsupported",
            f"cannot start it: {directory} cannot be seen ({error.strerror})",
        ) from None
    uid = seen.st_uid
    if seen.st_mode & stat.S_IWOTH:
        raise Refused(
            "forbidden",
            f"cannot start it: anybody may write to {directory}; chmod o-w"
            f" {directory}",
        )
    entry = passwd_entry(uid)
    gid = whole_number(entry[3]) if entry else None
    if gid is None:
        raise Refused(
            "unsupported",
            f"cannot start it: /etc/passwd does not know user {uid}",
        )
    groups = (gid, *_groups_with(entry[0]))
    return _never_root(Former(uid, gid, groups, directory, owns=True))


def check_start(start: str, owner: int) -> None:
    """Raise `Refused` for a program that somebody else could change."""
    flaw = distrusted(start, owner)
    if not flaw:
        mode = os.stat(ROOT.path(start.strip("/"))).st_mode
        if not stat.S_ISREG(mode) or not mode & stat.S_IXUSR:
            flaw = f"{start} is no program; chmod +x {start}"
    if flaw:
        raise Refused("forbidden", f"cannot use start: {flaw}")


def start_program(
    start: str,
    former: Former,
    seconds: float = _LIVES,
    serves: Callable[[], bool] = lambda: False,
) -> str:
    """Start a program; return why that failed, "" when it lives on.

    `serves` tells whether the service serves: a program that started it in
    the background may end.
    """
    try:
        process = _process_of(start, former)
    except (OSError, subprocess.SubprocessError) as error:
        return f"{start} cannot be started ({error})"
    code = _code_within(process, seconds)
    if code is None or _comes(serves, seconds):
        return ""
    return f"{start} ended with code {code} within {seconds:.0f} s"


def _process_of(start: str, former: Former) -> subprocess.Popen[bytes]:
    """Start it. Raises `OSError`, `SubprocessError`.

    The folder is held while its owner is looked at: whoever may rename it
    could put another one, or a link, in its place.
    """
    entry = passwd_entry(former.uid)
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    folder = os.open(former.cwd, flags)
    try:
        owner = os.fstat(folder).st_uid
        if former.owns and owner != former.uid:
            raise PermissionError(f"its folder belongs to user {owner}")
        return subprocess.Popen(
            [ROOT.path(start.strip("/"))],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=f"/proc/self/fd/{folder}",
            env={
                "PATH": _SYSTEM_PATH,
                "HOME": entry[_HOME] if entry else "/",
                "USER": entry[0] if entry else str(former.uid),
                "LANG": "C.UTF-8",
            },
            user=former.uid,
            group=former.gid,
            # Only root may change them; in the tests of others they stay.
            extra_groups=former.groups if os.geteuid() == 0 else None,
            umask=0o022,
            start_new_session=True,
        )
    finally:
        os.close(folder)


def _code_within(
    process: subprocess.Popen[bytes], seconds: float
) -> int | None:
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up and process.poll() is None:
        time.sleep(_LOOK_AGAIN_AT_START)
    code = process.poll()
    # It lives on without us; nobody may wait for it here.
    process.returncode = code or 0
    return code


def _comes(serves: Callable[[], bool], seconds: float) -> bool:
    """Wait for what a program left behind, which may not be there yet."""
    give_up = time.monotonic() + seconds
    while not serves():
        if time.monotonic() >= give_up:
            return False
        time.sleep(_LOOK_AGAIN_AT_START)
    return True


def passwd_entry(uid: int) -> list[str]:
    """Return a user's line of /etc/passwd, empty for an unknown one."""
    for line in (host_text("etc", "passwd") or "").split("\n"):
        fields = line.split(":")
        if len(fields) >= _PASSWD_FIELDS and fields[2] == str(uid):
            return fields
    return []


def _groups_with(name: str) -> list[int]:
    found = []
    for line in (host_text("etc", "group") or "").split("\n"):
        _, _, gid, members, *_ = [*line.split(":"), "", "", "", ""]
        number = whole_number(gid)
        if number is not None and name in members.split(","):
            found.append(number)
    return found


def _never_root(former: Former) -> Former:
    if former.uid == 0:
        raise Refused(
            "forbidden",
            "cannot start it again: it would run as root; give FaceFusion a"
            " user of its own",
        )
    return former
