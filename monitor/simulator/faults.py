"""The faults that can be switched on while a simulated host runs.

One row a fault. What a row means is done where it bites: `broken_http.py`
(answers), `cors.py` (browsers), `jobs.py` (time), `worker.py` (images),
`host.py` (doors), `nvidia_smi/tool.py` (GPU).
"""

import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from monitor.domain.errors import MonitorError


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way to be broken.

    `takes` says what its number means, empty when it takes none; `value` is
    that number when nobody gives one.
    """

    name: str
    description: str
    takes: str = ""
    value: float | None = None


FAULTS = {
    fault.name: fault
    for fault in (
        Fault(
            name="refused",
            description="the HTTP port is closed, connections are dropped",
        ),
        Fault(
            name="hang",
            description="HTTP connections are accepted, never answered",
        ),
        Fault(
            name="slow",
            description="every job takes longer",
            takes="how many times as long",
            value=4.0,
        ),
        Fault(
            name="cold",
            description="the first job of a kind since a start loads a model",
            takes="how many seconds longer that takes",
            value=3.0,
        ),
        Fault(
            name="busy",
            description="users' jobs wait in the queue and load the GPU",
            takes="how many wait",
            value=3.0,
        ),
        Fault(
            name="error_500",
            description="every request is answered with HTTP 500",
        ),
        Fault(
            name="null_result",
            description="jobs answer 200 with a null output_path",
        ),
        Fault(
            name="unchanged_image",
            description="jobs return their input image as it was",
        ),
        Fault(
            name="blank_image",
            description="jobs return a black image of the right size",
        ),
        Fault(
            name="not_found",
            description="every path is answered with HTTP 404",
        ),
        Fault(
            name="bad_gateway",
            description="a proxy's 502 page is served as HTTP 200",
        ),
        Fault(
            name="cors",
            description="browsers get no leave to call from another origin",
        ),
        Fault(
            name="ssh_down",
            description="the SSH port is closed, connections are dropped",
        ),
        Fault(
            name="gpu_lost",
            description="one GPU has fallen off the bus",
            takes="its index (the last GPU when there are fewer)",
            value=1.0,
        ),
        Fault(
            name="nvidia_smi_hang",
            description="nvidia-smi never returns",
        ),
    )
}


class UnknownFault(MonitorError):
    """There is no fault of that name."""


class InvalidFaultValue(MonitorError):
    """The number does not fit the fault."""


class Faults:
    """The faults of one host, safe to switch from any thread.

    `changed(name)` is called in the thread that switches, after each real
    change and before the next. `table` holds the faults there are.
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
            was_on = fault.name in self._active
            self._active[fault.name] = number
            if not was_on:
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
