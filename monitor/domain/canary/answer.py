"""What a server answers to a job: an output's path, or why there is none.

The guide's contract (facts/facefusion.md §5.1): success is 200 and a JSON
object whose `output_path` is a non-empty string. Everything else failed.
"""

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus

from monitor.domain.answer import Answer
from monitor.domain.canary import paths, verdict
from monitor.domain.canary.verdict import Verdict
from monitor.domain.errors import Unreadable
from monitor.domain.page import error_page
from monitor.domain.quote import quote

LARGEST = 1 << 20
"""Bytes of an answer; a path needs a few hundred."""

_SERVER_ERRORS = range(500, 600)
_REJECTED = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}
_WORDY = ("error", "message", "detail", "msg", "reason", "status")
_DECLINED = re.compile(
    r"\bnsfw\b|\bdeclined\b|content[ _-]?analy[sz]er"
    r"|\b(?:content|image)\b[^.]{0,40}\b(?:rejected|blocked|not allowed)\b",
    re.IGNORECASE,
)
_A_PATH = re.compile(r"\S*[/\\]\S*")
_HEAD = 4096
"""Bytes of a text that is not JSON in which its words are looked for."""
_DEEP = 4
"""Levels of an error object in which words are looked for."""


def read(answer: Answer) -> str | Verdict:
    """Return where the output is, or the verdict on a job that failed."""
    if len(answer.body) > LARGEST:
        return _failed(answer, "bad_body", f"more than {LARGEST} bytes")
    parsed, broken = _parse(answer)
    page = error_page(answer, parsed)
    if answer.code == HTTPStatus.OK and isinstance(parsed, dict):
        path = parsed.get("output_path")
        if path and not str(path).isspace():
            return _usable(answer, path)
    words = _words(parsed, answer, page)
    if page is None and _DECLINED.search(_A_PATH.sub(" ", words)):
        return verdict.declined(
            f"the server declined our image{_quoted(words)}: "
            "set another input for this canary"
        )
    if answer.code == HTTPStatus.OK:
        return _empty(answer, page, broken, words)
    return _refused(answer, words)


def _usable(answer: Answer, path: object) -> str | Verdict:
    if isinstance(path, str) and paths.flaw(path) is None:
        return path
    why = paths.flaw(path) if isinstance(path, str) else "it is no text"
    return _failed(answer, "bad_body", f"an output_path we cannot use: {why}")


def _empty(
    answer: Answer, page: str | None, broken: str, words: str
) -> Verdict:
    """Return the verdict on a 200 without an output."""
    if page is not None:
        return _failed(answer, "error_page", f'an error page ("{page}")')
    if broken:
        return _failed(answer, "bad_body", f"no JSON: we {broken}")
    return _failed(
        answer, "processing_failed", f"no output_path{_quoted(words)}"
    )


def _refused(answer: Answer, words: str) -> Verdict:
    said = f"answered {answer.code}{_quoted(words)}"
    if answer.code in _SERVER_ERRORS:
        return verdict.failed("processing_failed", said)
    if answer.code in _REJECTED:
        return verdict.rejected(
            f"{said}: check the canary's files, its input and the dialect"
        )
    if answer.location:
        said += f", a redirect to {quote(answer.location)}"
    return verdict.failed("unexpected_code", said)


def _failed(answer: Answer, reason: str, what: str) -> Verdict:
    return verdict.failed(reason, f"answered {answer.code} with {what}")


def _parse(answer: Answer) -> tuple[object, str]:
    """Return the body as JSON, or None and why it is none."""
    try:
        return answer.json(), ""
    except Unreadable as error:
        return None, str(error)


def _words(parsed: object, answer: Answer, page: str | None) -> str:
    """Return what the answer tells people, empty when nothing."""
    if page is not None:
        return page
    if parsed is None:
        return quote(answer.body[:_HEAD].decode(errors="replace"))
    return quote("; ".join(_texts(parsed, _DEEP)))


def _texts(said: object, deep: int) -> Iterator[str]:
    if isinstance(said, str):
        yield said
    elif deep and isinstance(said, list):
        for item in said[:_DEEP]:
            yield from _texts(item, deep - 1)
    elif deep and isinstance(said, Mapping):
        for name in _WORDY:
            yield from _texts(said.get(name), deep - 1)


def _quoted(words: str) -> str:
    return f': "{words}"' if words else ""
