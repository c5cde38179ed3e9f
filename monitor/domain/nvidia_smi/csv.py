"""`--query-gpu` and `--query-compute-apps` with `--format=csv`.

nvidia-smi quotes nothing, so a comma in a name makes a row longer than the
header; sentences about lost GPUs stand between the rows.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from monitor.domain.errors import Unreadable
from monitor.domain.gpu.reading import Gpu, GpuFault, GpuProcess, GpuReading
from monitor.domain.nvidia_smi import gpu as build
from monitor.domain.nvidia_smi import values
from monitor.domain.nvidia_smi.alarms import complaints, unnamed
from monitor.domain.nvidia_smi.texts import said
from monitor.domain.nvidia_smi.xml import MOST_GPUS

_MOST_ROWS = 4096
_HEADER_WITHIN = 200
"""How many lines of banner may stand before the header."""
_LONGEST_HEADER = 64 * 1024
"""In characters; the 241 columns of driver 610 take 6,000."""

_COLUMN = re.compile(r"([A-Za-z0-9_.]{1,80})(?: \[([^\]]{1,16})\])?")
_UUID = re.compile(r"(?:GPU|MIG)-[0-9A-Za-z/-]{1,80}")
_FREE_TEXT = ("process_name", "name", "gpu_name")
_OF_RUNNING = frozenset({"process_name", "used_gpu_memory", "used_memory"})
"""Columns that accounting has not; it lists processes that ended, too."""

_COLUMNS = {
    "uuid": ("uuid", "gpu_uuid"),
    "name": ("name", "gpu_name"),
    "pci_bus_id": ("pci.bus_id", "gpu_bus_id"),
    "utilization": ("utilization.gpu",),
    "memory_controller_utilization": ("utilization.memory",),
    "encoder_utilization": ("utilization.encoder",),
    "decoder_utilization": ("utilization.decoder",),
    "memory_total": ("memory.total",),
    "memory_reserved": ("memory.reserved",),
    "memory_used": ("memory.used",),
    "memory_free": ("memory.free",),
    "temperature": ("temperature.gpu",),
    "memory_temperature": ("temperature.memory",),
    "tlimit": ("temperature.gpu.tlimit",),
    "power_draw": (
        "power.draw",
        "power.draw.average",
        "power.draw.instant",
    ),
    "power_draw_instant": ("power.draw.instant",),
    "power_limit": ("power.limit",),
    "fan_speed": ("fan.speed",),
    "sm_clock": ("clocks.current.sm",),
    "memory_clock": ("clocks.current.memory",),
    "performance_state": ("pstate",),
    "pcie_link_generation": ("pcie.link.gen.current",),
    "pcie_link_width": ("pcie.link.width.current",),
    "mig": ("mig.mode.current",),
    "recovery_action": ("gpu_recovery_action",),
    "reset_required": ("reset_status.reset_required",),
    "drain_and_reset_recommended": (
        "reset_status.drain_and_reset_recommended",
    ),
    "row_remap_failed": ("remapped_rows.failure",),
}
"""CSV knows no minor number, no PCIe replays, no absolute threshold."""

_EVENTS = ("clocks_event_reasons.", "clocks_throttle_reasons.")

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows by column name, and the lines around them that are no rows."""

    rows: tuple[Row, ...]
    faults: tuple[GpuFault, ...]
    lists_processes: bool


def table(text: str) -> Table | None:
    """Find header and rows; None when there is no header that we know.

    Raises `Unreadable` for a row that does not fit its header.
    """
    lines = text.removeprefix("\ufeff").split("\n")
    for number, line in enumerate(lines[:_HEADER_WITHIN]):
        columns = _header(line)
        if columns:
            before, after = lines[:number], lines[number + 1 :]
            return _table(columns, said("\n".join(before)), after)
    return None


def read_table(found: Table) -> GpuReading:
    """Read the rows. Raises `Unreadable` for more GPUs than a host has."""
    gpus, faults = _apps(found) if found.lists_processes else _gpus(found)
    if len(gpus) > MOST_GPUS:
        raise _refusal(f"it lists more than {MOST_GPUS} GPUs")
    first: Row = found.rows[0] if found.rows else {}
    return GpuReading(
        gpus=tuple(gpus),
        faults=(*found.faults, *faults),
        driver_version=values.words(first.get("driver_version", "")),
        attached=values.count(first.get("count", "")),
    )


def _header(line: str) -> tuple[tuple[str, str], ...]:
    """Return (name, unit) of each column, nothing when it is no header."""
    if len(line) > _LONGEST_HEADER:
        return ()
    found = [_COLUMN.fullmatch(cell.strip()) for cell in line.split(",")]
    columns = tuple((f[1], f[2] or "") for f in found if f)
    names = {name for name, _ in columns}
    known = bool(names & {"uuid", "gpu_uuid"})
    running = "pid" not in names or bool(names & _OF_RUNNING)
    whole = len(columns) == len(found) > 1
    return columns if known and running and whole else ()


def _table(
    columns: Sequence[tuple[str, str]],
    faults: tuple[GpuFault, ...],
    lines: Iterable[str],
) -> Table:
    rows: list[Row] = []
    for line in lines:
        if not line.strip():
            continue
        if complaint := said(line):
            faults += complaint
        else:
            rows.append(_row(columns, line))
        if len(rows) > _MOST_ROWS or len(faults) > _MOST_ROWS:
            raise _refusal(f"it has more than {_MOST_ROWS} rows")
    lists_processes = any(name == "pid" for name, _ in columns)
    return Table(
        rows=tuple(rows), faults=faults, lists_processes=lists_processes
    )


def _row(columns: Sequence[tuple[str, str]], line: str) -> Row:
    names = [name for name, _ in columns]
    for cells in _fits(names, line.split(",")):
        row = {
            name: values.with_unit(cell.strip(), unit)
            for (name, unit), cell in zip(columns, cells, strict=True)
        }
        if len(cells) == line.count(",") + 1 or _is_plausible(row):
            return row
    raise _refusal(
        f"a row has {line.count(',') + 1} cells for {len(columns)} columns;"
        " it is truncated or no row"
    )


def _fits(
    names: Sequence[str], cells: Sequence[str]
) -> Iterator[Sequence[str]]:
    """Yield the ways to make as many cells as columns."""
    spare = len(cells) - len(names)
    if spare == 0:
        yield cells
    for free in _FREE_TEXT:
        if spare > 0 and free in names:
            at = names.index(free)
            end = at + spare + 1
            yield [*cells[:at], ",".join(cells[at:end]), *cells[end:]]


def _is_plausible(row: Row) -> bool:
    uuid = row.get("gpu_uuid", row.get("uuid", ""))
    pid = row.get("pid", "0")
    return bool(_UUID.fullmatch(uuid)) and values.count(pid) is not None


def _gpus(found: Table) -> tuple[list[Gpu], list[GpuFault]]:
    gpus: list[Gpu] = []
    faults: list[GpuFault] = []
    for position, row in enumerate(found.rows):
        say = _say(row)
        if not say("uuid"):
            bus_id = say("pci_bus_id")
            faults.append(unnamed(_cells(row), bus_id=bus_id))
            continue
        gpu = _gpu(row, position)
        gpus.append(gpu)
        faults.extend(complaints(gpu, _cells(row)))
    return gpus, faults


def _gpu(row: Row, position: int) -> Gpu:
    # The driver's own number does not shift when another GPU is lost.
    index = values.count(row.get("index", ""))
    return build.gpu(
        _say(row),
        index=position if index is None else index,
        clock_events=_clock_events(row),
        ecc_errors=tuple(_ecc_errors(row)),
    )


def _apps(found: Table) -> tuple[list[Gpu], list[GpuFault]]:
    """Return the GPUs that run something, known by their processes only."""
    of_gpu: dict[str, list[Row]] = {}
    for row in found.rows:
        of_gpu.setdefault(_say(row)("uuid"), []).append(row)
    gpus = [
        build.gpu(
            _say(rows[0]), index=position, processes=tuple(_processes(rows))
        )
        for position, (uuid, rows) in enumerate(of_gpu.items())
        if uuid
    ]
    return gpus, []


def _processes(rows: Iterable[Row]) -> Iterator[GpuProcess]:
    for row in rows:
        pid = values.count(row["pid"])
        memory = row.get("used_gpu_memory", row.get("used_memory", ""))
        if pid is not None:
            yield GpuProcess(
                pid=pid,
                name=row.get("process_name", ""),
                kind="C",
                memory_bytes=values.size(memory),
            )


def _say(row: Row) -> build.Say:
    def say(field: str, /) -> str:
        names = _COLUMNS.get(field, ())
        return build.first_value(row.get(name, "") for name in names)

    return say


def _clock_events(row: Row) -> tuple[tuple[str, bool], ...]:
    for prefix in _EVENTS:
        found = build.clock_events(
            (name.removeprefix(prefix), text)
            for name, text in row.items()
            if name.startswith(prefix)
        )
        if found:
            return found
        mask = row.get(f"{prefix}active", "")
        if re.fullmatch(r"0x[0-9A-Fa-f]{1,16}", mask):
            return build.clock_events_of_mask(int(mask, 16))
    return ()


def _ecc_errors(row: Row) -> Iterator[tuple[str, str, int]]:
    scopes = ("volatile", "aggregate")
    for error, scope in product(("corrected", "uncorrected"), scopes):
        column = f"ecc.errors.{error}.{scope}"
        count = build.total(
            row.get(f"{column}.total", ""),
            [row.get(f"{column}.{part}", "") for part in ("dram", "sram")],
        )
        if count is not None:
            yield error, scope, count


def _cells(row: Row) -> Iterator[tuple[str, str]]:
    return (cell for cell in row.items() if cell[0] not in _FREE_TEXT)


def _refusal(what: str) -> Unreadable:
    return Unreadable(f"cannot read nvidia-smi output: {what}")
