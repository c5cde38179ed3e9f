"""The place where machines are run: namespaces of our own.

Its network has no default route: whatever a machine sends while a peer
reboots stays here (facts/components.md §3). Everything is in a pid
namespace too, which ends with the process that started it.
"""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.machines.doing import ran

HERE = "FACEFUSION_TEST_LAND"
"""Set, by us, in the environment of a process inside."""
MARK = "machines"
"""Marks the tests that run inside."""
BRIDGE = "machines"
OURS = "10.77.0.1"
GROUND = Path("/srv")
"""Everybody has it; inside, a file system of ours lies over it."""
NEEDED = (
    *("/lib/systemd/systemd", "/usr/sbin/sshd", "/usr/bin/python3"),
    *("/usr/bin/dbus-daemon", "/usr/bin/unshare", "/usr/bin/setpriv"),
    *("/usr/bin/nsenter", "/usr/sbin/nft"),
)
_NEW = ("--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")


def inside() -> bool:
    """Return whether this process is in such a place."""
    return os.environ.get(HERE) == "inside"


def flaw() -> str:
    """Return why there can be no machines here, empty when there can."""
    if os.geteuid() != 0:
        return "cannot run machines: namespaces need root"
    missing = [path for path in NEEDED if not Path(path).exists()]
    if shutil.which("ip") is None:
        missing.append("ip")
    if missing:
        names = ", ".join(missing)
        return f"cannot run machines without {names}; try `make debian`"
    try:
        ran(*command(("true",)))
    except AssertionError as error:
        return f"cannot make namespaces: {error}"
    return ""


def command(words: Sequence[str]) -> tuple[str, ...]:
    """Return what runs a command inside, to end when we end."""
    return ("setpriv", "--pdeathsig", "KILL", "unshare", *_NEW, "--", *words)


def settle() -> None:
    """Make a fresh place's network. Refuses where there is a way out.

    This is the guard: were it called anywhere else, packets meant for a
    machine would go out by the default route while the machine reboots.
    """
    if not inside() or way_out():
        msg = "cannot settle: this network namespace has a default route"
        raise RuntimeError(msg)
    ran("mount", "-t", "tmpfs", "tmpfs", GROUND)
    ip("link", "set", "lo", "up")
    ip("link", "add", BRIDGE, "type", "bridge")
    ip("addr", "add", f"{OURS}/24", "dev", BRIDGE)
    ip("link", "set", BRIDGE, "up")


def way_out() -> str:
    """Return the default routes, and links of a network that is not ours."""
    routes = "".join(
        ip(family, "route", "show", "default") for family in ("-4", "-6")
    )
    return routes.strip()


def ip(*words: str) -> str:
    """Run iproute2's `ip`, and return what it says."""
    return ran("ip", *words)
