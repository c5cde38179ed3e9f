"""`/api/v1/alerts`: Alertmanager's webhook.

Alertmanager 0.25 tries again what it gets a 5xx for, and says an alert again
whatever it gets (facts/recovery.md §4.1): so what could not be kept is a 503,
and everything else that can be read is a 202.
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from typing_extensions import override

from monitor.domain.alerts.alert import Alert, Outcome
from monitor.domain.quote import quote
from monitor.schemas.alerts import (
    AlertmanagerAlert,
    AlertmanagerNotice,
    AlertsTaken,
)
from monitor.schemas.wire import utc
from monitor.web.auth import Token, Tokens, needs
from monitor.web.documented import problems
from monitor.web.guarded import GuardedRoute
from monitor.web.idempotency import IdempotencyKey, Once
from monitor.web.serves import Api, Takes

PATH = "/api/v1/alerts"
LONGEST = 256
"""Characters of a label that are kept: no name that is configured has more."""


class NoticeRoute(GuardedRoute):
    """A route that says 400 for what it cannot read.

    To Alertmanager another 4xx may be a reason to try again at once.
    """

    @override
    def get_route_handler(
        self,
    ) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        answer = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await answer(request)
            except RequestValidationError as error:
                raise HTTPException(400, _unreadable(error)) from error

        return answered


def router(api: Api, takes: Takes, tokens: Tokens, once: Once) -> APIRouter:
    """Return the route. A token that is good is never told to slow down."""
    routes = APIRouter(tags=["alerts"], route_class=NoticeRoute)
    alerts = Depends(needs("alerts", tokens))

    @routes.post(
        PATH,
        summary="Alertmanager's webhook: kept now, worked off afterwards",
        status_code=202,
        response_model=AlertsTaken,
        responses=problems(400, 409, 413, 503),
    )
    async def take(
        request: Request,
        notice: AlertmanagerNotice,
        by: Annotated[Token, alerts],
        key: IdempotencyKey = None,
    ) -> Response:
        async def work() -> Response:
            came = await takes.take(
                tuple(_alert(notice.receiver, one) for one in notice.alerts)
            )
            told = AlertsTaken(
                at=utc(api.clock.now()),
                waiting=came.count(None),
                duplicates=came.count(Outcome.DUPLICATE),
                resolved=came.count(Outcome.RESOLVED),
                truncated=notice.truncated,
            )
            return Response(
                told.model_dump_json(), 202, media_type="application/json"
            )

        return await once(request, by, key, work)

    return routes


def _alert(receiver: str, told: AlertmanagerAlert) -> Alert:
    return Alert(
        receiver=receiver,
        fingerprint=told.fingerprint,
        started=told.started,
        is_firing=told.status == "firing",
        name=_label(told, "alertname"),
        target=_label(told, "target"),
    )


def _label(told: AlertmanagerAlert, name: str) -> str:
    """Return a label as UTF-8 can say it: JSON may name half a character."""
    said = told.labels.get(name, "")[:LONGEST]
    return said.encode(errors="replace").decode()


def _unreadable(error: RequestValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(one) for one in first["loc"][1:]) or "the body"
    return (
        f"cannot read these alerts: {quote(place)}: {first['msg']}; this is"
        " for version 4 of Alertmanager's webhook"
    )
