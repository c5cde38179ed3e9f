"""What an acting gate refuses, and what is no acting gate."""

from collections.abc import Mapping

from monitor.adapters.gate import flaws
from monitor.domain.errors import CannotReach, HandRefused, Unreadable
from monitor.domain.quote import quote
from monitor.domain.wire import Part

Body = Mapping[str, object]

_BECAUSE = 240
"""Characters of the gate's own words."""

_REFUSED = {
    "bad_request": "bad_request",
    "boot": "boot",
    "busy": "locked",
    "fenced": "fenced",
    "forbidden": "forbidden",
    "identity": "identity",
    "locked": "locked",
    "machine": "machine",
    "nonce": "nonce",
    "too_large": "bad_request",
    "unknown_service": "unknown_service",
    "unknown_verb": "version",
    "unsupported": "unsupported",
    "version": "version",
}
"""The gate's words that say that nothing was done, and ours for them.

After any other word, such as internal or timeout, nobody knows."""

_INSTALL = "install the gate of this monitor there: `host install`"
_ADVICE = {
    "fenced": "another monitor acts there; find it, and let one of them act",
    "forbidden": "/etc/facefusion-monitor-gate.json there must be root's and"
    " not writable by others; `host install` writes it",
    "unknown_service": "install again after a target was added:"
    " `host install`",
    "unsupported": "acting needs Python 3.9 and Linux 5.3 there",
    "version": _INSTALL,
}


def refusal(body: Body, where: str) -> HandRefused | CannotReach | None:
    """Return why an answer is none, None for one that is."""
    if body.get("v") != flaws.VERSION or body.get("v") is True:
        return flaws.refusal(body, where)
    if body.get("error") is None:
        return None
    try:
        return _refused(Part(body, ""), where)
    except Unreadable as error:
        return flaws.malformed(where, str(error))


def not_acting(where: str, flaw: str, role: str = "act") -> CannotReach:
    """Return the error of a key that does not lead to a gate for it."""
    return CannotReach(
        f"cannot act on {where}: {flaw}; `facefusion-monitor host install`"
        f" binds the {role} key to the gate there",
        reason="gate_refused",
    )


def _refused(answer: Part, where: str) -> HandRefused | CannotReach:
    error = answer.part("error")
    told = error.text("reason", cut=True)
    because = quote(error.maybe_text("because", cut=True) or told, _BECAUSE)
    reason = _REFUSED.get(told)
    if reason is None:
        return CannotReach(
            f"cannot tell what became of it on {where}: the gate there"
            f" failed: {because}; ask it again what became of the change",
            reason="timeout" if told == "timeout" else "failed",
        )
    advice = _ADVICE.get(reason)
    return HandRefused(
        f"cannot act on {where}: the gate there refused: {because}"
        + (f"; {advice}" if advice else ""),
        reason=reason,
        highest=answer.maybe_whole("highest") or 0,
    )
