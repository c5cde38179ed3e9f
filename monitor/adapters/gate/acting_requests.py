"""What is asked of an acting gate (monitor/gate/README.md, act)."""

from collections.abc import Mapping

from monitor.domain.recovery.identity import Identity
from monitor.domain.recovery.plan import Aim
from monitor.domain.recovery.words import Action
from monitor.ports import Errand

Body = Mapping[str, object]


def prepare(aim: Aim, errand: Errand, _within: float) -> Body:
    """Return the request to look, and to give out a nonce.

    What a restart needs is always looked at; gates of before know no `for`.
    """
    ahead = {} if aim.action is Action.RESTART else {"for": aim.action.value}
    return {"do": "prepare", **ahead, **_about(aim, errand)}


def became(aim: Aim, errand: Errand, _within: float) -> Body:
    """Return the question what became of a change."""
    return {"do": "became", **_about(aim, errand)}


def act(aim: Aim, errand: Errand, within: float) -> Body:
    """Return the request to do it, in at most `within` seconds.

    The service is named and nothing else: which unit or container that is,
    the machine's own configuration says.
    """
    frees = aim.action is Action.FREE_GPU_MEMORY
    return {
        "do": aim.action.value,
        **({"cards": list(aim.cards)} if frees else {}),
        **_about(aim, errand),
        "nonce": errand.nonce,
        "boot_id": aim.boot_id,
        "processes": [_process(one) for one in aim.processes],
        "within": within,
    }


def _about(aim: Aim, errand: Errand) -> Body:
    return {
        "service": aim.target,
        "change": errand.change,
        "token": errand.token,
    }


def _process(one: Identity) -> Body:
    return {
        "pid": one.pid,
        "start_ticks": one.start_ticks,
        "uid": one.uid,
        "cmdline": list(one.cmdline),
        "cwd": one.cwd or None,
        "cgroup": one.cgroup,
        "is_server": one.is_server,
    }
