"""Settings as plain data, for people and for `config show`."""

from collections.abc import Iterator
from typing import Any

from monitor.config.sections.settings import Settings
from monitor.config.values.refusal import Loc
from monitor.config.values.url import without_password

MASK = "***"

Plain = dict[str, Any]


def show(settings: Settings) -> Plain:
    """Return the effective settings, defaults included.

    Durations are written as in the file. What came from `${NAME}` is `***`,
    and so is the password in `state.url`.
    """
    plain = settings.model_dump(mode="json", by_alias=True)
    plain["state"]["url"] = without_password(plain["state"]["url"])
    for loc in [*settings.secret, *_taken_over(settings)]:
        _mask(plain, loc)
    return plain


def _taken_over(settings: Settings) -> Iterator[Loc]:
    """Yield what a jump has from a secret of its host."""
    for index, host in enumerate(settings.hosts):
        ssh, jump = host.ssh, host.ssh.jump
        for name in type(jump).model_fields if jump else ():
            taken = getattr(ssh, name) == getattr(jump, name)
            if taken and ("hosts", index, "ssh", name) in settings.secret:
                yield ("hosts", index, "ssh", "jump", name)


def _mask(plain: Plain, loc: Loc) -> None:
    """Mask one setting; below what is masked already nothing is left."""
    around: Any = plain
    for step in loc[:-1]:
        around = around[step]
        if around == MASK:
            return
    around[loc[-1]] = MASK
