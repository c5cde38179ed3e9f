"""Alertmanager's webhook, version 4, as far as it counts here."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from monitor.schemas.wire import Wire, WrittenAt

MOST_ALERTS = 50_000
"""Alerts in one notice."""
_TIME = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})$"
)
Text = Annotated[str, Field(max_length=1024)]


class _Told(BaseModel):
    """What Alertmanager sends; of what newer ones add nothing is needed."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class AlertmanagerAlert(_Told):
    """One alert. Its own status counts, never that of the group."""

    status: Literal["firing", "resolved"]
    labels: dict[str, str] = Field(
        description="`alertname` and `target` are looked at.",
        examples=[{"alertname": "FaceFusionPageCritical", "target": "studio"}],
    )
    started: str = Field(
        alias="startsAt",
        pattern=_TIME,
        description="When it began to fire, RFC 3339.",
        examples=["2026-11-23T19:15:02.331Z"],
    )
    fingerprint: str = Field(
        pattern=r"^[0-9a-f]{1,64}$",
        description="Alertmanager's name for its labels.",
        examples=["d4c1b2a390e87f65"],
    )


class AlertmanagerNotice(_Told):
    """A group of alerts."""

    version: Literal["4"] = Field(description="Of the webhook's format.")
    receiver: Text = Field(
        description="Name of the receiver that we are.",
        examples=["facefusion-monitor"],
    )
    truncated: int = Field(
        default=0,
        ge=0,
        alias="truncatedAlerts",
        description="How many alerts of the group were left out.",
    )
    alerts: tuple[AlertmanagerAlert, ...] = Field(
        max_length=MOST_ALERTS, strict=False
    )


class AlertsTaken(Wire):
    """What became of a notice: all of it is on the disk."""

    at: WrittenAt
    waiting: int = Field(
        description="Alerts that wait to be worked off, in a moment."
    )
    duplicates: int = Field(
        description="Alerts that were kept before: nothing is done twice."
    )
    resolved: int = Field(
        description="Alerts that are over: nothing is done for them."
    )
    truncated: int = Field(
        description="Alerts that were not in the notice: max_alerts is set."
    )
