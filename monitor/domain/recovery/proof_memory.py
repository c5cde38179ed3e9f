"""The proof that GPU memory was given back.

None of the processes that were ended is on the cards any more, and no memory
is held by nobody: a card that keeps it has to be reset or booted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.domain.machine.clocks import stamp
from monitor.domain.machine.words import length, size
from monitor.domain.recovery.gpu_table import held
from monitor.domain.recovery.identity import Identity
from monitor.domain.recovery.machine_use import Card, GpuTable, GpuUse
from monitor.domain.recovery.proof import Proof
from monitor.domain.service.reading import ServiceReading

SLACK_BYTES = 256 * 1024**2
"""Bytes by which what nobody holds may grow and prove nothing. Ours: what the
driver keeps for itself and a context that is just being made or torn down
are listed with no process for a moment and differ by card; the models of one
FaceFusion job take more."""
TELLING_BYTES = 1024**3
"""Bytes that nobody holds, before as after, from which on it is told: a
desktop or a driver that stays loaded takes less, a job that left its memory
behind takes more."""
GHOST = 0.95
"""Utilisation of a card that no process uses from which on it may be latched:
a process that ends while its kernel runs can leave it at 100 % without any
fault (facts/gpu.md §3.15). It proves nothing: a look alone can raise it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryTerms:
    """What a proof is measured by; lengths in seconds.

    `before` is who held what before, `ended` who was to end. `began` is how
    long after the effect was sent the proof began; from then on the memory
    has `within` to be back.
    """

    before: GpuTable
    ended: tuple[Identity, ...]
    within: float
    began: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryGlance:
    """One look at the cards, at the Unix time `at`.

    `since_sent` are seconds since the effect was sent, by a clock that does
    not jump. `table` is None where nobody could tell who holds what,
    `service` where the host told nothing of processes. `because` is what the
    looks said.
    """

    at: float
    since_sent: float
    table: GpuTable | None = None
    service: ServiceReading | None = None
    because: str = ""


def prove_memory(
    terms: MemoryTerms, looks: Sequence[MemoryGlance], *, since_sent: float
) -> Proof:
    """Return what looks prove, oldest first, as of `since_sent`.

    What was seen before the effect proves nothing, whenever it was told.
    """
    later = [one for one in looks if _is_later(one)]
    last = later[-1] if later else None
    if last is None or last.table is None:
        told = looks[-1].because if looks else "nobody looked"
        return _missing(
            terms, f"who holds memory was not seen: {told}", since_sent
        )
    broken = _broken(terms, last, last.table)
    if broken:
        return Proof(word="failed", because=broken)
    ghosts = _ghosts([one.table for one in later if one.table])
    kept = _still_there(terms.ended, last, last.table)
    kept = kept or _kept(terms, last.table)
    if kept:
        return _missing(terms, f"{kept}{ghosts}", since_sent)
    return Proof(word="proven", because=f"{_back(terms, last.table)}{ghosts}")


def _is_later(look: MemoryGlance) -> bool:
    """Return whether its table was made after the effect was sent."""
    table = look.table
    if table is None:
        return True
    return look.at - table.at < look.since_sent


def _missing(terms: MemoryTerms, because: str, since_sent: float) -> Proof:
    if since_sent < terms.began + terms.within:
        return Proof(word="pending", because=because)
    return Proof(
        word="failed",
        because=f"the memory is not back within {length(terms.within)}:"
        f" {because}",
    )


def _broken(terms: MemoryTerms, look: MemoryGlance, table: GpuTable) -> str:
    """Return what no further look can mend, empty for nothing."""
    boots = {one.boot_id for one in terms.ended}
    now = look.service.boot_id if look.service else ""
    if now and boots and now not in boots:
        return f"its machine was booted meanwhile (seen at {stamp(look.at)})"
    there = {one.uuid for one in table.cards}
    for card in terms.before.cards:
        if card.uuid not in there:
            return (
                f"GPU {card.index} ({card.uuid}) is not there any more (seen"
                f" at {stamp(look.at)})"
            )
    return ""


def _still_there(
    ended: Sequence[Identity], look: MemoryGlance, table: GpuTable
) -> str:
    """Return which of the ended is on a card yet, empty for none.

    A number alone counts where nobody can tell whose it is now.
    """
    was = {one.pid: one for one in ended}
    for use in table.uses:
        old, new = was.get(use.pid), use.identity
        if old and (new is None or new.start_ticks == old.start_ticks):
            return (
                f"process {use.pid} is on GPU {_index(table, use)} yet,"
                f" {held(use)}{_state(look.service, old)}"
            )
    return ""


def _index(table: GpuTable, use: GpuUse) -> int:
    return next(one.index for one in table.cards if one.uuid == use.uuid)


def _state(service: ServiceReading | None, old: Identity) -> str:
    """Return what keeps a process that was told to end."""
    known = (*service.processes, *(service.strays or ())) if service else ()
    for one in known:
        if (one.pid, one.start_ticks) == (old.pid, old.start_ticks):
            return _STATES.get(one.state, "")
    return ""


_STATES = {
    "D": "; it waits in the kernel (state D) and no signal ends it",
    "Z": "; it has ended, and its parent did not take note (state Z)",
}


def _kept(terms: MemoryTerms, after: GpuTable) -> str:
    """Return on which card memory is kept, empty where all is back."""
    now = {one.uuid: one for one in after.cards}
    for was in terms.before.cards:
        because = _kept_on(terms, was, now[was.uuid], after)
        if because:
            return because
    return ""


def _kept_on(terms: MemoryTerms, was: Card, now: Card, after: GpuTable) -> str:
    """Return what a card keeps: what is used and no process holds."""
    if was.used_bytes is None or now.used_bytes is None:
        return f"how much memory GPU {now.index} uses is not told"
    before, rest = nobodys(terms.before, was), nobodys(after, now)
    if before is None or rest is None:
        return _no_less(terms, was, now)
    if rest <= before + SLACK_BYTES:
        return ""
    return (
        f"{size(rest)} of GPU {now.index} are used and no process holds them;"
        f" before it were {size(before)}"
    )


def nobodys(table: GpuTable, card: Card) -> int | None:
    """Return the bytes of a card that are used and that no process holds.

    None where the driver does not tell what one of them holds.
    """
    total = 0
    for one in table.uses:
        if one.uuid == card.uuid:
            if one.memory_bytes is None:
                return None
            total += one.memory_bytes
    return max(0, (card.used_bytes or 0) - total)


def _no_less(terms: MemoryTerms, was: Card, now: Card) -> str:
    """Return why a card whose driver names no amounts gave nothing back.

    Only the cards that an ended process was on had any to give.
    """
    ended = {one.pid for one in terms.ended}
    gave = {one.uuid for one in terms.before.uses if one.pid in ended}
    used, before = now.used_bytes or 0, was.used_bytes or 0
    if was.uuid not in gave or used < before:
        return ""
    return (
        f"GPU {now.index} uses {size(used)}, no less than the {size(before)}"
        " before; its driver does not tell what each process holds"
    )


def _back(terms: MemoryTerms, table: GpuTable) -> str:
    told = ", ".join(
        f"GPU {one.index} uses {size(one.used_bytes or 0)}"
        for one in table.cards
    )
    numbers = ", ".join(str(one.pid) for one in terms.ended)
    return (
        f"none of the ended processes ({numbers}) is on its GPUs any more and"
        f" no memory is left behind: {told}{_nobodys_yet(table)}"
    )


def _nobodys_yet(table: GpuTable) -> str:
    """Return what nobody holds now as before: only a reset gives it back."""
    rests = ((one, nobodys(table, one) or 0) for one in table.cards)
    return "".join(
        f"; {size(rest)} of GPU {one.index} no process holds, now as before"
        for one, rest in rests
        if rest > TELLING_BYTES
    )


def _ghosts(tables: Sequence[GpuTable]) -> str:
    """Return which cards seem to work for nobody, in every look."""
    ghosts = [
        card
        for card in tables[-1].cards
        if all(_is_ghost(table, card.uuid) for table in tables)
    ]
    return "".join(
        f"; GPU {one.index} shows {one.utilization or 0:.0%} and no process"
        " uses it: it may be latched, which opening and closing a CUDA"
        " context clears"
        for one in ghosts
    )


def _is_ghost(table: GpuTable, uuid: str) -> bool:
    used = {one.uuid for one in table.uses}
    return any(
        one.uuid == uuid
        and uuid not in used
        and one.utilization is not None
        and one.utilization >= GHOST
        for one in table.cards
    )
