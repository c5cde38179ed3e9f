"""Alerts as Alertmanager tells them."""

from dataclasses import replace
from typing import Any

from monitor.domain.alerts.alert import Alert

HUNG = Alert(
    receiver="monitor",
    fingerprint="d4c1b2a390e87f65",
    started="2026-11-23T19:15:02.331Z",
    is_firing=True,
    name="FaceFusionPage",
    target="studio",
)
OVER = replace(HUNG, is_firing=False)


def other(number: int, of: Alert = HUNG, **more: Any) -> Alert:  # noqa: ANN401 - its fields
    """Return an alert with labels of its own."""
    return replace(of, fingerprint=f"{number:016x}", **more)


def told(alert: Alert = HUNG, **labels: str) -> dict[str, Any]:
    """Return an alert as it comes over the line."""
    return {
        "status": "firing" if alert.is_firing else "resolved",
        "labels": {
            "alertname": alert.name,
            "target": alert.target,
            "severity": "critical",
            **labels,
        },
        "annotations": {"summary": "studio hangs"},
        "startsAt": alert.started,
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://127.0.0.1:9090/graph?g0.expr=1",
        "fingerprint": alert.fingerprint,
    }


def notice(*alerts: Alert, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return a group of alerts as Alertmanager 0.25 posts it."""
    return {
        "version": "4",
        "groupKey": '{}/{severity="critical"}:{alertname="FaceFusionPage"}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "monitor",
        "groupLabels": {"alertname": "FaceFusionPage"},
        "commonLabels": {"alertname": "FaceFusionPage"},
        "commonAnnotations": {},
        "externalURL": "http://127.0.0.1:9093",
        "alerts": [told(one) for one in alerts],
        **more,
    }
