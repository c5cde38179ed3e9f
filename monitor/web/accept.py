"""What a client says it takes: `Accept-Encoding`, RFC 9110 §12.5.3."""

from collections.abc import Iterator

_GZIP = ("gzip", "x-gzip")


def takes_gzip(accepted: str) -> bool:
    """Return whether gzip may be sent, and is wanted no less than plain.

    Without the header nothing is compressed; a weight that cannot be read
    counts as a no.
    """
    weights = dict(_weights(accepted))
    plain = weights.get("identity", 0.0)
    anything = weights.get("*", 0.0)
    packed = max((weights[n] for n in _GZIP if n in weights), default=anything)
    return packed > 0 and packed >= plain


def _weights(accepted: str) -> Iterator[tuple[str, float]]:
    for item in accepted.split(","):
        name, *parameters = item.lower().split(";")
        if name.strip():
            yield name.strip(), _weight(parameters)


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                weight = float(value)
            except ValueError:
                return 0.0
            return weight if 0 <= weight <= 1 else 0.0
    return 1.0
