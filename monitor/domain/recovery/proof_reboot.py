"""The proof that a machine was booted and is back: before its server's own.

A boot id that is another one is the proof, never a time that went by
(facts/recovery.md §0, finding 9). What comes back has to be the machine that
went down: the same host key, and no fewer GPUs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.domain.machine.clocks import stamp
from monitor.domain.machine.words import length
from monitor.domain.quote import quote
from monitor.domain.recovery.identity import is_boot_id
from monitor.domain.recovery.proof import Word

DOWN_WITHIN = 300.0
"""Seconds until the boot that was there has to be gone: for as long its gate
calls a reboot running (monitor/gate/README.md, act)."""
BACK_WITHIN = 1500.0
"""Seconds after the reboot was sent until the machine answers again: 25 min,
as NVSentinel waits (facts/recovery.md §5)."""
GPUS_WITHIN = 300.0
"""Seconds after it answers first until all GPUs are there: drivers load late,
and gpud, too, judges none for 5 min after a boot (facts/recovery.md §2)."""
HOST_KEY = "host_key"
"""The word of a look that another host key answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RebootTerms:
    """What a reboot is measured by.

    `boot_id` is the boot that was to end. `gpus` are as many as were ever
    seen there at once, None for a machine whose cards nobody has seen.
    """

    boot_id: str
    gpus: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostGlance:
    """One look at the machine, at the Unix time `at`.

    `since_sent` are seconds since the effect was sent, by a clock that does
    not jump. `boot_id` is what it told, empty where it told nothing; then
    `reason` is the word of the failed look and empty for one that was not
    taken. `uptime` is its own, in seconds, None where not told. `gpus` is
    None where they were not counted. `because` is what the look said.
    """

    at: float
    since_sent: float
    boot_id: str = ""
    reason: str = ""
    uptime: float | None = None
    gpus: int | None = None
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What is known by now; `boot_id` is the new boot once it is proven."""

    word: Word
    because: str
    boot_id: str = ""


def prove_reboot(
    terms: RebootTerms, glances: Sequence[HostGlance], *, since_sent: float
) -> Returned:
    """Return what looks prove, oldest first, as of `since_sent`."""
    if not is_boot_id(terms.boot_id):
        return _failed("which boot it was before is not known")
    told = [one for one in glances if one.boot_id or one.reason]
    other = next((one for one in told if one.reason == HOST_KEY), None)
    if other is not None:
        return _failed(
            f"another host key answers (seen at {stamp(other.at)}): somebody"
            f" has to look whether it is the same machine; {other.because}"
        )
    last = told[-1] if told else None
    if last is None or not is_boot_id(last.boot_id):
        return _away(terms, told, since_sent)
    if last.boot_id == terms.boot_id:
        return _same(told, last, since_sent)
    return _back(
        terms, [one for one in told if one.boot_id == last.boot_id], since_sent
    )


def _failed(because: str) -> Returned:
    return Returned(word="failed", because=because)


def _pending(because: str) -> Returned:
    return Returned(word="pending", because=because)


def _away(
    terms: RebootTerms, told: Sequence[HostGlance], since_sent: float
) -> Returned:
    """Return how long it may stay away yet."""
    was_back = any(_is_new(terms, one) for one in told)
    limit = BACK_WITHIN + (GPUS_WITHIN if was_back else 0.0)
    seen = _seen(told[-1]) if told else "nobody looked"
    if since_sent < limit:
        return _pending(f"it is not back yet: {seen}")
    how = "it came back and went away again" if was_back else "it stays away"
    return _failed(f"{how}: not back within {length(limit)}; {seen}")


def _is_new(terms: RebootTerms, glance: HostGlance) -> bool:
    return is_boot_id(glance.boot_id) and glance.boot_id != terms.boot_id


def _seen(glance: HostGlance) -> str:
    if glance.boot_id:
        return (
            f"at {stamp(glance.at)} it told {quote(glance.boot_id)!r}, which"
            " is no boot id"
        )
    return f"at {stamp(glance.at)}: {glance.because}"


def _same(
    told: Sequence[HostGlance], last: HostGlance, since_sent: float
) -> Returned:
    """Return whether the boot that was to end may go on yet."""
    if since_sent < DOWN_WITHIN:
        return _pending("it has not gone down yet")
    was_away = any(one.reason for one in told)
    how = (
        "it was away and is back with the boot id that it had"
        if was_away
        else f"it did not go down within {length(DOWN_WITHIN)}"
    )
    return _failed(
        f"{how}: it was not booted (boot id {last.boot_id}, seen at"
        f" {stamp(last.at)})"
    )


def _back(
    terms: RebootTerms, told: Sequence[HostGlance], since_sent: float
) -> Returned:
    """Return whether the machine that is back is whole.

    When it came back its own uptime tells, also to a monitor that was away.
    """
    first = told[0]
    came = max(0.0, first.since_sent - (first.uptime or 0.0))
    if came > BACK_WITHIN:
        return _failed(
            f"it came back {length(came)} after the reboot, and had"
            f" {length(BACK_WITHIN)}"
        )
    booted = (
        f"it was booted: its boot id was {terms.boot_id} and is"
        f" {first.boot_id} (seen at {stamp(first.at)}), its host key the same"
    )
    if terms.gpus is None:
        because = f"{booted}; how many GPUs it had is not known"
        return Returned(word="proven", because=because, boot_id=first.boot_id)
    limit = first.since_sent + GPUS_WITHIN
    counts = [
        one.gpus
        for one in told
        if one.gpus is not None and one.since_sent <= limit
    ]
    if any(count >= terms.gpus for count in counts):
        because = f"{booted}, and its {max(counts)} GPUs are there"
        return Returned(word="proven", because=because, boot_id=first.boot_id)
    missing = (
        f"{counts[-1]} of {terms.gpus} GPUs are there"
        if counts
        else f"its {terms.gpus} GPUs could not be counted"
    )
    if since_sent < limit:
        return _pending(f"{booted}; {missing}")
    return _failed(
        f"GPUs are missing: {missing} {length(GPUS_WITHIN)} after it came"
        f" back; {booted}"
    )
