"""What an answer of the daemon means: a document, or why there is none."""

from http import HTTPStatus
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from monitor.client.errors import (
    ClientError,
    NotAllowed,
    NotOurs,
    PlanRefused,
    Refused,
    Unknown,
)
from monitor.domain.quote import quote
from monitor.schemas.problem import Problem
from monitor.schemas.recovery import RefusedPlan

Document = TypeVar("Document", bound=BaseModel)

_LONGEST = 500
"""Characters of a detail that we repeat."""
_MOST_FLAWS = 5
_BY = "--token-file or FACEFUSION_MONITOR_TOKEN_FILE"
_REDIRECTS = range(300, 400)


def read(url: str, data: bytes, model: type[Document]) -> Document:
    """Return the document. Raises `NotOurs` when it is another."""
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "it"
        raise NotOurs(
            f"cannot understand the answer of {url}: {quote(where)}:"
            f" {quote(first['msg'])}; is it a facefusion-monitor, and of"
            " the version of this command?"
        ) from None


def refusal(
    url: str, code: int, media_type: str, data: bytes, location: str = ""
) -> ClientError:
    """Return what an answer means that is no success."""
    said = _said(media_type, data)
    if code == HTTPStatus.UNAUTHORIZED:
        return NotAllowed(
            f"{said or f'cannot use {url}: it wants a token'};"
            f" name a file with a token by {_BY}"
        )
    if code == HTTPStatus.FORBIDDEN:
        return NotAllowed(
            f"{said or f'cannot use {url}: the token does not allow it'};"
            f" name one that may by {_BY}"
        )
    if said:
        if code == HTTPStatus.NOT_FOUND:
            return Unknown(said)
        return _refused(said, code, data)
    return _strange(url, code, location)


def _refused(said: str, code: int, data: bytes) -> Refused:
    """Return a refusal, with what the gates say where they do."""
    try:
        plan = RefusedPlan.model_validate_json(data)
    except ValidationError:
        return Refused(said, code=code)
    if not plan.gates:
        return Refused(said, code=code)
    return PlanRefused(
        said,
        code=code,
        steps=plan.steps,
        gates=plan.gates,
        by_hand=plan.by_hand,
    )


def _strange(url: str, code: int, location: str) -> NotOurs:
    if code in _REDIRECTS and location:
        return NotOurs(
            f"cannot use {url}: it answers with a redirect to"
            f" {quote(location)}; set --url to where the daemon is"
        )
    return NotOurs(
        f"cannot use {url}: it answers {code} as no facefusion-monitor does;"
        " set --url or FACEFUSION_MONITOR_URL to where the daemon is"
    )


def _said(media_type: str, data: bytes) -> str:
    """Return the detail of a problem document, empty for anything else."""
    if media_type != "application/problem+json":
        return ""
    try:
        problem = Problem.model_validate_json(data)
    except ValidationError:
        return ""
    detail = quote(problem.detail, _LONGEST)
    if not detail.startswith("cannot"):
        detail = f"cannot do that: {detail}"
    flaws = [
        quote(f"{flaw.at}: {flaw.because}" if flaw.at else flaw.because)
        for flaw in problem.errors[:_MOST_FLAWS]
    ]
    return "; ".join([detail, *flaws])
