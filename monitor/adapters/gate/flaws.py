"""What a gate refuses, and what is missing, as `CannotReach`."""

from collections.abc import Mapping

from monitor.domain.errors import CannotReach
from monitor.domain.quote import quote

VERSION = 1
"""The protocol that we speak."""

_REASONS = {
    "busy": "busy",
    "forbidden": "gate_refused",
    "bad_request": "gate_refused",
    "internal": "failed",
    "timeout": "timeout",
    "too_large": "too_large",
    "unknown_part": "gate_version",
    "unknown_verb": "gate_version",
    "unreadable": "unreadable",
    "version": "gate_version",
}

_ADVICE = {
    "gate_version": "install the gate of this monitor there: "
    "`facefusion-monitor host install`",
    "gate_refused": "check how the gate was installed there: "
    "`facefusion-monitor host check`",
}


def refusal(body: Mapping[str, object], where: str) -> CannotReach | None:
    """Return why an answer is none, None for one that is."""
    if body.get("v") != VERSION or body.get("v") is True:
        return _flaw(where, "gate_version", "it speaks another protocol")
    error = body.get("error")
    if error is None:
        return None
    told = error if isinstance(error, Mapping) else {}
    reason = _REASONS.get(str(told.get("reason")), "gate_refused")
    return _flaw(where, reason, quote(str(told.get("because", "no reason"))))


def missing(where: str, what: str, because: str) -> CannotReach:
    """Return the error of what plain commands cannot do."""
    return CannotReach(
        f"cannot {what} on {where}: it needs Python 3.8 or newer on the "
        f"host, or the gate installed there ({quote(because)})",
        reason="gate_missing",
    )


def not_started(where: str, heard: str) -> CannotReach:
    """Return the error of a host where neither gate nor shell answers."""
    return CannotReach(
        f"cannot start the gate on {where}: {heard}; the user there needs a "
        "login shell or the gate as forced command",
        reason="gate_refused",
    )


def malformed(where: str, flaw: str) -> CannotReach:
    """Return the error of an answer that is not as the protocol has it."""
    return CannotReach(
        f"cannot use the answer of the gate on {where}: {flaw}; install the "
        "gate of this monitor there",
        reason="unreadable",
    )


def ended(where: str, heard: str) -> CannotReach:
    """Return the error of a gate whose line is lost."""
    return CannotReach(
        f"cannot use the gate on {where}: it has ended: {heard}",
        reason="closed",
    )


def silent(where: str, within: float, heard: str) -> CannotReach:
    """Return the error of an answer that did not come."""
    return CannotReach(
        f"cannot use the gate on {where} within {within:.3g} s: {heard}",
        reason="timeout",
    )


def _flaw(where: str, reason: str, because: str) -> CannotReach:
    advice = _ADVICE.get(reason)
    more = f"; {advice}" if advice else ""
    return CannotReach(
        f"cannot use the gate on {where}: {because}{more}", reason=reason
    )
