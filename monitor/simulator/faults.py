"""The switchboard of a host's faults."""

import math
import threading
from collections.abc import Callable, Mapping

from monitor.domain.errors import MonitorError
from monitor.simulator.fault import Fault
from monitor.simulator.fault_table import FAULTS

__all__ = ["FAULTS", "Fault", "Faults", "InvalidFaultValue", "UnknownFault"]


class UnknownFault(MonitorError):
    """There is no fault of that name."""


class InvalidFaultValue(MonitorError):
    """The number does not fit the fault."""


_OFF = -1.0
"""No fault's number: they are none, or positive."""


class Faults:
    """The faults of one host, safe to switch from any thread.

    `changed(name)` is called in the thread that switches, after each real
    change, of a number too, and before the next. `table` holds the faults
    there are.
    """

    def __init__(
        self,
        changed: Callable[[str], None],
        table: Mapping[str, Fault] = FAULTS,
    ) -> None:
        self._changed = changed
        self._table = table
        self._lock = threading.Lock()
        self._active: dict[str, float | None] = {}

    def switch_on(self, name: str, value: float | None = None) -> None:
        """Switch a fault on, or give it another number.

        Raises `UnknownFault` and `InvalidFaultValue`; then nothing changed.
        """
        fault = find_fault(name, self._table)
        number = _number(fault, value)
        with self._lock:
            before = self._active.get(fault.name, _OFF)
            self._active[fault.name] = number
            if before != number:
                self._changed(fault.name)

    def switch_off(self, name: str) -> None:
        """Switch a fault off; one that is off stays so.

        Raises `UnknownFault`.
        """
        fault = find_fault(name, self._table)
        with self._lock:
            was_on = fault.name in self._active
            self._active.pop(fault.name, None)
            if was_on:
                self._changed(fault.name)

    def active(self) -> dict[str, float | None]:
        """Return the faults that are on, with their numbers."""
        with self._lock:
            return dict(self._active)

    def is_on(self, name: str) -> bool:
        """Return whether the fault is on."""
        return name in self._active

    def value(self, name: str, otherwise: float) -> float:
        """Return the number of a fault, `otherwise` when it is off."""
        number = self._active.get(name)
        return otherwise if number is None else number


def find_fault(name: str, table: Mapping[str, Fault] = FAULTS) -> Fault:
    """Return the fault; `error-500` is `error_500`. Raises `UnknownFault`."""
    fault = table.get(name.replace("-", "_"))
    if fault is None:
        raise UnknownFault(
            f"cannot find the fault {name!r}; there are {', '.join(table)}"
        )
    return fault


def _number(fault: Fault, value: float | None) -> float | None:
    if value is None:
        return fault.value
    if fault.value is None:
        raise InvalidFaultValue(
            f"cannot give {fault.name} the value {value:g}: it takes none"
        )
    if not math.isfinite(value) or value < 0:
        raise InvalidFaultValue(
            f"cannot give {fault.name} the value {value:g}: it takes a"
            f" positive number, {fault.takes}"
        )
    return value
