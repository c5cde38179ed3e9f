"""Who does what a runbook says gets what it says, fault by fault."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from monitor.cli import exit_codes
from monitor.domain.diagnosis.cause import CAUSES, DEPTH
from monitor.domain.recovery.forbidden import why_forbidden
from monitor.domain.recovery.words import Action
from tests.bench.fault_list import WELL
from tests.stories.runbook_desk import Reader
from tests.stories.runbook_town import PLAYED, Town, town

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.slow,
    pytest.mark.timeout(150),
]
LEFT_OUT = {
    "monitor_blind": "all that is watched would have to be silent",
    "host_unreachable": "a loopback address answers ping, and refuses",
    "bound_to_loopback": "watched by 127.0.0.1, where it does listen",
    "tls_invalid": "no simulated server speaks TLS",
    "wrong_dialect": "no fault but a setting of ours",
    "queue_stuck": "jobs have to wait for ten minutes",
    "gpu_memory_leak": "shows after hours only",
    "mixed_content": "no fault but the address in the settings",
    "unexplained": "no fault of the simulator is one that nobody knows",
    "no_data": "no fault but a server that nothing looks at",
}
"""Causes that no fault of the simulator brings soon, and why."""
HELPED = [cause for cause in PLAYED if CAUSES[cause].may]
GATED = {
    "stopped_by_operator": "stopped",
    "crash_loop": "crash_loop",
    "starting": "starting",
}
"""Causes that have a gate of their own against a restart."""
REFUSED = [
    cause
    for cause in PLAYED
    if not CAUSES[cause].may
    and (cause in GATED or why_forbidden(Action.RESTART, cause))
]
LEFT_TO_PEOPLE = [
    cause for cause in PLAYED if not CAUSES[cause].may and cause not in REFUSED
]
RESTART = ("plan", "restart", "studio", "--reason", "it may help")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def broken(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Town]:
    """Run the hosts of those causes that are asked for."""
    causes = [
        item.callspec.params["cause"]
        for item in request.session.items
        if item.path == request.path and hasattr(item, "callspec")
    ]
    async with town(tmp_path_factory.mktemp("runbooks"), causes) as all_:
        yield all_


async def test_every_cause_is_played_or_left_out_with_a_reason() -> None:
    assert PLAYED.keys() | LEFT_OUT.keys() == set(DEPTH)
    assert not PLAYED.keys() & LEFT_OUT.keys()
    assert all(LEFT_OUT.values())


@pytest.mark.parametrize("cause", HELPED)
async def test_its_runbook_heals_it(broken: Town, cause: str) -> None:
    reader = Reader(town=broken, cause=cause)

    await reader.looks()
    await reader.does()

    assert [one.code for one in reader.of("apply")] == [exit_codes.OK], (
        reader.said
    )
    await reader.is_diagnosed(WELL)
    assert {one.code for one in reader.last_looks()} <= {exit_codes.OK}
    assert {one.words[1] for one in reader.of("plan")} >= {*CAUSES[cause].may}


def says_why(text: str, cause: str) -> bool:
    """Return whether a refused plan names the cause, or the cause's gate."""
    gate = GATED.get(cause)
    if gate is None:
        return f"{cause} forbids restart" in text
    return gate in text.partition(":")[0].replace(",", "").split()


@pytest.mark.parametrize("cause", REFUSED)
async def test_its_runbook_leaves_it_to_people_and_nothing_is_restarted(
    broken: Town, cause: str
) -> None:
    reader = Reader(town=broken, cause=cause)

    await reader.looks()
    await reader.does()
    refused = await reader.gives(RESTART)
    broken.switch_off(cause)

    assert refused.code == exit_codes.FAILED
    assert says_why(refused.text, cause)
    assert reader.of("apply") == []
    await reader.is_mended()


@pytest.mark.parametrize("cause", LEFT_TO_PEOPLE)
async def test_its_runbook_knows_no_remedy_and_people_mend_it(
    broken: Town, cause: str
) -> None:
    reader = Reader(town=broken, cause=cause)

    await reader.looks()
    await reader.does()
    told = await reader.gives(RESTART)
    broken.switch_off(cause)

    assert f"restart is no known remedy of {cause} (none)" in told.text
    assert reader.of("apply") == []
    await reader.is_mended()
