"""A server's certificate: whom it names, when it holds, who vouches for it.

Names are compared by RFC 9525 §6.3: a wildcard is a whole first label and
stands for one label; an address only matches an address entry; the common
name counts for nothing.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from monitor.domain.health import Health
from monitor.domain.quote import quote

DAY = 86_400.0
"""Seconds."""
SOON = 14 * DAY
"""Seconds before its end in which a certificate is about to expire.

Certbot 4.0 and Go's autocert renew when a third of the lifetime is left, 30
days of the usual 90: with 14 days left the renewal has failed for weeks.
"""
SOON_SHARE = 0.25
"""Share of its lifetime that is soon for a short-lived certificate.

Less than the third (half, below 10 days) with which certbot 4.0 renews, so
that one of 6 days is not called late for all its life.
"""
_SHOWN = 5
"""Names that a sentence lists."""
_LABELS_AFTER_WILDCARD = 2
"""OpenSSL refuses `*.com` too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """The certificate a server presents; times are Unix times in seconds.

    `names` are its DNS names, `addresses` its IP addresses. `flaw` says why
    a client that checks the chain would refuse it, empty when none would.
    """

    not_before: float
    not_after: float
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    flaw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a certificate means: `reason` is empty when all is well."""

    health: Health
    reason: str
    because: str


def judge_certificate(
    certificate: Certificate, host: str, now: float
) -> Finding:
    """Return what clients of `host` will think of its certificate.

    Reasons are tls_expired, tls_not_yet_valid, tls_name, tls_untrusted and,
    degraded, tls_expiring.
    """
    left = certificate.not_after - now
    if left < 0:
        return _bad("tls_expired", f"expired {_span(-left)} ago: renew it")
    if now < certificate.not_before:
        wait = _span(certificate.not_before - now)
        return _bad(
            "tls_not_yet_valid",
            f"is only valid in {wait}: check the clocks here and there",
        )
    if not names_host(certificate, host):
        return _bad(
            "tls_name",
            f"is for {_whom(certificate)}, not for {quote(host)}: use one of"
            " its names in the target's url, or have this one added",
        )
    if certificate.flaw:
        return _bad(
            "tls_untrusted",
            f"is not trusted: {quote(certificate.flaw)}; send the whole"
            " chain, or add its CA to this machine's",
        )
    return _good(certificate, left)


def names_host(certificate: Certificate, host: str) -> bool:
    """Return whether the certificate is one for `host`."""
    address = _address(host)
    if address is not None:
        return any(address == _address(ip) for ip in certificate.addresses)
    wanted = _labels(host)
    return any(_matches(_labels(name), wanted) for name in certificate.names)


def _good(certificate: Certificate, left: float) -> Finding:
    lifetime = certificate.not_after - certificate.not_before
    if left <= min(SOON, lifetime * SOON_SHARE):
        return Finding(
            health=Health.DEGRADED,
            reason="tls_expiring",
            because=f"the certificate expires in {_span(left)}: renew it, "
            "and see why nothing did",
        )
    because = f"the certificate is valid for {_span(left)}"
    return Finding(health=Health.HEALTHY, reason="", because=because)


def _bad(reason: str, what: str) -> Finding:
    because = f"the certificate {what}"
    return Finding(health=Health.UNHEALTHY, reason=reason, because=because)


_Ip = ipaddress.IPv4Address | ipaddress.IPv6Address


def _address(text: str) -> _Ip | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _labels(name: str) -> list[str]:
    return name.lower().removesuffix(".").split(".")


def _matches(pattern: list[str], wanted: list[str]) -> bool:
    if "" in wanted:
        return False
    if pattern[0] != "*":
        return pattern == wanted
    after = pattern[1:]
    return len(after) >= _LABELS_AFTER_WILDCARD and after == wanted[1:]


def _whom(certificate: Certificate) -> str:
    return listed((*certificate.names, *certificate.addresses)) or "nobody"


def listed(names: Iterable[str]) -> str:
    """Return the first few names, fit to be shown."""
    known = list(names)
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return ", ".join(quote(name, 80) for name in known[:_SHOWN]) + more


def _span(seconds: float) -> str:
    """Return a length of time in days, below two days in hours."""
    if seconds < 2 * DAY:
        return f"{seconds / 3600:.0f} h"
    return f"{seconds / DAY:.0f} days"
