"""What came back over HTTP, as plain facts."""

from dataclasses import dataclass, field


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
    byte of the body.
    """

    code: int
    content_type: str
    body: bytes = field(repr=False)
    duration: float
    phases: Phases = field(default_factory=Phases)
    location: str = ""
