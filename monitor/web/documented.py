"""What the OpenAPI says of routes beyond their own types."""

from typing import Any

from monitor.schemas.problem import Problem
from monitor.schemas.recovery import RefusedPlan
from monitor.web.problem import MEDIA_TYPE

Responses = dict[int | str, dict[str, Any]]

_MEANS = {
    400: "What was asked cannot be read.",
    401: "No token, or one that is not known.",
    403: "A token without the scope, or a change without tokens.",
    404: "There is none of that name.",
    409: "Not now: something else is under way.",
    413: "The request is too large.",
    415: "The body is of another type than declared.",
    422: "What was asked makes no sense.",
    429: "Too many requests; see Retry-After.",
    500: "An error of ours; it is in the log.",
    503: "Cannot answer at the moment.",
    504: "No answer in the time that was left.",
}
ALWAYS = (401, 403, 429, 500)
"""What every route of the API may answer."""


def problems(*codes: int) -> Responses:
    """Return the errors that a route declares, and those of every route."""
    return {code: error(code) for code in sorted({*codes, *ALWAYS})}


def error(code: int) -> dict[str, Any]:
    """Return what the OpenAPI says of one error."""
    ref = f"#/components/schemas/{Problem.__name__}"
    return {
        "description": _MEANS[code],
        "content": {MEDIA_TYPE: {"schema": {"$ref": ref}}},
    }


def or_refused_plan(responses: Responses) -> Responses:
    """Say that a conflict may carry what every gate said."""
    schema = RefusedPlan.model_json_schema(
        ref_template="#/components/schemas/{model}"
    )
    schema.pop("$defs")  # the documents of plans and problems bring them
    conflict = {
        "description": "A gate refuses, or what was planned holds no more.",
        "content": {MEDIA_TYPE: {"schema": schema}},
    }
    return {**responses, 409: conflict}
