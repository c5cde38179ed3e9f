"""Errors as RFC 9457 problem documents."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from monitor.domain.errors import CannotStore, NotConfigured, Superseded
from monitor.domain.maintenance import CannotPlan
from monitor.domain.recovery.change import NotPossible
from monitor.domain.recovery.refusal import (
    CannotLook,
    NotYours,
    PlanOver,
    RefusedPlan,
    UnknownRequest,
    WrongConfirmation,
)
from monitor.schemas import recovery
from monitor.schemas.problem import Flaw, Problem
from monitor.web.telling.recovery import shown, tell_gates

MEDIA_TYPE = "application/problem+json"
_METHODS = ("DELETE", "GET", "POST")
_MOST_FLAWS = 100
"""Flaws that one answer lists."""
_CODES: Mapping[type[Exception], int] = {
    NotConfigured: 404,
    CannotPlan: 409,  # it depends on what is configured and on the time
    CannotStore: 503,
    CannotLook: 503,
    UnknownRequest: 404,
    RefusedPlan: 409,
    PlanOver: 409,
    NotPossible: 409,
    Superseded: 409,
    NotYours: 403,
    WrongConfirmation: 422,
}


_HELPS: Mapping[int, str] = {
    404: "there is no such path here; /docs has them all",
    405: "not by this method; the header Allow has those of this path",
}
"""What helps where the framework itself refuses, which only names the code."""


class Flawed(HTTPException):
    """A refusal with several reasons."""

    def __init__(
        self, status_code: int, detail: str, flaws: Iterable[Flaw]
    ) -> None:
        super().__init__(status_code, detail)
        self.flaws = tuple(flaws)[:_MOST_FLAWS]


def problem(
    code: int,
    detail: str,
    *,
    flaws: Iterable[Flaw] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a problem document."""
    document = Problem(
        title=HTTPStatus(code).phrase,
        status=code,
        detail=_sendable(detail),
        errors=tuple(flaws),
    )
    return _answer(document, headers or {})


def _answer(document: Problem, headers: Mapping[str, str]) -> Response:
    return Response(
        document.model_dump_json(),
        document.status,
        dict(headers),
        media_type=MEDIA_TYPE,
    )


async def as_problem(request: Request, error: Exception) -> Response:
    """Answer an error of HTTP, or one of ours, as a problem document."""
    if isinstance(error, RequestValidationError):
        return _invalid(request, error)
    if isinstance(error, RefusedPlan):
        return _refused(error)
    if not isinstance(error, HTTPException):
        return problem(_CODES[type(error)], str(error))
    code, detail = error.status_code, error.detail
    headers = dict(error.headers or {})
    if code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = _allowed(request)
    if not detail.startswith("cannot"):
        why = _HELPS.get(code, detail)
        detail = f"cannot answer {_asked(request)}: {why}"
    flaws = error.flaws if isinstance(error, Flawed) else ()
    return problem(code, detail, flaws=flaws, headers=headers)


HANDLED = (RequestValidationError, HTTPException, *_CODES)
"""What `as_problem` answers."""


def _sendable(text: str) -> str:
    """Return a text as UTF-8 can say it: JSON may name half a character."""
    return text.encode(errors="replace").decode()


def _asked(request: Request) -> str:
    return f"{request.method} {request.url.path}"


def _allowed(request: Request) -> str:
    """Return every method of a path: it may have several routes."""
    allowed = {
        method
        for method in _METHODS
        for route in request.app.routes
        if route.matches({**request.scope, "method": method})[0] is Match.FULL
    }
    if "GET" in allowed and request.method != "HEAD":
        allowed.add("HEAD")  # it is GET then, wherever it is not refused
    return ", ".join(sorted(allowed))


def _refused(error: RefusedPlan) -> Response:
    """Say what would have been done, and what every gate says of it."""
    code = _CODES[RefusedPlan]
    document = recovery.RefusedPlan(
        title=HTTPStatus(code).phrase,
        status=code,
        detail=_sendable(str(error)),
        steps=tuple(map(shown, error.steps)),
        gates=tell_gates(error.gates),
        by_hand=tuple(map(shown, error.by_hand)),
    )
    return _answer(document, {})


def _invalid(request: Request, error: RequestValidationError) -> Response:
    flaws = [
        Flaw(
            at=_sendable(".".join(map(str, found["loc"]))),
            because=_sendable(found["msg"].removeprefix("Value error, ")),
        )
        for found in error.errors()[:_MOST_FLAWS]
    ]
    broken = any(f["type"] == "json_invalid" for f in error.errors())
    said = "; ".join(f"{f.at}: {f.because}" for f in flaws[:3])
    return problem(
        400 if broken else 422,
        f"cannot accept {_asked(request)}: {said}",
        flaws=flaws,
    )
