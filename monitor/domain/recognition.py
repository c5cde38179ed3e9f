"""Which dialect a server looks like, by what it answers to three questions.

Sources: the guide for rest, facts/facefusion.md §1.4 (Gradio) and §1.5 (v4).
Nothing is guessed: a server that fits none is called by none.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from monitor.domain.answer import Answer
from monitor.domain.errors import Unreadable
from monitor.domain.health import Health
from monitor.domain.quote import quote
from monitor.domain.status import VERSION_LIMIT, judge_answer

QUESTIONS = {
    "rest": "/api/v1/status",
    "gradio": "/config",
    "v4": "/capabilities",
}
"""The path to ask, by the dialect that it would prove; all are read-only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What a server looks like; `dialect` is empty when like nothing known.

    `version` is what it calls itself, empty when it does not say.
    """

    dialect: str
    because: str
    version: str = ""


def recognise(answers: Mapping[str, Answer]) -> Recognised:
    """Return what a server looks like.

    `answers` holds them by the dialects of `QUESTIONS`; a question that was
    not answered is missing.
    """
    found = [
        seen
        for dialect, look in _LOOKS.items()
        if dialect in answers and (seen := look(answers[dialect]))
    ]
    if not found:
        return Recognised(dialect="", because=_nothing(answers))
    if _all_alike(answers):
        return Recognised(
            dialect="",
            because="it answers the same to whatever it is asked",
        )
    return found[0]


def _rest(answer: Answer) -> Recognised | None:
    """Take trouble that the body reports for an answer of the API."""
    verdict = judge_answer("rest", answer)
    if verdict.health is Health.HEALTHY:
        because = f"{QUESTIONS['rest']} answered 200"
    elif verdict.reason == "reports_trouble":
        because = f"{QUESTIONS['rest']} {verdict.because}"
    else:
        return None
    return Recognised(
        dialect="rest", because=because, version=verdict.reading.version
    )


def _gradio(answer: Answer) -> Recognised | None:
    fields = _fields(answer)
    if not {"version", "dependencies"} <= set(fields):
        return None
    return Recognised(
        dialect="gradio",
        because=f"{QUESTIONS['gradio']} is that of a Gradio page",
        version=_text(fields.get("title")),
    )


def _v4(answer: Answer) -> Recognised | None:
    if not {"formats", "arguments"} <= set(_fields(answer)):
        return None
    return Recognised(
        dialect="v4",
        because=f"{QUESTIONS['v4']} lists formats and arguments",
    )


_LOOKS: Mapping[str, Callable[[Answer], Recognised | None]] = {
    "rest": _rest,
    "gradio": _gradio,
    "v4": _v4,
}
"""In this order: the guide's API counts before what else is there."""


def _fields(answer: Answer) -> Mapping[str, object]:
    """Return the members of a JSON object that came with 200."""
    if answer.code != HTTPStatus.OK:
        return {}
    try:
        parsed = answer.json()
    except Unreadable:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _text(value: object) -> str:
    return quote(value, VERSION_LIMIT) if isinstance(value, str) else ""


def _all_alike(answers: Mapping[str, Answer]) -> bool:
    """Tell a server that says ok to everything; it proves nothing."""
    told = {(answer.code, answer.body) for answer in answers.values()}
    return len(answers) == len(QUESTIONS) and len(told) == 1


def _nothing(answers: Mapping[str, Answer]) -> str:
    told = [
        f"{path} answered {answers[dialect].code}"
        if dialect in answers
        else f"{path} gave no answer"
        for dialect, path in QUESTIONS.items()
    ]
    return f"it looks like nothing that we know: {', '.join(told)}"
