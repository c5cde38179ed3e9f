"""Which rungs do not apply, and what was not seen may."""

from dataclasses import replace

import pytest

from monitor.domain.diagnosis.cause import CAUSES
from monitor.domain.machine.reading import Gap
from monitor.domain.recovery.applicable import not_applicable
from monitor.domain.recovery.forbidden import why_forbidden
from monitor.domain.recovery.machine_use import GpuTable, Whose
from monitor.domain.recovery.words import RUNGS, Action
from monitor.domain.service.reading import ServiceReading
from tests.domain.recovery.situations import (
    OURS,
    SERVICE,
    TABLE,
    diagnosis,
    situation,
)

FREE = Action.FREE_GPU_MEMORY
EMPTY = replace(TABLE, uses=())
STRANGER = replace(OURS, pid=7, whose=Whose.OTHER, identity=None)
HIDDEN = (Gap(part="service", what="processes", because="no leave"),)


@pytest.mark.parametrize("rung", RUNGS)
@pytest.mark.parametrize("cause", sorted(CAUSES))
def test_what_the_cause_forbids_does_not_apply(
    cause: str, rung: Action
) -> None:
    given = situation(action=rung, diagnosis=diagnosis(cause))

    found = not_applicable(given)

    assert bool(found) is bool(why_forbidden(rung, cause))
    assert found.startswith(f"{cause} forbids it: ") or not found


@pytest.mark.parametrize("rung", RUNGS)
def test_where_nothing_is_known_every_rung_applies(rung: Action) -> None:
    assert not_applicable(situation(action=rung, diagnosis=None)) == ""


@pytest.mark.parametrize(
    ("gpu", "service", "is_empty"),
    [
        (EMPTY, SERVICE, True),
        (replace(EMPTY, uses=(STRANGER,)), SERVICE, True),
        (EMPTY, replace(SERVICE, processes=()), True),
        (TABLE, SERVICE, False),
        (replace(TABLE, uses=(replace(OURS, whose=Whose.STRAY),)), SERVICE, 0),
        (None, SERVICE, False),
        (replace(EMPTY, cards=()), SERVICE, False),
        (EMPTY, None, False),
        (EMPTY, replace(SERVICE, strays=None), False),
        (EMPTY, replace(SERVICE, gaps=HIDDEN), False),
        (EMPTY, replace(SERVICE, unit=None), False),
    ],
)
def test_memory_needs_no_freeing_where_nothing_of_ours_was_seen_to_hold_any(
    gpu: GpuTable | None,
    service: ServiceReading | None,
    is_empty: bool,  # noqa: FBT001 - a table
) -> None:
    found = not_applicable(situation(action=FREE, gpu=gpu, service=service))

    assert found == ("no process of it holds GPU memory" if is_empty else "")


@pytest.mark.parametrize("rung", [Action.RESTART, Action.REBOOT])
def test_other_rungs_need_nobody_on_a_card(rung: Action) -> None:
    assert not_applicable(situation(action=rung, gpu=EMPTY)) == ""
