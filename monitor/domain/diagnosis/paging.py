"""Who is woken by a diagnosis, and who would have been.

A page is about one server and one cause. It is withheld, and told all the
same, in maintenance, while our own change is under way, while what it rests
on flaps, and where another server's page speaks for their machine already.
"""

from collections.abc import Collection
from dataclasses import dataclass

from monitor.domain.diagnosis.cause import Remedy, Severity
from monitor.domain.diagnosis.diagnosis import Diagnosis

MAINTENANCE = "maintenance"
OWN_CHANGE = "own_change"
FLAPPING = "flapping"
CHILD = "child"
WITHHELD = (MAINTENANCE, OWN_CHANGE, FLAPPING, CHILD)
"""Why a page is withheld, in this order."""

_OF_NOBODY = frozenset({"monitor_blind"})
"""Causes that are no server's: `facefusion_monitor_blind` tells of them."""
OF_HOST = frozenset(
    {
        "host_unreachable",
        "disk_full",
        "gpu_lost",
        "gpu_wedged",
        "gpu_reset_required",
        "driver_mismatch",
        "gpu_hardware",
        "ssh_unavailable",
    }
)
"""Causes of a machine: one page speaks for every server on it."""
COMES_AND_GOES = frozenset(
    {"crash_loop", "dependency_missing", "model_files_corrupt", "oom_killed"}
)
"""Causes that explain why looks come and go: for them flapping is evidence
and withholds nothing."""
TAKES_OVER_AFTER = 60.0
"""Seconds after the end of another server's page before a server on the
same machine needs its own: they do not heal in the same second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What may withhold a page; each a sentence, empty when it does not.

    `parent` names the server whose page speaks for this one's machine.
    """

    maintenance: str = ""
    own_change: str = ""
    flapping: str = ""
    parent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page, or what would have been one.

    `at` is the Unix time in seconds at which it began. `withheld` is a word
    of `WITHHELD`, empty when somebody is told; `withheld_because` says why.
    """

    target: str
    host: str
    cause: str
    severity: Severity
    because: str
    at: float
    remedies: tuple[Remedy, ...] = ()
    withheld: str = ""
    withheld_because: str = ""

    @property
    def is_told(self) -> bool:
        """Whether anybody is told: `facefusion_page` is there."""
        return not self.withheld

    @property
    def wakes(self) -> bool:
        """Whether somebody is woken, now and not in the morning."""
        return self.is_told and self.severity is Severity.CRITICAL


def page(
    target: str,
    host: str,
    diagnosis: Diagnosis,
    around: Around,
    held: Page | None = None,
) -> Page | None:
    """Return the page for a diagnosis, None where there is none to send.

    `held` is the page before; one that goes on keeps when it began, and is
    not taken back because what it rests on flaps.
    """
    if diagnosis.severity is Severity.INFO or diagnosis.cause in _OF_NOBODY:
        return None
    goes_on = held is not None and _is_same(held, diagnosis)
    is_out = goes_on and held is not None and held.is_told
    may_flap = is_out or diagnosis.cause in COMES_AND_GOES
    withheld, because = _withheld(around, may_flap=may_flap)
    is_new = held is None or not goes_on or held.withheld != withheld
    return Page(
        target=target,
        host=host,
        cause=diagnosis.cause,
        severity=diagnosis.severity,
        because=diagnosis.because,
        at=diagnosis.at if is_new or held is None else held.at,
        remedies=diagnosis.remedies,
        withheld=withheld,
        withheld_because=because,
    )


def speaks_for(
    pages: Collection[Page], target: str, host: str, cause: str
) -> str:
    """Return the server whose page speaks for a machine's cause."""
    if not host or cause not in OF_HOST:
        return ""
    others = [
        one
        for one in pages
        if (one.host, one.cause) == (host, cause)
        and one.target != target
        and one.is_told
    ]
    return (
        min(others, key=lambda one: (one.at, one.target)).target
        if others
        else ""
    )


def _is_same(held: Page, diagnosis: Diagnosis) -> bool:
    return (held.cause, held.severity) == (
        diagnosis.cause,
        diagnosis.severity,
    )


def _withheld(around: Around, *, may_flap: bool) -> tuple[str, str]:
    if around.maintenance:
        return MAINTENANCE, around.maintenance
    if around.own_change:
        return OWN_CHANGE, around.own_change
    if around.flapping and not may_flap:
        return FLAPPING, around.flapping
    if around.parent:
        return CHILD, f"the page of {around.parent} speaks for their machine"
    return "", ""
