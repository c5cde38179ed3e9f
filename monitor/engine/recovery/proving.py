"""Proving: fresh looks until a change is proved, or has failed.

What an action did comes first (the memory is back, the machine was booted),
then that the server serves.
"""

from monitor.domain.recovery.proof import Proof
from monitor.domain.recovery.words import Action
from monitor.engine.recovery.proving_kit import Proving, Say
from monitor.engine.recovery.proving_memory import memory_back
from monitor.engine.recovery.proving_reboot import booted
from monitor.engine.recovery.proving_service import ServiceProof, service_terms

__all__ = ["Proving", "proved"]


async def proved(one: Proving, say: Say) -> Proof:
    """Look until it is proved or has failed; `say` hears how it goes."""
    match one.aim.action:
        case Action.FREE_GPU_MEMORY:
            return await _freed(one, say)
        case Action.REBOOT:
            return await _booted(one, say)
        case _:
            return await _serves(one, say, one.aim.boot_id)


async def _serves(
    one: Proving, say: Say, boot_id: str, *, is_new: bool = True
) -> Proof:
    terms = service_terms(one, boot_id)
    return await ServiceProof(one=one, terms=terms, is_new=is_new).run(say)


async def _freed(one: Proving, say: Say) -> Proof:
    back = await memory_back(one, say)
    if back.word != "proven":
        return back
    is_new = one.before.ends_server
    serves = await _serves(one, say, one.aim.boot_id, is_new=is_new)
    return Proof(word=serves.word, because=f"{back.because}; {serves.because}")


async def _booted(one: Proving, say: Say) -> Proof:
    back = await booted(one, say)
    if back.word != "proven":
        return Proof(word=back.word, because=back.because)
    serves = await _serves(one, say, back.boot_id)
    return Proof(word=serves.word, because=f"{back.because}; {serves.because}")
