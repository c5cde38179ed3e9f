"""What the board shows of one server, as a case."""

from dataclasses import replace

from monitor.domain.diagnosis.case import Case
from monitor.domain.fleet import Host
from monitor.domain.health import Health
from monitor.domain.judgement import Track
from monitor.domain.observation import CheckKey, Kind
from monitor.domain.service.reading import Process, ServiceReading
from monitor.engine.board import Board
from monitor.engine.evidence import CONTROL, Evidence
from tests.engine.hospital import TARGETS, Hospital, key
from tests.fakes.probe import seen

ANNEX, ATTIC, STUDIO = TARGETS
NOW = 1_000_000.0


def case_of(house: Hospital, evidence: Evidence, name: str) -> Case:
    return evidence.case(name, house.clock.now())


def posted(
    house: Hospital, evidence: Evidence, one: CheckKey, health: Health
) -> None:
    """Put a look on the board that says the same as the opinion."""
    check = house.board.entry(one).check
    look = seen(health, key=one, at=house.clock.now())
    track = Track(health=health, since=house.clock.now())
    house.board.post(check, look, track)
    evidence.saw(look, track)


def test_a_case_holds_a_servers_own_looks_and_its_machines() -> None:
    house = Hospital(control=True)
    evidence = Evidence(house.board)

    case = case_of(house, evidence, "studio")

    assert set(case.looks) == {"status", "process"}
    assert set(case.host) == {"host", "gpu"}
    assert case.control is not None
    assert case_of(house, evidence, "annex").host == {}


def test_without_control_addresses_there_is_no_such_look() -> None:
    house = Hospital()

    assert case_of(house, Evidence(house.board), "annex").control is None


def test_an_opinion_rests_on_the_look_that_said_so() -> None:
    house = Hospital()
    evidence = Evidence(house.board)
    status = key("annex", "status")
    posted(house, evidence, status, Health.UNHEALTHY)
    good = seen(Health.HEALTHY, key=status, at=house.clock.now())
    held = house.board.entry(status)

    house.board.post(held.check, good, held.track)
    evidence.saw(good, held.track)
    look = case_of(house, evidence, "annex").status

    assert look is not None
    assert look.grounds is not None
    assert look.grounds.health is Health.UNHEALTHY
    assert look.seen is good
    assert look.in_doubt
    assert (look.reason, look.last_reason) == ("refused", "")


def test_an_opinion_from_before_a_restart_rests_on_nothing() -> None:
    house = Hospital()
    held = house.board.entry(key("annex", "status"))
    good = seen(Health.HEALTHY, at=house.clock.now())
    house.board.post(held.check, good, Track(health=Health.UNHEALTHY))

    look = case_of(house, Evidence(house.board), "annex").status

    assert look is not None
    assert look.health is Health.UNHEALTHY
    assert not look.is_bad


def test_a_process_counts_beside_the_status_that_answers() -> None:
    house = Hospital()
    evidence = Evidence(house.board)
    posted(house, evidence, key("studio", "process"), Health.UNHEALTHY)
    house.clock.pass_time(5)
    posted(house, evidence, key("studio", "status"), Health.HEALTHY)

    look = case_of(house, evidence, "studio").process

    assert look is not None
    assert look.health is Health.DEGRADED
    assert look.grounds is not None


def test_a_process_without_a_status_counts_alone() -> None:
    house = Hospital()
    checks = [c for c in house.checks if c.key.check == "process"]
    house.board.rewire(TARGETS, [Host(name="gpu1")], checks)
    evidence = Evidence(house.board)
    posted(house, evidence, key("studio", "process"), Health.UNHEALTHY)

    look = case_of(house, evidence, "studio").process

    assert look is not None
    assert look.health is Health.UNHEALTHY


def test_a_look_at_a_machine_concerns_every_server_on_it() -> None:
    evidence = Evidence(Hospital().board)

    assert evidence.concerned(key("gpu1", "gpu")) == ["attic", "studio"]
    assert evidence.concerned(key("gpu9", "gpu")) == ()
    assert evidence.concerned(key("annex", "status")) == ("annex",)
    assert evidence.concerned(key("gone", "status")) == ()
    assert evidence.concerned(CONTROL) == ()


def test_a_reload_that_moves_a_server_to_another_machine_counts() -> None:
    house = Hospital()
    evidence = Evidence(house.board)
    before = evidence.on("gpu1")

    house.board.rewire(
        (replace(STUDIO, host=""), ATTIC), [Host(name="gpu1")], house.checks
    )

    assert (before, evidence.on("gpu1")) == (["attic", "studio"], ["attic"])


def test_what_one_look_cannot_show_is_remembered_and_forgotten() -> None:
    house = Hospital()
    evidence = Evidence(house.board)
    one = CheckKey(kind=Kind.TARGET, subject="studio", check="process")
    server = Process(pid=7, start_ticks=1, started_at=NOW, is_server=True)
    reading = ServiceReading(manager="systemd", port=9002, processes=(server,))
    look = seen(key=one, at=NOW, reading=reading)

    evidence.saw(look, Track(health=Health.HEALTHY))
    kept = case_of(house, evidence, "studio").memory.work.samples
    evidence.forget([one], {"studio"})

    assert [sample.pid for sample in kept] == [7]
    assert not case_of(house, evidence, "studio").memory.work.samples


def test_a_board_of_nobody_has_no_cases() -> None:
    evidence = Evidence(Board([], [], []))

    assert evidence.on("gpu1") == ()


def test_what_the_clock_has_not_come_to_again_is_not_known() -> None:
    house = Hospital()
    evidence = Evidence(house.board)
    status = key("annex", "status")
    posted(house, evidence, status, Health.HEALTHY)

    look = case_of(house, evidence, "annex").status
    house.clock.jump(-10)
    ahead = case_of(house, evidence, "annex").status

    assert look is not None
    assert ahead is not None
    assert look.since == look.last_success == NOW
    assert (ahead.since, ahead.last_success) == (None, None)
