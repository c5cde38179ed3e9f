"""What was there before: a proof that compares needs it.

It is read from the capture, so that a monitor which takes a change over
proves by the same as the one that began it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitor.domain.recovery.change import Change
from monitor.domain.recovery.machine_use import Card, GpuTable, GpuUse, Whose
from monitor.engine.recovery.runner_kit import Kit, stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What a capture tells; None for what it does not.

    `table` has no identities, `ends_server` says whether the process that
    serves was to end, and `gpus` how many cards the machine had.
    """

    table: GpuTable | None = None
    ends_server: bool = False
    gpus: int | None = None


async def kept_before(kit: Kit, change: Change) -> Before:
    """Return what was kept for a change. Raises `CannotStore`."""
    captured = await stored(kit.journal.captured(change.id))
    return before_of(captured.text if captured else "{}")


def before_of(text: str) -> Before:
    """Return what a capture tells. A text that is none of ours tells nothing.

    It was written by `capturing.capture`, whose floats, names and numbers
    are those of the domain.
    """
    try:
        kept = json.loads(text)
        gpu, machine = kept.get("gpu"), kept.get("machine")
        return Before(
            table=None if gpu is None else _table(gpu),
            ends_server=any(
                map(_is_own_server, (gpu or {"uses": ()})["uses"])
            ),
            gpus=None if machine is None else machine["gpus"],
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return Before()


def _table(gpu: Mapping[str, Any]) -> GpuTable:
    return GpuTable(
        at=float(gpu["at"]),
        cards=tuple(Card(**one) for one in gpu["cards"]),
        uses=tuple(
            GpuUse(**{**one, "whose": Whose(one["whose"]), "identity": None})
            for one in gpu["uses"]
        ),
    )


def _is_own_server(use: Mapping[str, Any]) -> bool:
    """Return as `gpu_table.ends_the_server` does."""
    identity = use["identity"]
    is_own = use["whose"] == Whose.SERVICE.value
    return is_own and identity is not None and bool(identity["is_server"])
