"""How a JSON answer says itself that its server is in trouble.

The words are those of the wrappers people run (facts/facefusion.md §5);
"degraded" and "starting" are not among them: such a server answers.
"""

from collections.abc import Mapping

from monitor.domain.quote import quote

_STATES = ("status", "state", "health")
_BAD_STATES = {
    "critical",
    "dead",
    "down",
    "error",
    "fail",
    "failed",
    "failure",
    "offline",
    "unavailable",
    "unhealthy",
}
_MUST_NOT_BE_FALSE = ("is_online", "online", "success", "healthy", "ok")
_NO_ERROR = {"none", "null", "no", "false", "0", "ok"}


def trouble(fields: Mapping[str, object]) -> str:
    """Return how the fields of a body tell of trouble, empty for none."""
    for name in _STATES:
        said = fields.get(name)
        if isinstance(said, str) and said.strip().casefold() in _BAD_STATES:
            return f'{name} says "{quote(said)}"{message(fields)}'
    for name in _MUST_NOT_BE_FALSE:
        if fields.get(name) is False:
            return f"{name} is false{message(fields)}"
    if _is_error(fields.get("error")):
        return f"error is set{message(fields)}"
    return ""


def _is_error(said: object) -> bool:
    if isinstance(said, str):
        said = said.strip().casefold()
        return bool(said) and said not in _NO_ERROR
    return bool(said)


def message(fields: Mapping[str, object]) -> str:
    """Return what a body tells people, as ` ("words")`."""
    for name in ("error", "message", "detail"):
        said = fields.get(name)
        if isinstance(said, dict):
            said = said.get("message")
        if isinstance(said, str) and (words := quote(said)):
            return f' ("{words}")'
    return ""
