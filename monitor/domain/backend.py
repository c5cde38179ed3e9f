"""What the StoryCanvas backend says of a server, and what that means.

Both of its APIs answer 200 when the FaceFusion server is offline, so the
body decides (facts/facefusion.md §5.1): `is_online` in the legacy one,
`online` in v1. Whatever goes wrong here is at most degraded: the server
itself is judged by its own status.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from monitor.domain.answer import Answer, NoAnswer, Phases
from monitor.domain.errors import CannotReach, Unreadable
from monitor.domain.health import Health
from monitor.domain.page import error_page
from monitor.domain.quote import quote
from monitor.domain.trouble import message

APIS = ("v1", "legacy")
"""In the order in which they are tried; legacy is deprecated there."""
_ONLINE = {"v1": "online", "legacy": "is_online"}
_NO_ROUTE = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}
_NO_ROUTE_SAYS = {"not found", "method not allowed"}
_REFUSALS = {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}
_CREDENTIALS = {401, 403, 407}
_SERVER_ERRORS = range(500, 600)
_REDIRECTS = range(300, 400)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendReading:
    """One look through the backend.

    `api` is `legacy` or `v1`. `online` is what the body says of the
    FaceFusion server, None when it does not say. `code` is the HTTP status
    of the answer, None without one.
    """

    api: str
    online: bool | None = None
    code: int | None = None
    phases: Phases = field(default_factory=Phases)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one look through the backend means.

    `reason` is empty when the server is online there, a word of
    `CannotReach` when the backend gave no answer, else one of: offline,
    no_such_api, not_found, request_refused, credentials, redirect,
    unavailable, backend_error, status_code, error_page, bad_body.
    """

    health: Health
    because: str
    reason: str
    reading: BackendReading


def speaks(api: str, answer: Answer) -> bool:
    """Return whether nothing in a status answer speaks against this API.

    A missing route, a page and the other API's words do. A failure does
    not: it does not make the backend another one.
    """
    if answer.code == HTTPStatus.OK:
        return is_certain(api, answer)
    return not _has_no_route(answer)


def is_certain(api: str, answer: Answer) -> bool:
    """Return whether a status answer can only come from this API."""
    return _online(api, _fields(answer)) is not None


def judge_answer(api: str, answer: Answer) -> Verdict:
    """Return what a status answer means, for any code and any bytes."""
    fields = _fields(answer)
    online = _online(api, fields) if answer.code == HTTPStatus.OK else None
    health, reason, because = (
        _flaw_of_code(answer, fields)
        or _flaw_of_body(api, answer, fields)
        or (
            Health.HEALTHY,
            "",
            _praise(api, answer),
        )
    )
    return Verdict(
        health=health,
        because=because,
        reason=reason,
        reading=BackendReading(
            api=api, online=online, code=answer.code, phases=answer.phases
        ),
    )


def _praise(api: str, answer: Answer) -> str:
    took = f"in {answer.duration:.3f} s"
    return f"the backend ({api}) says that the server is online, {took}"


def judge_silence(api: str, error: CannotReach) -> Verdict:
    """Return what it means that the backend gave no usable answer.

    Reason `failed` is our own fault, which tells nothing about it.
    """
    ours = error.reason == "failed"
    phases = error.phases if isinstance(error, NoAnswer) else Phases()
    return Verdict(
        health=Health.UNKNOWN if ours else Health.DEGRADED,
        because=f"no answer from the backend: {error}",
        reason=error.reason,
        reading=BackendReading(api=api, phases=phases),
    )


_Flaw = tuple[Health, str, str]
"""The health, the reason and the sentence that says it."""


def _flaw_of_code(
    answer: Answer, fields: Mapping[str, object]
) -> _Flaw | None:
    if answer.code == HTTPStatus.OK:
        return None
    if _has_no_route(answer):
        return _degraded(
            "no_such_api",
            f"answered {answer.code}: it has no such API; check that"
            " backend.url is a StoryCanvas backend, and backend.api",
        )
    said = f"answered {answer.code}{words(fields)}"
    if answer.code in _REFUSALS:
        because = (
            f"the backend {said}: it refuses how we ask; its API may be of"
            " another version, set backend.api"
        )
        return Health.UNKNOWN, "request_refused", because
    return _degraded(*_named(answer, said))


def _named(answer: Answer, said: str) -> tuple[str, str]:
    match answer.code:
        case HTTPStatus.NOT_FOUND:
            return "not_found", f"{said}: check the character and the image"
        case HTTPStatus.SERVICE_UNAVAILABLE:
            return "unavailable", f"{said}: it cannot serve now; see its log"
        case code if code in _SERVER_ERRORS:
            return "backend_error", f"{said}: it failed itself; see its log"
        case code if code in _CREDENTIALS:
            return "credentials", f"{said}: something before it wants some"
        case code if code in _REDIRECTS and answer.location:
            where = quote(answer.location)
            return "redirect", (
                f"{said}, a redirect to {where}: set backend.url to where"
                " the API is"
            )
        case _:
            return "status_code", f"{said}: only 200 carries its answer"


def _flaw_of_body(
    api: str, answer: Answer, fields: Mapping[str, object]
) -> _Flaw | None:
    online = _online(api, fields)
    if online:
        return None
    if online is False:
        return _degraded(
            "offline",
            f"({api}) says that the server is offline{words(fields)}:"
            " check the way from the backend to it",
        )
    if (page := error_page(answer, fields or None)) is not None:
        return _degraded("error_page", f'answered 200 with a page ("{page}")')
    return _degraded(
        "bad_body",
        f"answered 200, but without a true or false {_ONLINE[api]}:"
        " check backend.url and backend.api",
    )


def _degraded(reason: str, what: str) -> _Flaw:
    return Health.DEGRADED, reason, f"the backend {what}"


def _has_no_route(answer: Answer) -> bool:
    """Tell a path that is not there from a thing that is not there.

    Starlette says `{"detail": "Not Found"}` for the first, the backend
    names what it did not find for the second.
    """
    if answer.code not in _NO_ROUTE:
        return False
    said = _fields(answer).get("detail")
    if isinstance(said, str):
        return said.strip().lower() in _NO_ROUTE_SAYS
    return not isinstance(said, dict)


def _online(api: str, fields: Mapping[str, object]) -> bool | None:
    said = fields.get(_ONLINE[api])
    return said if isinstance(said, bool) else None


def _fields(answer: Answer) -> Mapping[str, object]:
    try:
        parsed = answer.json()
    except Unreadable:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def words(fields: Mapping[str, object]) -> str:
    """Return what the backend tells people, as ` ("words")`.

    Its errors are `{"detail": {"error": "words", …}}`, or a plain text.
    """
    detail = fields.get("detail")
    return message(detail if isinstance(detail, dict) else fields)
