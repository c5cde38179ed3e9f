"""What is wrong with a machine or a service, and how it adds up."""

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.domain.health import Health, worst


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one look suggests.

    `because` is a sentence for people, `reason` one word for rules, empty
    when nothing is wrong.
    """

    health: Health
    because: str
    reason: str = ""


Finding = Verdict
"""One thing that is wrong; it always has a reason."""


def add_up(
    findings: Sequence[Finding], *, well: str, notes: Sequence[str] = ()
) -> Verdict:
    """Return one verdict on findings that come deepest first.

    The deepest gives the reason, the worst the health, and people are told
    all of them; `well` is what they are told when there are none. `notes`
    are told in any case and are nobody's fault.
    """
    told = [finding.because for finding in findings] or [well]
    return Verdict(
        health=worst(finding.health for finding in findings)
        if findings
        else Health.HEALTHY,
        because="; ".join((*told, *notes)),
        reason=findings[0].reason if findings else "",
    )
