"""Events as they are sent, in the form of server-sent events."""

from dataclasses import dataclass
from typing import Literal

from fastapi.sse import format_sse_event

from monitor.domain.maintenance import Window
from monitor.domain.observation import CheckKey
from monitor.engine.events import (
    ChangeTold,
    Diagnosed,
    Looked,
    Paged,
    PageEnded,
    PlanTold,
    Rewired,
    Skipped,
)
from monitor.outputs.events import (
    Message,
    change_of,
    diagnosis_of,
    page_of,
    plan_of,
)
from monitor.schemas import events as wire
from monitor.schemas.wire import Wire, utc
from monitor.web.serves import Broke
from monitor.web.telling.checks import (
    tell_seen,
    tell_skip,
    tell_transition,
)
from monitor.web.telling.diagnosis import tell_diagnosis
from monitor.web.telling.pages import tell_page
from monitor.web.telling.recovery import tell_change, tell_plan
from monitor.web.telling.windows import tell_window


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """Planned work was started or ended."""

    change: Literal["started", "ended"]
    window: Window


class Sender:
    """Renders the messages of the hub that has this name."""

    def __init__(self, name: str, broke: Broke) -> None:
        self._name = name
        self._broke = broke

    def __call__(self, message: Message) -> bytes:
        """Return a message as it is sent.

        One that cannot be told is reported and left out: the others are
        for listeners all the same.
        """
        try:
            return self._told(message)
        except Exception as error:  # noqa: BLE001 - no stream ends for one
            self._broke(f"tell the event {self._name}-{message.number}", error)
            return b""

    def _told(self, message: Message) -> bytes:
        return format_sse_event(
            data_str=_document(message).model_dump_json(),
            event=message.kind,
            id=f"{self._name}-{message.number}",
        )

    def number(self, last_id: str) -> int | None:
        """Return the number of an id of ours, None for another run's."""
        name, _, number = last_id.rpartition("-")
        if name != self._name or not number.isdecimal():
            return None
        return int(number[:18])

    def lost(self, events: int | None, number: int) -> bytes:
        """Return the notice that events were lost, as it is sent."""
        because = (
            "the monitor was restarted"
            if events is None
            else "you were too slow, or away for too long"
        )
        return format_sse_event(
            data_str=wire.LostEvent(
                events=events, because=because
            ).model_dump_json(),
            event="lost",
            id=f"{self._name}-{number}",
        )


def _document(message: Message) -> Wire:
    what, at = message.what, message.at
    if isinstance(what, Looked):
        return _looked(what, message.kind, at)
    if isinstance(what, Skipped):
        return wire.SkippedEvent(
            **_about(what.check.key),
            at=utc(at),
            skipped=tell_skip(what, at),
        )
    return _concluded(what, at) or _of_everybody(what, at)


def _concluded(what: object, at: float) -> Wire | None:
    """Return what we made of it, or did about it; None for the rest."""
    if isinstance(what, Diagnosed):
        return _diagnosed(what, at)
    if isinstance(what, Paged | PageEnded):
        return _paged(what, at)
    if isinstance(what, PlanTold):
        return _planned(what, at)
    if isinstance(what, ChangeTold):
        return _changed(what, at)
    return None


def _of_everybody(what: object, at: float) -> Wire:
    if isinstance(what, Planning):
        return wire.MaintenanceEvent(
            at=utc(at),
            change=what.change,
            maintenance=tell_window(what.window, at),
        )
    if isinstance(what, Rewired):
        return wire.ReloadEvent(
            at=utc(at),
            gone_targets=what.targets,
            gone_hosts=what.hosts,
            renewed_checks=len(what.checks),
        )
    raise TypeError(what)


def _diagnosed(changed: Diagnosed, at: float) -> Wire:
    return wire.DiagnosisEvent(
        **_about(diagnosis_of(changed.target)),
        at=utc(at),
        before=changed.before.cause,
        before_health=changed.before.health,
        diagnosis=tell_diagnosis(changed.after, at),
        maintenance=changed.maintenance,
    )


def _paged(paged: Paged | PageEnded, at: float) -> Wire:
    return wire.PageEvent(
        **_about(page_of(paged.page.target)),
        at=utc(at),
        change="began" if isinstance(paged, Paged) else "ended",
        page=tell_page(paged.page, at),
    )


def _planned(told: PlanTold, at: float) -> Wire:
    return wire.PlanEvent(
        **_about(plan_of(told.record.plan.aim.target)),
        at=utc(at),
        plan=tell_plan(told.record, at),
    )


def _changed(told: ChangeTold, at: float) -> Wire:
    return wire.ChangeEvent(
        **_about(change_of(told.change.target)),
        at=utc(at),
        before=told.before,
        change=tell_change(told.change, at),
    )


def _looked(looked: Looked, kind: str, at: float) -> Wire:
    about = _about(looked.check.key)
    if kind == "transition" and looked.changed is not None:
        return wire.TransitionEvent(
            **about,
            at=utc(at),
            transition=tell_transition(looked.changed, at),
            maintenance=looked.maintenance,
        )
    return wire.ObservationEvent(
        **about,
        at=utc(at),
        observation=tell_seen(looked.seen, at),
        health=looked.track.health,
        maintenance=looked.maintenance,
    )


def _about(key: CheckKey) -> dict[str, str]:
    return {"kind": key.kind, "subject": key.subject, "check": key.check}
