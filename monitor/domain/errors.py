"""The errors a user may read. Every message starts with "cannot"."""


class MonitorError(Exception):
    """Root of our errors; its text names the thing and says what helps."""


class ConfigurationError(MonitorError):
    """One or more settings are wrong; nothing was changed.

    The text has one line a flaw.
    """


class InvalidJob(MonitorError):
    """A canary job whose parameters the guide's ranges do not allow."""


class Unreadable(MonitorError):
    """A text or file that a parser refuses, with the reason."""


class CannotReach(MonitorError):
    """A server did not give a usable answer.

    `reason` is one word for metrics and rules: resolve, refused,
    unreachable, timeout, reset, tls, protocol, too_large, auth, host_key,
    busy, closed, forbidden, failed; of a gate also gate_missing,
    gate_refused, gate_version, unreadable.
    """

    def __init__(self, text: str, *, reason: str) -> None:
        super().__init__(text)
        self.reason = reason


class CannotTouch(MonitorError):
    """A canary file could not be placed, fetched or removed."""


class CannotStore(MonitorError):
    """The state database could not be opened, read or written."""


class CannotListen(MonitorError):
    """The address to serve on is taken or not ours."""


class NotConfigured(MonitorError):
    """A name that no configured target, host or canary has."""


class Superseded(MonitorError):
    """What a change relied on is not so any more; nothing was written.

    `reason` is one word: state, lock, token, budget, cooldown, at_once,
    plan, person.
    """

    def __init__(self, text: str, *, reason: str) -> None:
        super().__init__(text)
        self.reason = reason


class HandRefused(MonitorError):
    """The acting gate of a machine refused; it has done nothing for it.

    `reason` is one word: fenced, locked, nonce, identity, boot, forbidden,
    unknown_service, unsupported, bad_request, version. `highest` is the
    highest fencing token that the machine has seen, 0 where not told.
    """

    def __init__(self, text: str, *, reason: str, highest: int = 0) -> None:
        super().__init__(text)
        self.reason = reason
        self.highest = highest
