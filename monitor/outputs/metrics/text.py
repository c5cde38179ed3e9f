"""Prometheus' text format, written the way prometheus_client writes it."""

from collections.abc import Iterable, Iterator, Mapping

_LONG = 6
"""Digits before the point beyond which Go writes an exponent."""
_ODD = {"inf": "+Inf", "-inf": "-Inf", "nan": "NaN"}


class Labels:
    """A set of labels, rendered once and written many times."""

    __slots__ = ("_parts", "text")

    def __init__(self, parts: Iterable[str]) -> None:
        self._parts = tuple(sorted(parts))
        inside = ",".join(self._parts)
        self.text = f"{{{inside}}}" if inside else ""

    def also(self, /, **more: str) -> "Labels":
        """Return these labels and others beside them."""
        return Labels((*self._parts, *_parts(more)))


def labels(**pairs: str) -> Labels:
    """Return labels; names are plain words, values may be any text."""
    return Labels(_parts(pairs))


def line(name: str, about: Labels, value: float) -> str:
    """Return one sample."""
    return f"{name}{about.text} {number(value)}\n"


def number(value: float) -> str:
    """Return a value as Prometheus reads it: `1.0`, `1.7e+09`, `+Inf`."""
    text = repr(float(value))
    whole, _, rest = text.partition(".")
    if not rest:
        return _ODD.get(text, text)
    if len(whole) <= _LONG or value < 0:
        return text
    digits = f"{whole[0]}.{whole[1:]}{rest}".rstrip("0.")
    return f"{digits}e+{len(whole) - 1:02d}"


def head(name: str, kind: str, about: str) -> bytes:
    """Return what comes before a metric's samples."""
    said = about.replace("\\", r"\\").replace("\n", r"\n")
    return encoded(f"# HELP {name} {said}\n# TYPE {name} {kind}\n")


def encoded(text: str) -> bytes:
    """Return text as UTF-8."""
    return text.encode()


def escaped(value: str) -> str:
    r"""Return a label's value as it stands between its quotes.

    A lone surrogate, which UTF-8 cannot hold, is shown as `\udc80`.
    """
    if not value.isascii():
        value = value.encode("utf-8", "backslashreplace").decode()
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _parts(pairs: Mapping[str, str]) -> Iterator[str]:
    return (f'{name}="{escaped(value)}"' for name, value in pairs.items())
