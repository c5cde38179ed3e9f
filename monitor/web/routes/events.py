"""`GET /api/v1/events`: what happens, as it happens."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse
from pydantic import Field
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from monitor.domain.observation import Kind
from monitor.outputs.events import Hub, Message
from monitor.schemas import events as wire
from monitor.schemas.wire import Asked, Wire
from monitor.web.auth import Gate, Token
from monitor.web.documented import Responses, problems
from monitor.web.problem import problem
from monitor.web.routes.targets import known
from monitor.web.serves import Api, Broke
from monitor.web.telling.events import Sender

HEARTBEAT = 15.0
"""Seconds of silence after which a comment is sent."""
RETRY = b"retry: 3000\n\n"
STILL_HERE = b": still here\n\n"
MODELS: dict[str, type[Wire]] = {
    "observation": wire.ObservationEvent,
    "transition": wire.TransitionEvent,
    "skipped": wire.SkippedEvent,
    "diagnosis": wire.DiagnosisEvent,
    "page": wire.PageEvent,
    "plan": wire.PlanEvent,
    "change": wire.ChangeEvent,
    "maintenance": wire.MaintenanceEvent,
    "reload": wire.ReloadEvent,
    "lost": wire.LostEvent,
}
_EVENT = {
    "type": "object",
    "required": ["event", "data"],
    "properties": {
        "event": {"type": "string", "enum": list(MODELS)},
        "id": {"type": "string"},
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {
                "oneOf": [
                    {"$ref": f"#/components/schemas/{model.__name__}"}
                    for model in MODELS.values()
                ]
            },
        },
    },
}
_DOCUMENTED: Responses = {
    200: {
        "description": (
            "Server-sent events; the data are JSON documents. `lost` comes "
            "when some could not be sent, a comment after 15 s of silence. "
            "Come back with Last-Event-ID."
        ),
        "content": {"text/event-stream": {"itemSchema": _EVENT}},
    }
}


class EventsAsked(Asked):
    """Which events."""

    target: str | None = Field(
        default=None, description="Only what concerns this target."
    )


class Listener(EventSourceResponse):
    """A stream that takes a seat while it lasts, or says there is none."""

    def __init__(self, hub: Hub, stream: AsyncIterator[bytes]) -> None:
        super().__init__(stream)
        self._hub = hub

    @override
    async def __call__(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if not self._hub.full:
            with self._hub.seat():
                await super().__call__(scope, receive, send)
            return
        refusal = problem(
            503,
            "cannot listen: too many listen already; try again in 30 s",
            headers={"Retry-After": "30"},
        )
        await refusal(scope, receive, send)


def router(api: Api, gate: Gate, broke: Broke) -> APIRouter:
    """Return the route; it needs the scope `read`."""
    routes = APIRouter(prefix="/api/v1/events", tags=["events"])
    read = Depends(gate.needs("read"))
    sender = Sender(api.hub.name, broke)

    @routes.get(
        "",
        summary="What happens, as it happens",
        response_class=StreamingResponse,  # each event is made once
        response_model=None,
        responses={**_DOCUMENTED, **problems(404, 503)},
    )
    async def events(
        by: Annotated[Token, read],
        asked: Annotated[EventsAsked, Query()],
        last_event_id: Annotated[
            str | None,
            Header(
                alias="Last-Event-ID",
                max_length=100,
                description="The last event that was received.",
            ),
        ] = None,
    ) -> Listener:
        if asked.target is not None:
            known(api, asked.target)
        listening = Listening(api.hub, sender, _wants(asked.target))
        return Listener(
            api.hub,
            listening.stream(last_event_id, lambda: gate.tokens.holds(by)),
        )

    return routes


def _wants(target: str | None) -> Callable[[Message], bool]:
    if target is None:
        return lambda _: True
    subject = (Kind.TARGET, target)
    return lambda message: (
        message.about is None
        or (message.about.kind, message.about.subject) == subject
    )


class Listening:
    """One listener's way through the hub's messages."""

    def __init__(
        self, hub: Hub, sender: Sender, wants: Callable[[Message], bool]
    ) -> None:
        self._hub = hub
        self._sender = sender
        self._wants = wants

    async def stream(
        self, last_id: str | None, allowed: Callable[[], bool]
    ) -> AsyncGenerator[bytes, None]:
        """Yield what happens until the hub closes or nobody may listen."""
        number, pending = self._begin(last_id)
        yield RETRY
        now = asyncio.get_running_loop().time
        sent_at = now()
        while allowed():
            messages, lost = self._hub.after(number)
            number = self._hub.last
            if lost:
                pending += self._sender.lost(lost, number - len(messages))
            pending += b"".join(
                message.rendered(self._sender)
                for message in messages
                if self._wants(message)
            )
            if not pending and now() - sent_at >= HEARTBEAT:
                pending = STILL_HERE
            if pending:
                yield pending
                pending, sent_at = b"", now()
            if self._hub.closed:
                return
            left = HEARTBEAT - (now() - sent_at)
            await self._hub.news(number, within=max(0.0, left))

    def _begin(self, last_id: str | None) -> tuple[int, bytes]:
        """Return where to begin, and what to say about what is lost."""
        if not last_id:
            return self._hub.last, b""
        number = self._sender.number(last_id)
        if number is None or number > self._hub.last:
            return self._hub.last, self._sender.lost(None, self._hub.last)
        return number, b""
