"""A machine's figures in words for people."""

from monitor.domain.machine import thresholds
from monitor.domain.machine.reading import Gap, MachineReading

_GAPS_TOLD = 3
_STEPS = ("B", "KiB", "MiB", "GiB", "TiB")
_STEP = 1024
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def size(count: float) -> str:
    """Return bytes in the largest unit that leaves a whole part."""
    step = 0
    while count >= _STEP and step < len(_STEPS) - 1:
        count /= _STEP
        step += 1
    return f"{count:.{1 if step else 0}f} {_STEPS[step]}"


def share(part: float, whole: float) -> str:
    """Return a part of a whole above 0 in per cent, rounded down.

    4.96 % must not read as 5 % where 5 % is the limit.
    """
    return f"{int(part * 1000 / whole) / 10:.1f} %"


def length(seconds: float) -> str:
    """Return a length of time in one or two units."""
    whole = int(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min"
    if whole < _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"
    return f"{whole // _DAY} d {whole % _DAY // _HOUR} h"


def well_words(reading: MachineReading) -> str:
    """Return how a machine without trouble is, as far as it is known."""
    memory = reading.memory_available_bytes
    known = (
        None if reading.uptime is None else f"up {length(reading.uptime)}",
        None if reading.load1 is None else f"load {reading.load1:.1f}",
        None if memory is None else f"{size(memory)} memory available",
    )
    return ", ".join(one for one in known if one) or "nothing wrong is seen"


def notes_of(reading: MachineReading) -> tuple[str, ...]:
    """Return what people should know though it is no fault."""
    return (*_clock_note(reading.clock_offset), *gap_notes(reading.gaps))


def _clock_note(offset: float | None) -> tuple[str, ...]:
    if offset is None or abs(offset) <= thresholds.CLOCK_TOLD:
        return ()
    way = "ahead of" if offset > 0 else "behind"
    return (f"its clock is {length(abs(offset))} {way} ours",)


def gap_notes(gaps: tuple[Gap, ...]) -> tuple[str, ...]:
    """Return the first gaps in words, and how many more there are."""
    told = tuple(_gap_words(gap) for gap in gaps[:_GAPS_TOLD])
    more = len(gaps) - len(told)
    return (*told, f"and {more} more gaps") if more > 0 else told


def _gap_words(gap: Gap) -> str:
    """Return a gap in words that say what is missing."""
    name = gap.what or gap.part
    return gap.because if name in gap.because else f"{name}: {gap.because}"
