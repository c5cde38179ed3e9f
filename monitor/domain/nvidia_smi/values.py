"""The units of nvidia-smi, and its many ways to say nothing."""

import re
from collections.abc import Mapping

_ABSENT = frozenset(
    {
        "",
        "-",
        "n/a",
        "err!",
        "redacted",
        # the texts of NVML's error codes, printed in place of a value
        "corrupted inforom",
        "driver not loaded",
        "function not found",
        "gpu is lost",
        "gpu requires reset",
        "in use by another client",
        "insufficient external power",
        "insufficient memory",
        "insufficient permissions",
        "insufficient size",
        "interrupt request issue",
        "invalid argument",
        "no data",
        "not found",
        "not supported",
        "requested functionality has been deprecated",
        "the operating system has blocked the request",
        "timeout",
        "uninitialized",
        "unknown error",
    }
)

_NUMBER = re.compile(r"([-+]?[0-9]{1,15}(?:\.[0-9]{1,9})?)[ \t]*([A-Za-z%]*)")

_BYTES = {"B": 1.0, "KiB": 2.0**10, "MiB": 2.0**20, "GiB": 2.0**30}
_PERCENT = {"%": 1.0, "": 1.0}
_CELSIUS = {"C": 1.0, "": 1.0}
_WATTS = {"W": 1.0, "": 1.0}
_HERTZ = {"MHz": 1e6}
_COUNT = {"": 1.0}
_LANES = {"x": 1.0, "": 1.0}

_YES = frozenset({"yes", "enabled", "active"})
_NO = frozenset({"no", "disabled", "not active"})


def bare(text: str) -> str:
    """Return a value without the brackets that CSV puts around excuses."""
    return text.strip().removeprefix("[").removesuffix("]").strip()


def is_absent(text: str) -> bool:
    """Return whether a text stands in place of a value."""
    return bare(text).removesuffix(".").lower() in _ABSENT


def words(text: str) -> str:
    """Return the text, empty when it stands in place of a value."""
    return "" if is_absent(text) else text.strip()


def ratio(text: str) -> float | None:
    """Read a percentage as 0..1."""
    percent = _positive(_quantity(text, _PERCENT))
    return None if percent is None else percent / 100


def size(text: str) -> int | None:
    """Read an amount of memory in bytes."""
    return _whole(_quantity(text, _BYTES))


def celsius(text: str) -> float | None:
    """Read a temperature, or a headroom, in degrees."""
    return _quantity(text, _CELSIUS)


def watts(text: str) -> float | None:
    """Read a power in watts."""
    return _positive(_quantity(text, _WATTS))


def hertz(text: str) -> float | None:
    """Read a clock in hertz."""
    return _positive(_quantity(text, _HERTZ))


def count(text: str) -> int | None:
    """Read a plain number of things."""
    return _whole(_quantity(text, _COUNT))


def lanes(text: str) -> int | None:
    """Read a PCIe width: 16x in XML, 16 in CSV."""
    return _whole(_quantity(text, _LANES))


def performance_state(text: str) -> int | None:
    """Read P0 (fastest) to P15."""
    return count(text.strip().removeprefix("P"))


def switch(text: str) -> bool | None:
    """Read Enabled, Active or Yes, and their opposites."""
    said = bare(text).lower()
    if said in _YES:
        return True
    return False if said in _NO else None


def with_unit(text: str, unit: str) -> str:
    """Return a CSV cell with its header's unit, as nounits leaves it out."""
    found = _NUMBER.fullmatch(text.strip())
    return f"{text} {unit}" if found and not found[2] else text


def _quantity(text: str, units: Mapping[str, float]) -> float | None:
    found = _NUMBER.fullmatch(text.strip())
    if not found or found[2] not in units:
        return None
    return float(found[1]) * units[found[2]]


def _positive(value: float | None) -> float | None:
    return None if value is None or value < 0 else value


def _whole(value: float | None) -> int | None:
    if value is None or value < 0 or not value.is_integer():
        return None
    return int(value)
