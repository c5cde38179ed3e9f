"""Canaries after a cure: looked at again at once, and not held against it."""

from monitor.domain.fleet import Host
from monitor.domain.health import Health
from monitor.domain.judgement import Patience
from monitor.engine.check import Check
from monitor.engine.evidence import CANARY
from tests.engine.hospital import INTERVAL, TARGETS, Hospital, Showing, key

SELDOM = 3600.0
NAMES = ("canary.age", "canary.swap")


class Ward(Hospital):
    """The hospital, with two canaries of one server."""

    def __init__(self) -> None:
        super().__init__()
        canaries = [Showing(self.clock, key("annex", name)) for name in NAMES]
        self.probes |= {one.key: one for one in canaries}
        checks = [_check(one) for one in canaries]
        self.board.rewire(
            TARGETS, [Host(name="gpu1")], [*self.checks, *checks]
        )
        for check in checks:
            self.schedule.add(check)

    @property
    def canaries(self) -> list[Showing]:
        return [self.probe("annex", name) for name in NAMES]

    async def look_at_canaries(self) -> None:
        for one in self.canaries:
            self.schedule.soon(one.key)
            await self.pass_time(INTERVAL)


def _check(probe: Showing) -> Check:
    return Check(
        key=probe.key,
        kind=CANARY,
        probe=probe,
        interval=SELDOM,
        timeout=5.0,
        deadline=7.0,
        patience=Patience(),
    )


async def _well() -> Ward:
    ward = Ward()
    await ward.look_at_canaries()
    await ward.settle()
    return ward


async def test_jobs_that_failed_while_it_was_away_are_not_its_fault() -> None:
    ward = await _well()
    status = ward.probe("annex", "status")
    status.fails("refused")
    for one in ward.canaries:
        one.fails("refused")
    await ward.pass_time(INTERVAL + 10)
    await ward.look_at_canaries()
    for probe in (status, *ward.canaries):
        probe.works()
        probe.looks = 0

    await ward.pass_time(INTERVAL + 10)

    assert ward.causes("annex") == ["process_down", "none"]
    assert all(one.looks for one in ward.canaries)


async def test_canaries_that_went_well_are_not_run_for_it() -> None:
    ward = await _well()
    status = ward.probe("annex", "status")
    status.fails("refused")
    await ward.pass_time(INTERVAL + 10)
    status.works()
    await ward.pass_time(INTERVAL + 10)

    assert ward.causes("annex") == ["process_down", "none"]
    assert not any(one.looks for one in ward.canaries)


async def test_a_canary_that_is_well_again_has_the_others_run() -> None:
    ward = await _well()
    for one in ward.canaries:
        one.fails("processing_failed")
    await ward.look_at_canaries()
    assert ward.cause("annex") == "processing_failed"
    first, second = ward.canaries
    for one in ward.canaries:
        one.works()
        one.looks = 0

    ward.schedule.soon(first.key)
    await ward.pass_time(INTERVAL)

    assert second.looks
    assert ward.cause("annex") == "none"


async def test_a_deeper_cause_that_ends_has_canaries_run() -> None:
    ward = await _well()
    status = ward.probe("annex", "status")
    for one in ward.canaries:
        one.fails("input_rejected", Health.UNKNOWN)
    status.fails("error_page")
    await ward.pass_time(INTERVAL + 10)
    await ward.look_at_canaries()
    for probe in (status, *ward.canaries):
        probe.works()

    await ward.pass_time(INTERVAL + 10)

    assert ward.causes("annex") == ["server_error", "none"]
