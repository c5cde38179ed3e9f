"""What the gates want to know, out of what is known."""

from dataclasses import replace

from monitor.domain.diagnosis.case import Case
from monitor.domain.diagnosis.diagnosis import Diagnosis
from monitor.domain.health import BAD
from monitor.domain.machine.clocks import stamp
from monitor.domain.maintenance import Window
from monitor.domain.observation import Observation
from monitor.domain.service.reading import ServiceReading

_BLIND = "monitor_blind"


def service(process: Observation | None) -> ServiceReading | None:
    """Return what a look at the process read, None where it could not."""
    reading = process.reading if process else None
    return reading if isinstance(reading, ServiceReading) else None


def blind(control: Observation | None, before: Case) -> str:
    """Return why nothing that was seen proves anything, or nothing."""
    if control is not None:
        return control.because if control.health in BAD else ""
    held = before.control
    grounds = held.grounds if held and held.is_bad else None
    return grounds.because if grounds else ""


def or_diagnosed(blind: str, diagnosis: Diagnosis | None) -> str:
    """Return why we are blind, by a look just now or by the diagnosis."""
    if diagnosis is not None and diagnosis.cause == _BLIND:
        return blind or diagnosis.because
    return blind


def planned(window: Window | None) -> str:
    """Return planned work in words, empty for none."""
    if window is None:
        return ""
    return f"{window.reason} (by {window.by}, until {stamp(window.end)})"


def with_fresh(case: Case, *looks: Observation | None) -> Case:
    """Return a case that knows these looks, too."""
    fresh = {
        one.key.check: replace(case.looks[one.key.check], seen=one)
        for one in looks
        if one is not None and one.key.check in case.looks
    }
    return replace(case, looks={**case.looks, **fresh})
