"""A restart of the monitor neither ends nor repeats a page."""

from dataclasses import replace

from monitor.domain.diagnosis.cause import Severity
from monitor.domain.diagnosis.record import DiagnosisRecord, PageRecord
from monitor.domain.fleet import Host
from monitor.domain.health import Health
from monitor.domain.history import Kept
from monitor.domain.judgement import Track
from monitor.engine.ward import ROUND
from tests.engine.hospital import INTERVAL, TARGETS, Hospital, key

SINCE = 999_000.0
SICK = DiagnosisRecord(
    target="annex",
    at=SINCE,
    cause="process_down",
    health=Health.UNHEALTHY,
    severity=Severity.CRITICAL,
    because="connections are refused",
    before="none",
    before_health=Health.HEALTHY,
    url="http://annex",
)
OUT = PageRecord(
    target="annex",
    at=SINCE,
    host="",
    cause="process_down",
    severity=Severity.CRITICAL,
    because="connections are refused",
)


def restarted(
    record: DiagnosisRecord = SICK, page: PageRecord = OUT
) -> Hospital:
    house = Hospital()
    house.ward.restore([record], [page])
    return house


async def test_what_still_holds_goes_on_as_one() -> None:
    house = restarted()
    house.probe("annex", "status").fails("refused")

    at_once = house.ward.diagnosis("annex")
    await house.pass_time(INTERVAL)
    later = house.ward.diagnosis("annex")

    assert (at_once.cause, at_once.since) == ("process_down", SINCE)
    assert (later.cause, later.since) == ("process_down", SINCE)
    assert (at_once.recalled, later.recalled) == (True, False)
    assert house.causes("annex") == []
    assert house.pages == []


async def test_what_has_healed_meanwhile_ends() -> None:
    house = restarted()

    await house.pass_time(INTERVAL)

    assert house.causes("annex") == ["none"]
    assert [type(one).__name__ for one in house.pages] == ["PageEnded"]


async def test_what_nobody_looks_at_is_not_believed_for_long() -> None:
    house = restarted()
    for check in house.checks:
        house.schedule.remove(check.key)

    await house.pass_time(20)
    young = house.cause("annex")
    await house.pass_time(20)

    assert young == "process_down"
    assert house.cause("annex") == "no_data"


async def test_another_server_of_the_name_begins_anew() -> None:
    house = restarted(record=replace(SICK, url="http://elsewhere"))

    assert house.cause("annex") == "no_data"


async def test_a_healthy_or_unknown_past_is_not_recalled() -> None:
    for cause in ("none", "a_cause_of_a_newer_release"):
        house = restarted(record=replace(SICK, cause=cause))

        assert house.cause("annex") == "no_data"


async def test_a_server_that_is_gone_is_not_recalled() -> None:
    house = restarted(
        record=replace(SICK, target="gone"), page=replace(OUT, target="gone")
    )

    assert [type(one).__name__ for one in house.pages] == ["PageEnded"]


def _looping(house: Hospital) -> None:
    """Let `studio` end again and again."""
    house.probe("studio", "status").fails("refused")
    house.probe("studio", "process").fails("crash_loop")


async def test_one_look_after_a_restart_is_no_other_cause() -> None:
    house = Hospital()
    _looping(house)
    for check in ("status", "process"):
        house.board.restore(
            Kept(
                key=key("studio", check),
                track=Track(health=Health.UNHEALTHY, since=SINCE),
                last_success=SINCE,
                told_at=house.clock.now() - 5,
            )
        )
    house.ward.restore(
        [replace(SICK, target="studio", cause="crash_loop", url="")],
        [replace(OUT, target="studio", host="gpu1", cause="crash_loop")],
    )

    for _ in range(60):
        await house.pass_time(0.5)

    assert house.causes("studio") == []
    assert house.pages == []
    assert house.cause("studio") == "crash_loop"


async def test_a_reload_that_changes_a_check_does_neither() -> None:
    house = Hospital()
    await house.settle()
    house.probe("annex", "status").fails("refused")
    await house.pass_time(INTERVAL + 10)
    house.told.clear()

    before, *others = house.checks
    after = replace(before, timeout=4.0)
    house.schedule.remove(before.key)
    house.tell(
        house.board.rewire(TARGETS, [Host(name="gpu1")], [after, *others])
    )
    await house.pass_time(ROUND)
    meanwhile = house.cause("annex")
    house.schedule.add(after)
    await house.pass_time(INTERVAL)

    assert before.key == key("annex", "status")
    assert meanwhile == house.cause("annex") == "process_down"
    assert house.causes("annex") == []
    assert house.pages == []


async def test_a_clock_that_jumps_does_neither() -> None:
    house = Hospital()
    await house.settle()
    _looping(house)
    await house.pass_time(INTERVAL + 10)
    house.told.clear()

    house.clock.jump(3600)
    house.ward.tick()
    held = house.cause("studio"), house.cause("annex")
    await house.pass_time(2 * INTERVAL)

    assert held == ("crash_loop", "none")
    assert [house.causes(one.name) for one in TARGETS] == [[], [], []]
    assert house.pages == []


async def test_a_clock_that_jumps_is_no_excuse_for_long() -> None:
    house = Hospital()
    await house.settle()
    for check in house.checks:
        house.schedule.remove(check.key)

    house.clock.jump(3600)
    await house.pass_time(INTERVAL + 20)

    assert house.cause("annex") == "no_data"


async def test_a_clock_that_is_set_back_does_neither() -> None:
    house = Hospital()
    await house.settle()
    house.probe("annex", "status").fails("refused")
    await house.pass_time(INTERVAL + 10)
    house.told.clear()

    house.clock.jump(-3600)
    house.ward.tick()
    held = house.cause("annex"), house.cause("studio")
    for check in house.checks:
        await house.watch.turn(check)
    for _ in range(ROUND):
        house.clock.pass_time(1.0)
        house.ward.tick()

    diagnosis = house.ward.diagnosis("annex")
    assert held == (diagnosis.cause, "none") == ("process_down", "none")
    assert diagnosis.since <= house.clock.now()
    assert [house.causes(one.name) for one in TARGETS] == [[], [], []]
    assert house.pages == []
