"""What the status endpoint said, and whether that means up.

The guide fixes only the code, 200; the body is free. But a 200 proves
little (DESIGN §2), so a body that is an error page, or that says itself that
the server is in trouble, is believed before the code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from monitor.domain.answer import Answer, NoAnswer, Phases
from monitor.domain.backend import APIS, is_certain
from monitor.domain.errors import CannotReach, Unreadable
from monitor.domain.health import Health
from monitor.domain.page import error_page
from monitor.domain.quote import quote
from monitor.domain.trouble import message, trouble

VERSION_LIMIT = 64
"""Characters of a version: it becomes a label."""
_QUEUE_LIMIT = 2**53
"""The integers that a metric holds exactly end here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReading:
    """One look at a FaceFusion server's status endpoint.

    `code` is None when no answer came. `version` is empty and `queue_size`
    None where the server does not tell. `recognised` is the dialect that the
    server looks like, asked when it answered 404 or 405; empty where nobody
    asked, and nobody asks yet, or where it looks like none that we know.
    """

    dialect: str
    code: int | None = None
    phases: Phases = field(default_factory=Phases)
    version: str = ""
    queue_size: int | None = None
    recognised: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one status look means.

    `reason` is empty when all is well, a word of `CannotReach` when no
    answer came, else one of: status_code, redirect, error_page, bad_body,
    reports_trouble.
    """

    health: Health
    because: str
    reason: str
    reading: StatusReading


def judge_answer(dialect: str, answer: Answer) -> Verdict:
    """Return what an answer means, for any code and any bytes."""
    parsed, broken = _parse(answer)
    fields = parsed if isinstance(parsed, dict) else {}
    reading = StatusReading(
        dialect=dialect,
        code=answer.code,
        phases=answer.phases,
        version=_version(fields),
        queue_size=_queue_size(fields),
    )
    reason, because = (
        _flaw_of_code(dialect, answer, fields)
        or _flaw_of_body(answer, parsed, broken)
        or _flaw_of_dialect(dialect, answer)
        or ("", f"answered 200 in {answer.duration:.3f} s")
    )
    return Verdict(
        health=Health.UNHEALTHY if reason else Health.HEALTHY,
        because=because,
        reason=reason,
        reading=reading,
    )


def judge_silence(dialect: str, error: CannotReach) -> Verdict:
    """Return what it means that no usable answer came.

    Reason `failed` is our own fault (no file descriptors, say), which tells
    nothing about the server.
    """
    ours = error.reason == "failed"
    phases = error.phases if isinstance(error, NoAnswer) else Phases()
    return Verdict(
        health=Health.UNKNOWN if ours else Health.UNHEALTHY,
        because=str(error),
        reason=error.reason,
        reading=StatusReading(dialect=dialect, phases=phases),
    )


_Flaw = tuple[str, str]
"""The reason and the sentence that says it."""


def _flaw_of_code(
    dialect: str, answer: Answer, fields: Mapping[str, object]
) -> _Flaw | None:
    if answer.code == HTTPStatus.OK:
        return None
    if answer.code in _REDIRECTS and answer.location:
        return "redirect", (
            f"answered {answer.code}, a redirect to {quote(answer.location)}: "
            "set the target's url to where the API is"
        )
    hint = _hint(dialect, answer.code)
    return "status_code", f"answered {answer.code}{message(fields)}: {hint}"


_REDIRECTS = range(300, 400)
_SERVER_ERRORS = range(500, 600)


def _hint(dialect: str, code: int) -> str:
    match code:
        case 404 | 405:
            return f"the server may speak another dialect than {dialect}"
        case 401 | 403 | 407:
            return "something before the API asks for credentials"
        case 429:
            return "the server, or a proxy, wants fewer requests"
        case 502 | 504:
            return "a proxy answers for a server that does not"
        case _ if code in _SERVER_ERRORS:
            return "the server cannot tell its own status; see its log"
        case _:
            return "only 200 means that the server is up"


def _flaw_of_body(answer: Answer, parsed: object, broken: str) -> _Flaw | None:
    if (page := error_page(answer, parsed)) is not None:
        return "error_page", (
            f'answered 200 with an error page ("{page}"): '
            "a proxy may be answering for a server that does not"
        )
    if broken and answer.claims_json and answer.body.strip():
        return "bad_body", f"answered 200, but we {broken}"
    if isinstance(parsed, dict) and (words := trouble(parsed)):
        return "reports_trouble", f"answered 200, but {words}"
    return None


def _flaw_of_dialect(dialect: str, answer: Answer) -> _Flaw | None:
    """Return a flaw of StoryCanvas, which answers 200 to everything."""
    if dialect != "storycanvas" or any(is_certain(a, answer) for a in APIS):
        return None
    return "bad_body", (
        "answered 200, but not that the server is online: check that the"
        " target's url is a StoryCanvas backend"
    )


def _parse(answer: Answer) -> tuple[object, str]:
    """Return the body as JSON, or None and why it is none."""
    try:
        return answer.json(), ""
    except Unreadable as error:
        return None, str(error)


def _version(fields: Mapping[str, object]) -> str:
    for name in ("facefusion_version", "version"):
        said = fields.get(name)
        if isinstance(said, str) and (version := quote(said, VERSION_LIMIT)):
            return version
    return ""


def _queue_size(fields: Mapping[str, object]) -> int | None:
    for name in ("queue_size", "queue"):
        said = fields.get(name)
        if type(said) is int and 0 <= said <= _QUEUE_LIMIT:
            return said
    return None
