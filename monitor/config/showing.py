"""Settings as plain data, for people and for `config show`."""

from typing import Any

from monitor.config.sections.settings import Settings
from monitor.config.values.refusal import Loc
from monitor.config.values.url import without_password

MASK = "***"

Plain = dict[str, Any]


def show(settings: Settings) -> Plain:
    """Return the effective settings, defaults included.

    Durations are written as in the file. What came from `${NAME}` is `***`,
    also where another setting took it over, and so is the password in
    `state.url`.
    """
    plain = settings.model_dump(mode="json", by_alias=True)
    secrets = {str(_mask(plain, loc)) for loc in settings.secret}
    plain["state"]["url"] = without_password(plain["state"]["url"])
    _mask_copies(plain, secrets)
    return plain


def _mask(plain: Plain, loc: Loc) -> object:
    """Mask one setting and return what it was."""
    *way, last = loc
    around: Any = plain
    for step in way:
        around = around[step]
    before: object = around[last]
    around[last] = MASK
    return before


def _mask_copies(around: Plain | list[Any], secrets: set[str]) -> None:
    places: Any = (
        around.items() if isinstance(around, dict) else enumerate(around)
    )
    for step, value in list(places):
        if isinstance(value, dict | list):
            _mask_copies(value, secrets)
        elif isinstance(value, str) and value in secrets:
            around[step] = MASK
