"""Whether what runs now is what the plan was about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from monitor.gate.act_asked import ProcessNamed, plain_text
from monitor.gate.protocol import Refused

_GONE_STATES = ("Z", "X")


def check_identity(
    named: Sequence[ProcessNamed], seen: Sequence[Mapping[str, object]]
) -> None:
    """Raise `Refused` unless the same processes serve as in the plan.

    `seen` are the processes of the part `service`. Children come and go:
    only those that serve count.
    """
    known = {one.pid: one for one in named}
    serving = [one for one in seen if one["is_server"]]
    for one in serving:
        ours = known.get(int(str(one["pid"])))
        if ours is None or not is_named(ours, one):
            raise _not_the_same(
                f"process {one['pid']} serves, and was not named"
            )
    pids = {one["pid"] for one in serving}
    for ours in named:
        if ours.is_server and ours.pid not in pids:
            raise _not_the_same(f"process {ours.pid} does not serve any more")
    if named and not any(_lives(one, known) for one in seen):
        raise _not_the_same("none of the named processes is there any more")


def is_named(named: ProcessNamed, seen: Mapping[str, object]) -> bool:
    """Tell whether a process is the one that was named, in every figure."""
    cmdline = seen["cmdline"]
    words = list(cmdline) if isinstance(cmdline, (list, tuple)) else []
    cwd = seen["cwd"]
    return (
        (named.pid, named.start_ticks, named.uid)
        == (seen["pid"], seen["start_ticks"], seen["uid"])
        and list(named.cmdline) == [plain_text(str(one)) for one in words]
        and (named.cwd is None or named.cwd == plain_text(str(cwd)))
        and named.cgroup == plain_text(str(seen["cgroup"]))
    )


def doomed_among(
    named: Sequence[ProcessNamed], seen: Sequence[Mapping[str, object]]
) -> list[ProcessNamed]:
    """Return which of the named are to be ended, those that serve first.

    They serve, or were started by one that does: a job that somebody runs
    in the same folder is spared.
    """
    parents = {one["pid"]: one["ppid"] for one in seen}
    serving = {one["pid"] for one in seen if one["is_server"]}
    known = {one.pid: one for one in named}
    kept = [
        known[int(str(one["pid"]))]
        for one in seen
        if _lives(one, known) and _descends(one["pid"], parents, serving)
    ]
    return sorted(kept, key=lambda one: one.pid not in serving)


def _lives(
    seen: Mapping[str, object], known: Mapping[int, ProcessNamed]
) -> bool:
    ours = known.get(int(str(seen["pid"])))
    alive = seen["state"] not in _GONE_STATES
    return alive and ours is not None and is_named(ours, seen)


def _descends(
    pid: object, parents: Mapping[object, object], serving: set[object]
) -> bool:
    passed: set[object] = set()
    while pid in parents and pid not in passed:
        if pid in serving:
            return True
        passed.add(pid)
        pid = parents[pid]
    return False


def _not_the_same(because: str) -> Refused:
    return Refused("identity", f"cannot act on other processes: {because}")
