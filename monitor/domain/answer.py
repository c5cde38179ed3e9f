"""What came back over HTTP, as plain facts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from monitor.domain.errors import CannotReach, Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Phases:
    """Where the time of one request went, in seconds.

    The names are blackbox_exporter's. A phase that did not happen (tls over
    plain http, resolve of a literal address) is 0; one that was not reached
    is None.
    """

    resolve: float | None = None
    connect: float | None = None
    tls: float | None = None
    processing: float | None = None
    transfer: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One HTTP answer with its whole, bounded body.

    `duration` is in seconds, from the first step of the request to the last
    byte of the body. `headers` have names in lower case and are kept only
    where somebody asked for them; of one name, the values are joined by ", ".
    """

    code: int
    content_type: str
    body: bytes = field(repr=False)
    duration: float
    phases: Phases = field(default_factory=Phases)
    location: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def media_type(self) -> str:
        """Return the content type in lower case, without parameters."""
        return self.content_type.partition(";")[0].strip().lower()

    @property
    def claims_json(self) -> bool:
        """Whether the content type promises JSON."""
        kind = self.media_type
        return kind in _JSON_TYPES or kind.endswith("+json")

    def json(self) -> object:
        """Return the body as JSON. Raises `Unreadable` when it is none."""
        try:
            text = self.body.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Unreadable(
                f"cannot read the answer as UTF-8: byte {error.start} is wrong"
            ) from None
        try:
            parsed: object = json.loads(text)
        except json.JSONDecodeError as error:
            raise Unreadable(
                f"cannot read the answer as JSON: {error.msg} "
                f"at character {error.pos}"
            ) from None
        except (RecursionError, ValueError):
            raise Unreadable(
                "cannot read the answer as JSON: nested too deep or a number "
                "too long"
            ) from None
        return parsed


_JSON_TYPES = {"application/json", "text/json"}


class NoAnswer(CannotReach):
    """A request without a usable answer, and how far it got.

    `phases` holds what was reached before it failed.
    """

    def __init__(self, text: str, *, reason: str, phases: Phases) -> None:
        super().__init__(text, reason=reason)
        self.phases = phases
