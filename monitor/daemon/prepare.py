"""What follows a new configuration beside the house."""

from collections.abc import Callable, Sequence

from monitor.config import Settings, without_effect
from monitor.daemon.reload import Prepare
from monitor.daemon.tokens import read_tokens
from monitor.outputs import log
from monitor.web.auth import Tokens

_AT_START = ("server.listen", "state")
"""Settings that are looked at once. With `server.tls`, whether there is any:
other files are followed."""


def follow_tokens(tokens: Tokens) -> Prepare:
    """Put the tokens of a new configuration in force."""

    def ready(settings: Settings) -> Callable[[], Sequence[str]]:
        known = read_tokens(settings)

        def put() -> Sequence[str]:
            tokens.replace(known)
            return ()

        return put

    return ready


def follow_log() -> Prepare:
    """Log as a new configuration says."""

    def ready(settings: Settings) -> Callable[[], Sequence[str]]:
        def put() -> Sequence[str]:
            log.set_up(settings.log.level, settings.log.format)
            return ()

        return put

    return ready


def warn(base: Settings) -> Prepare:
    """Say what a new configuration cannot change while we run.

    `base` is what we were started with.
    """

    def ready(settings: Settings) -> Callable[[], Sequence[str]]:
        def put() -> Sequence[str]:
            later = [
                f"{key} counts from the next start on"
                for key in _AT_START
                if _of(settings, key) != _of(base, key)
            ]
            if (settings.server.tls is None) is not (base.server.tls is None):
                later.append("server.tls counts from the next start on")
            never = [
                f"{key} has no effect in this release"
                for key in without_effect(settings)
            ]
            return [*later, *never]

        return put

    return ready


def _of(settings: Settings, key: str) -> object:
    value: object = settings
    for name in key.split("."):
        value = getattr(value, name)
    return value
