"""Wires what lies below and around HTTP: network, browsers, ourselves."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from monitor.config import Settings
from monitor.config.sections.targets import Target
from monitor.daemon.patience import patience_of
from monitor.domain.judgement import Patience
from monitor.domain.observation import CheckKey, Kind
from monitor.engine.check import Check
from monitor.ports import Clock, Net, Preflight
from monitor.probes.browser import BrowserProbe, Page
from monitor.probes.control import ControlProbe
from monitor.probes.network import NetworkProbe, Way

NETWORK = "network"
BROWSER = "browser"
CONTROL = "control"
CONTROL_INTERVAL = 10.0
"""Seconds. Shorter than a status interval: before servers are called down,
it must be known whether it is us. One TCP handshake costs nothing.
"""
CONTROL_TIMEOUT = 2.0
"""Seconds; the first lost SYN is sent again after one (RFC 6298 §2.1)."""
_CONTROL_PATIENCE = Patience(failures=2, successes=2, confirm_interval=1.0)
"""Faster than the three failures, 2 s apart, of a server's status."""
_JOB_PATHS = {
    "rest": "/api/v1/enhance-face",
    "auto": "/api/v1/enhance-face",
    "storycanvas": "/api/v1/facefusion/enhance-face",
}
"""What a page would POST to; pages of other dialects are their server's."""
_PORTS = {"http": 80, "https": 443}
_SLACK = 2.0
"""Seconds beyond a probe's own timeout before the watch cuts it off."""


def network_check(target: Target, clock: Clock, net: Net) -> Check:
    """Return the look at the way to a server."""
    key = CheckKey(kind=Kind.TARGET, subject=target.name, check=NETWORK)
    within = target.status.timeout
    probe = NetworkProbe(key, way_to(target.url), net, clock, within=within)
    return Check(
        key=key,
        kind=NETWORK,
        probe=probe,
        interval=target.status.interval,
        timeout=within,
        deadline=within + _SLACK,
        patience=patience_of(target),
    )


def browser_checks(
    target: Target, clock: Clock, http: Preflight
) -> Iterator[Check]:
    """Return the look with a browser's eyes, if a page is configured."""
    path = _JOB_PATHS.get(target.dialect)
    if target.browser is None or path is None:
        return
    key = CheckKey(kind=Kind.TARGET, subject=target.name, check=BROWSER)
    asked = target.status
    page = Page(origin=target.browser.origin, url=target.url + path)
    probe = BrowserProbe(key, page, http, clock, within=asked.timeout)
    yield Check(
        key=key,
        kind=BROWSER,
        probe=probe,
        interval=asked.interval,
        timeout=asked.timeout,
        deadline=asked.timeout + _SLACK,
        patience=patience_of(target),
    )


def control_check(settings: Settings, clock: Clock, net: Net) -> Check | None:
    """Return the look at the control addresses, None without any."""
    addresses = [(at.host, at.port) for at in settings.control_addresses]
    if not addresses:
        return None
    key = CheckKey(kind=Kind.MONITOR, subject="monitor", check=CONTROL)
    probe = ControlProbe(key, addresses, net, clock, within=CONTROL_TIMEOUT)
    return Check(
        key=key,
        kind=CONTROL,
        probe=probe,
        interval=CONTROL_INTERVAL,
        timeout=CONTROL_TIMEOUT,
        deadline=CONTROL_TIMEOUT + _SLACK,
        patience=_CONTROL_PATIENCE,
    )


def way_to(url: str) -> Way:
    """Return where an http or https address leads."""
    parts = urlsplit(url)
    return Way(
        host=parts.hostname or "",
        port=parts.port or _PORTS[parts.scheme],
        tls=parts.scheme == "https",
    )
