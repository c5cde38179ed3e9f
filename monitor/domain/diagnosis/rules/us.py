"""Whether it is us."""

from collections.abc import Iterator

from monitor.domain.control import LATE_LOOP
from monitor.domain.diagnosis.case import Case
from monitor.domain.diagnosis.finding import Finding, Rule, fact
from monitor.domain.diagnosis.rules.reach import is_silent


def _no_network(case: Case) -> Iterator[Finding]:
    """Find that only silence comes back; a refusal proves the way."""
    control, status = case.control, case.status
    if control is None or status is None or not control.is_down:
        return
    if is_silent(case):
        yield Finding(
            cause="monitor_blind",
            because="the monitor reaches none of its control addresses"
            " either: nothing is known of this server",
            facts=fact(control) + fact(status),
        )


def _late_loop(case: Case) -> Iterator[Finding]:
    """Find that we are late; what answered all the same is known."""
    bad = [look for look in case.looks.values() if look.is_bad]
    if case.loop_lag >= LATE_LOOP and bad:
        yield Finding(
            cause="monitor_blind",
            because=f"the monitor itself was {case.loop_lag:.0f} s late: what"
            " it measured of this server is not certain",
            facts=tuple(one for look in bad for one in fact(look)),
        )


RULES: tuple[Rule, ...] = (_no_network, _late_loop)
