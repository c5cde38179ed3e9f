"""What a gate's answer says about a service, as far as it can be read."""

from monitor.domain.machine.answered import Answered
from monitor.domain.service.asked import Asked
from monitor.domain.service.proxies import is_proxy
from monitor.domain.service.reading import (
    Listener,
    PortHolder,
    Process,
    ServiceReading,
    Unit,
)
from monitor.domain.service.units import read_unit
from monitor.domain.wire import Part

_PROCESSES = 512
_LISTENERS = 256
_NAME_LIMIT = 64
_PATH_LIMIT = 4096
_ARGUMENTS = 1024
_ARGUMENT_LIMIT = 16384
"""Room for real command lines: one that is cut would be another one."""
_LAST_PORT = 65535


def read_service(told: Answered, asked: Asked) -> ServiceReading:
    """Return what the part service says; never raises.

    A list that is missing is a gap, not an empty list: nothing seen is
    something else than nothing there.
    """
    part = told.part("service")
    if part is None:
        return ServiceReading(
            manager=asked.manager,
            port=asked.port,
            boot_id=told.boot_id,
            now=told.at,
            gaps=told.gaps,
        )
    holder = _holder(told, part)
    return ServiceReading(
        manager=asked.manager,
        port=asked.port,
        boot_id=told.boot_id,
        now=_now(told, part),
        unit=_unit(told, part, asked),
        processes=_processes(told, part),
        strays=told.kept(part.name, "strays", lambda: _strays(part)),
        listeners=_listeners(told, part),
        port_taken_by=_stranger(holder),
        port_holder=holder,
        gaps=told.gaps,
    )


def _now(told: Answered, part: Part) -> float | None:
    """Return when the part was looked at, where a newer gate says it."""
    looked = told.kept(part.name, "now", lambda: part.maybe_number("now"))
    return told.at if looked is None else looked


def _unit(told: Answered, part: Part, asked: Asked) -> Unit | None:
    given = told.kept(part.name, "unit", lambda: part.maybe_part("unit"))
    if given is None:
        return None
    return told.kept(
        part.name, "unit", lambda: read_unit(given, asked.manager)
    )


def _processes(told: Answered, part: Part) -> tuple[Process, ...]:
    _need(told, part, "processes")
    found = told.each(part, "processes", _process, most=_PROCESSES)
    return found or ()


def _strays(part: Part) -> tuple[Process, ...] | None:
    """Return the strays, None where an older gate does not tell.

    One that cannot be read spoils all: half a list would look whole.
    """
    if not part.has("strays"):
        return None
    items = part.items("strays", most=_PROCESSES)
    return tuple(_process(Part(one, name)) for name, one in items)


def _listeners(told: Answered, part: Part) -> tuple[Listener, ...]:
    _need(told, part, "listeners")
    found = told.each(part, "listeners", _listener, most=_LISTENERS)
    return found or ()


def _need(told: Answered, part: Part, key: str) -> None:
    if not part.has(key):
        told.lack(
            part.name, key, f"cannot read {part.path(key)}: it is missing"
        )


def _process(part: Part) -> Process:
    return Process(
        pid=part.whole("pid", least=1),
        start_ticks=part.whole("start_ticks"),
        started_at=part.number("started_at"),
        ppid=part.maybe_whole("ppid"),
        uid=part.maybe_whole("uid"),
        user=_name(part, "user"),
        state=_name(part, "state")[:1],
        name=_name(part, "name"),
        cmdline=part.maybe_texts(
            "cmdline", limit=_ARGUMENT_LIMIT, most=_ARGUMENTS
        )
        or (),
        cwd=part.maybe_text("cwd", limit=_PATH_LIMIT),
        cgroup=part.maybe_text("cgroup", limit=_PATH_LIMIT) or "",
        cpu_seconds=part.maybe_number("cpu_seconds"),
        resident_bytes=part.maybe_whole("resident"),
        threads=part.maybe_whole("threads"),
        is_server=part.maybe_flag("is_server") or False,
    )


def _listener(part: Part) -> Listener:
    return Listener(
        address=part.text("address", limit=_NAME_LIMIT),
        port=part.whole("port", least=1, most=_LAST_PORT),
        pid=part.maybe_whole("pid", least=1),
        uid=part.maybe_whole("uid"),
        in_container=part.maybe_flag("in_container") or False,
        waiting=part.maybe_whole("waiting"),
    )


def _name(part: Part, key: str) -> str:
    return part.maybe_text(key, limit=_NAME_LIMIT, cut=True) or ""


def _holder(told: Answered, part: Part) -> PortHolder | None:
    key = "port_taken_by"
    given = told.kept(part.name, key, lambda: part.maybe_part(key))
    if given is None:
        return None
    return told.kept(part.name, key, lambda: _port_holder(given))


def _port_holder(part: Part) -> PortHolder:
    return PortHolder(
        name=_name(part, "name"),
        pid=part.maybe_whole("pid", least=1),
        uid=part.maybe_whole("uid"),
    )


def _stranger(holder: PortHolder | None) -> str:
    if holder is None or not holder.name or is_proxy(holder.name):
        return ""
    pid = "" if holder.pid is None else f" (pid {holder.pid})"
    return f"{holder.name}{pid}"
