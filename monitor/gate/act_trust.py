"""What root may rely on: files and folders that nobody else can change."""

from __future__ import annotations

import os
import stat
import sys

from monitor.gate.protocol import Refused
from monitor.gate.roots import ROOT

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_FIRST_PID_NAMESPACE = "pid:[4026531836]"
"""PROC_PID_INIT_INO of the kernel (include/linux/proc_ns.h), since 3.8."""

_OLDEST = (3, 9)


def distrusted(path: str, owner: int) -> str:
    """Return why an absolute path is not to be trusted, "" when it is.

    It and each folder above it belong to `owner`, are no symbolic link, and
    nobody else may write there.
    """
    shown, at = "", ROOT.folder
    flaw = _flaw_of(at, "/", owner)
    for name in path.strip("/").split("/"):
        if flaw:
            break
        shown, at = f"{shown}/{name}", os.path.join(at, name)
        flaw = _flaw_of(at, shown, owner)
    return flaw


def _flaw_of(path: str, shown: str, owner: int) -> str:
    try:
        found = os.lstat(path)
    except OSError as error:
        return f"{shown} cannot be seen ({error.strerror})"
    if stat.S_ISLNK(found.st_mode):
        return f"{shown} is a symbolic link; name where it leads"
    if found.st_uid != owner:
        return f"{shown} belongs to user {found.st_uid}, not to {owner}"
    if found.st_mode & _OTHERS_WRITE:
        return f"{shown} may be written by others; chmod go-w {shown}"
    return ""


def own_folder(owner: int, *parts: str) -> str:
    """Return a folder that only we may enter, made where it is missing.

    Raises `Refused` where it is somebody else's.
    """
    path, shown = ROOT.path(*parts), "/" + "/".join(parts)
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        pass
    except OSError as error:
        raise Refused(
            "forbidden", f"cannot make {shown}: {error.strerror}"
        ) from None
    flaw = distrusted(shown, owner)
    if not flaw and not os.path.isdir(path):
        flaw = f"{shown} is no folder"
    if flaw:
        raise Refused("forbidden", f"cannot trust our own folder: {flaw}")
    return path


def check_platform(owner: int, *, contained: bool) -> None:
    """Raise `Refused` where nothing may be ended safely.

    `contained`: root said that this machine is a container with an init of
    its own, so its process ids are those that its service manager means.
    """
    flaw = ""
    if sys.version_info < _OLDEST or not hasattr(os, "pidfd_open"):
        flaw = "this Python is older than 3.9"
    elif os.geteuid() != owner:
        flaw = "the gate does not run as root; its key needs sudo -n"
    elif not _pidfd_works():
        flaw = "this kernel has no pidfd (Linux 5.3)"
    elif not contained and _namespace() != _FIRST_PID_NAMESPACE:
        flaw = (
            "this is a container; where it has an init of its own, "
            '/etc/facefusion-monitor-gate.json may say "contained": true'
        )
    if flaw:
        raise Refused("unsupported", f"cannot act here: {flaw}")


def _pidfd_works() -> bool:
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:
        return False
    return True


def _namespace() -> str:
    try:
        return os.readlink(ROOT.path("proc", "self", "ns", "pid"))
    except OSError:
        return ""
