"""From the XML log to a reading: where each driver keeps which field.

The names cover schemas v4 to v13 (drivers 375 to 610): throttle reasons
became event reasons in 535, power_readings became gpu_power_readings in 535
and its power_draw an average and an instant in 570.
"""

import re
from collections.abc import Iterator
from itertools import product
from xml.etree.ElementTree import Element

from monitor.domain.gpu.reading import Gpu, GpuFault, GpuProcess, GpuReading
from monitor.domain.health import Health
from monitor.domain.nvidia_smi import gpu as build
from monitor.domain.nvidia_smi import values
from monitor.domain.nvidia_smi.alarms import complaints, unnamed
from monitor.domain.nvidia_smi.texts import said
from monitor.domain.nvidia_smi.xml import Broken, Document, parse

_ID = "@id"
_LINK = "pci/pci_gpu_link_info/"
_PATHS = {
    "uuid": ("uuid",),
    "minor_number": ("minor_number",),
    "name": ("product_name",),
    "pci_bus_id": ("pci/pci_bus_id", _ID),
    "utilization": ("utilization/gpu_util",),
    "memory_controller_utilization": ("utilization/memory_util",),
    "encoder_utilization": ("utilization/encoder_util",),
    "decoder_utilization": ("utilization/decoder_util",),
    "memory_total": ("fb_memory_usage/total",),
    "memory_reserved": ("fb_memory_usage/reserved",),
    "memory_used": ("fb_memory_usage/used",),
    "memory_free": ("fb_memory_usage/free",),
    "temperature": ("temperature/gpu_temp",),
    "memory_temperature": ("temperature/memory_temp",),
    "slowdown_temperature": ("temperature/gpu_temp_slow_threshold",),
    "tlimit": ("temperature/gpu_temp_tlimit",),
    # Turing cards report no average: nvidia-smi's own power.draw is then
    # the instant one too.
    "power_draw": (
        "gpu_power_readings/average_power_draw",
        "gpu_power_readings/power_draw",
        "power_readings/power_draw",
        "gpu_power_readings/instant_power_draw",
    ),
    "power_draw_instant": ("gpu_power_readings/instant_power_draw",),
    "power_limit": (
        "gpu_power_readings/current_power_limit",
        "power_readings/power_limit",
    ),
    "fan_speed": ("fan_speed",),
    "sm_clock": ("clocks/sm_clock",),
    "memory_clock": ("clocks/mem_clock",),
    "performance_state": ("performance_state",),
    "pcie_link_generation": (f"{_LINK}pcie_gen/current_link_gen",),
    "pcie_link_width": (f"{_LINK}link_widths/current_link_width",),
    "pcie_replays": ("pci/replay_counter",),
    "mig": ("mig_mode/current_mig",),
    "recovery_action": ("gpu_recovery_action",),
    "reset_required": ("gpu_reset_status/reset_required",),
    "drain_and_reset_recommended": (
        "gpu_reset_status/drain_and_reset_recommended",
    ),
    "row_remap_failed": ("remapped_rows/remapped_row_failure",),
}

_EVENTS = {
    "clocks_event_reasons": "clocks_event_reason_",
    "clocks_throttle_reasons": "clocks_throttle_reason_",
}

_ECC_TOTAL = {"corrected": "single_bit", "uncorrected": "double_bit"}
_ECC_PARTS = {
    "corrected": ("dram_correctable", "sram_correctable"),
    "uncorrected": (
        "dram_uncorrectable",
        "sram_uncorrectable",
        "sram_uncorrectable_parity",
        "sram_uncorrectable_secded",
    ),
}

_USERS_WORDS = frozenset({"processes", "accounted_processes"})
"""Where users choose the text: no complaint is believed from there."""

_UUID = re.compile(r"<uuid>\s*(GPU-[0-9A-Za-z-]{1,64})\s*</uuid>")
_BUS_ID = re.compile(r'<gpu id="([0-9A-Fa-f:.]{1,32})"')


def read_log(text: str) -> GpuReading:
    """Read `-q -x`. Raises `Unreadable`."""
    document = parse(text)
    gpus: list[Gpu] = []
    faults = list(said(document.around))
    for index, element in enumerate(document.gpus):
        found, complaints = _gpu(element, index)
        faults.extend(complaints)
        if found:
            gpus.append(found)
    return _reading(document, tuple(gpus), tuple(faults))


def _reading(
    document: Document, gpus: tuple[Gpu, ...], faults: tuple[GpuFault, ...]
) -> GpuReading:
    return GpuReading(
        gpus=gpus,
        faults=faults,
        driver_version=_text(document.head, "driver_version"),
        cuda_version=_text(document.head, "cuda_version"),
        attached=values.count(_text(document.head, "attached_gpus")),
    )


def _gpu(
    element: Element | Broken, index: int
) -> tuple[Gpu | None, tuple[GpuFault, ...]]:
    if isinstance(element, Broken):
        return None, (_broken(element),)

    def say(field: str) -> str:
        return build.first_value(_text(element, p) for p in _PATHS[field])

    if not say("uuid"):
        return None, (unnamed(_leaves(element), bus_id=say("pci_bus_id")),)
    found = build.gpu(
        say,
        index=index,
        clock_events=_clock_events(element),
        ecc_errors=tuple(_ecc_errors(element)),
        processes=tuple(_processes(element)),
    )
    return found, complaints(found, _leaves(element))


def _text(element: Element, path: str) -> str:
    text = element.get("id") if path == _ID else element.findtext(path)
    return (text or "").strip()


def _clock_events(element: Element) -> tuple[tuple[str, bool], ...]:
    for block, prefix in _EVENTS.items():
        if (reasons := element.find(block)) is not None:
            return build.clock_events(
                (reason.tag.removeprefix(prefix), reason.text or "")
                for reason in reasons
            )
    return ()


def _ecc_errors(element: Element) -> Iterator[tuple[str, str, int]]:
    for error, scope in product(_ECC_TOTAL, ("volatile", "aggregate")):
        block = f"ecc_errors/{scope}"
        count = build.total(
            _text(element, f"{block}/{_ECC_TOTAL[error]}/total"),
            [_text(element, f"{block}/{part}") for part in _ECC_PARTS[error]],
        )
        if count is not None:
            yield error, scope, count


def _processes(element: Element) -> Iterator[GpuProcess]:
    for process in element.iterfind("processes/process_info"):
        pid = values.count(_text(process, "pid"))
        if pid is not None:
            yield GpuProcess(
                pid=pid,
                name=_text(process, "process_name"),
                kind=_text(process, "type"),
                memory_bytes=values.size(_text(process, "used_memory")),
            )


def _leaves(element: Element) -> Iterator[tuple[str, str]]:
    for block in element:
        if block.tag not in _USERS_WORDS:
            for leaf in block.iter():
                yield leaf.tag, leaf.text or ""


def _broken(element: Broken) -> GpuFault:
    uuid = _UUID.search(element.text)
    bus_id = _BUS_ID.match(element.text)
    return GpuFault(
        fault="gpu_hardware",
        because="nvidia-smi describes it in XML that cannot be read",
        uuid=uuid[1] if uuid else "",
        pci_bus_id=bus_id[1] if bus_id else "",
        health=Health.DEGRADED,
        advice="watch",
    )
