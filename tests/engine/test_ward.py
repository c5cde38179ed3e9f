"""One diagnosis a server, kept up as evidence comes in."""

import pytest

from monitor.domain.diagnosis.cause import Severity
from monitor.domain.health import Health
from monitor.engine.asking import ASK_OTHERS
from monitor.engine.evidence import CONTROL
from tests.engine.hospital import INTERVAL, TARGETS, Hospital, key, moved

ANNEX, ATTIC, STUDIO = TARGETS


async def _refused(house: Hospital, target: str) -> None:
    house.probe(target, "status").fails("refused")
    await house.pass_time(INTERVAL + 10)


async def test_nothing_is_known_before_the_first_look() -> None:
    house = Hospital()

    assert house.ward.diagnosis("studio").cause == "no_data"
    assert house.ward.page("studio") is None
    assert house.ward.health("studio", house.clock.now()) is Health.UNKNOWN


async def test_a_server_that_answers_has_no_cause() -> None:
    house = Hospital()

    await house.pass_time(INTERVAL)

    case = house.ward.evidence.case("annex", house.clock.now())
    assert house.causes("annex") == ["none"]
    assert case.status is not None
    assert case.status.is_well
    assert house.ward.health("annex", house.clock.now()) is Health.HEALTHY
    assert house.pages == []


async def test_a_refused_server_is_told_once_and_once_when_it_heals() -> None:
    house = Hospital()
    await house.settle()

    await _refused(house, "annex")
    sick = house.ward.health("annex", house.clock.now())
    await house.pass_time(3 * INTERVAL)
    house.probe("annex", "status").works()
    await house.pass_time(INTERVAL + 10)

    assert sick is Health.UNHEALTHY
    assert house.causes("annex") == ["process_down", "none"]
    assert [type(one).__name__ for one in house.pages] == [
        "Paged",
        "PageEnded",
    ]


async def test_the_beginning_of_a_diagnosis_stays_while_it_holds() -> None:
    house = Hospital()
    await house.settle()

    await _refused(house, "annex")
    before = house.ward.diagnosis("annex")
    await house.pass_time(5 * INTERVAL)
    after = house.ward.diagnosis("annex")

    assert after.since == before.since
    assert after.at > before.at


async def test_the_first_bad_look_has_everything_looked_at() -> None:
    house = Hospital()
    await house.settle()
    house.probe("studio", "status").fails("refused")
    await house.schedule_due("studio", "status")

    assert house.probe("studio", "process").looks >= 1
    assert house.probe("gpu1", "host").looks >= 1
    assert house.probe("gpu1", "gpu").looks >= 1


async def test_everything_is_looked_at_once_in_a_while_only() -> None:
    house = Hospital()
    await house.settle()
    status = house.probe("studio", "status")

    for _ in range(4):  # it comes and goes, so its first look is bad again
        status.fails("refused")
        await house.schedule_due("studio", "status")
        status.works()
        await house.schedule_due("studio", "status")

    assert house.probe("gpu1", "gpu").looks == 1
    assert ASK_OTHERS > 0


async def test_only_what_is_watched_is_asked_for() -> None:
    house = Hospital()
    await house.settle()
    house.asked.clear()
    house.probe("studio", "status").fails("refused")
    house.probe("annex", "status").fails("refused")
    await house.schedule_due("studio", "status")
    await house.schedule_due("annex", "status")

    known = {one.key for one in house.checks}
    assert house.asked
    assert set(house.asked) <= known


async def test_a_machine_that_looks_bad_has_its_servers_looked_at() -> None:
    house = Hospital()
    await house.settle()
    house.probe("gpu1", "host").fails("timeout")
    await house.schedule_due("gpu1", "host")

    assert house.probe("studio", "status").looks >= 1
    assert house.probe("attic", "status").looks >= 1
    assert house.probe("annex", "status").looks <= 1


async def test_a_report_has_the_kernel_and_the_log_looked_at() -> None:
    house = Hospital()
    await house.settle()

    house.report("studio")
    await house.pass_time(0.0)

    assert house.probe("gpu1", "host").looks == 1


async def test_a_report_about_a_stranger_asks_for_nothing() -> None:
    house = Hospital()
    await house.settle()

    house.report("nobody")
    await house.pass_time(0.0)

    assert house.probe("gpu1", "host").looks == 0


async def test_while_a_change_is_not_believed_the_worse_health_counts() -> (
    None
):
    house = Hospital()
    await house.settle()
    house.probe("studio", "status").fails("refused")
    house.probe("studio", "process").fails("unseen", Health.UNKNOWN)
    house.schedule.remove(key("gpu1", "gpu"))  # it answers nobody in time

    await house.until_unsettled("studio")

    assert house.cause("studio") == "none"
    assert house.ward.health("studio", house.clock.now()) is (Health.UNHEALTHY)


async def test_what_grows_too_old_is_no_data_and_warns_after_a_while() -> None:
    house = Hospital()
    await house.settle()
    house.schedule.remove(key("annex", "status"))

    await house.pass_time(4 * INTERVAL)
    young = house.ward.diagnosis("annex")
    unknown = house.ward.health("annex", house.clock.now())
    await house.pass_time(700)
    old = house.ward.diagnosis("annex")

    assert (young.cause, young.severity) == ("no_data", "info")
    assert unknown is Health.UNKNOWN
    assert (old.cause, old.severity) == ("no_data", "warning")
    assert house.causes("annex") == ["no_data", "no_data"]


async def test_a_healthy_server_without_fresh_looks_is_unknown() -> None:
    house = Hospital()
    await house.settle()

    later = house.clock.now() + 1000

    assert house.ward.health("annex", later) is Health.UNKNOWN


async def test_our_own_network_counts_for_everybody_at_once() -> None:
    house = Hospital(control=True)
    await house.settle()
    for name in ("annex", "studio", "attic"):
        house.probe(name, "status").fails("timeout")
    house.probes[CONTROL].fails("blind")

    await house.pass_time(INTERVAL + 10)

    assert {house.cause(n) for n in ("annex", "studio", "attic")} == {
        "monitor_blind"
    }
    assert house.pages == []


async def test_a_late_loop_of_ours_is_no_fault_of_theirs() -> None:
    house = Hospital()
    await house.settle()
    house.lag = 20.0

    house.probe("annex", "status").fails("timeout")
    await house.pass_time(INTERVAL + 10)

    assert house.cause("annex") == "monitor_blind"


async def test_a_fault_of_ours_that_is_back_is_told_again() -> None:
    house = Hospital()
    await house.settle()

    for lag in (-1.0, 0.0, -1.0):
        house.lag = lag
        await house.pass_time(INTERVAL)

    assert len(house.broken) == 2 * len(TARGETS)


async def test_a_fault_of_ours_in_weighing_stops_no_watching() -> None:
    house = Hospital()
    await house.settle()
    house.lag = -1.0

    house.probe("annex", "status").fails("refused")
    await house.pass_time(INTERVAL)
    house.lag = 0.0
    await house.pass_time(INTERVAL)

    names = [one.key for one in house.broken]
    assert key("annex", "diagnosis") in names
    assert len(names) == len(set(names)) == len(TARGETS)
    assert house.cause("annex") == "process_down"


@pytest.mark.parametrize("left", [(ATTIC, STUDIO), (ATTIC, STUDIO, ANNEX)])
async def test_a_server_that_is_gone_or_moved_begins_anew(
    left: tuple[object, ...],
) -> None:
    house = Hospital()
    await house.settle()
    await _refused(house, "annex")
    house.told.clear()

    house.rewire(
        ATTIC, STUDIO, *(moved(ANNEX, "http://other"),) * (ANNEX in left)
    )

    assert house.cause("annex") == "no_data"
    assert [type(one).__name__ for one in house.pages] == ["PageEnded"]
    assert house.ward.page("annex") is None


async def test_a_server_without_checks_is_never_well() -> None:
    house = Hospital()
    await house.settle()
    house.rewire(*TARGETS, moved(ANNEX, "http://new"))

    await house.pass_time(INTERVAL)

    assert house.cause("studio") == "none"


@pytest.mark.parametrize("reason", ["bound_to_loopback", "port_drift"])
async def test_who_is_reached_through_a_proxy_wakes_nobody(
    reason: str,
) -> None:
    house = Hospital()
    await house.settle()

    house.probe("studio", "process").fails(reason)
    await house.pass_time(3600)

    assert house.causes("studio") == []
    assert house.pages == []


async def test_who_answers_without_its_service_is_not_called_down() -> None:
    house = Hospital()
    await house.settle()

    house.probe("studio", "process").fails("process_down")
    await house.schedule_due("studio", "process")
    await house.pass_time(15)
    soon = house.causes("studio")
    await house.pass_time(3600)

    assert soon == house.causes("studio") == ["process_down"]
    assert house.ward.diagnosis("studio").health is Health.DEGRADED
    (page,) = house.pages
    assert page.page.severity is Severity.WARNING
