"""The process: stopped, killed, starting, or listening elsewhere."""

from dataclasses import replace

import pytest

from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.diagnose import diagnose
from monitor.domain.diagnosis.memory import Memory
from monitor.domain.diagnosis.memory.work import Sample, Work
from monitor.domain.fleet import Target
from monitor.domain.health import Health
from monitor.domain.joblog.reading import LogEvent, LogReading
from monitor.domain.kernel.event import KernelReading, OomKill
from monitor.domain.service.reading import ServiceReading
from tests.domain.diagnosis.cases import (
    ALONE,
    DEGRADED,
    NOW,
    TARGET,
    UNHEALTHY,
    UNKNOWN,
    look,
    machine_reading,
    seen,
    service_reading,
    well,
)
from tests.domain.machine_parts import BOOT
from tests.domain.service_parts import container, process, unit

HOSTED = ("process", "logs", "jobs", "host", "gpu")
REFUSED = look("status", UNHEALTHY, reason="refused", since=NOW - 5)
NO_TCP = look("network", UNHEALTHY, reason="refused")


def gone(
    reason: str = "process_down",
    health: Health = UNHEALTHY,
    reading: ServiceReading | None = None,
    because: str = "facefusion.service is failed: it was killed by SIGKILL",
) -> Look:
    return look(
        "process", health, reason=reason, because=because, reading=reading
    )


def bad(process_look: Look, *more: Look, memory: Memory | None = None) -> Case:
    known = memory or Memory()
    return well(REFUSED, NO_TCP, process_look, *more, memory=known)


@pytest.mark.parametrize(
    ("reason", "cause", "severity"),
    [
        ("stopped", "stopped_by_operator", "warning"),
        ("crash_loop", "crash_loop", "critical"),
        ("process_down", "process_down", "critical"),
        ("zombie", "process_down", "critical"),
        ("not_listening", "not_listening", "critical"),
        ("port_drift", "port_drift", "critical"),
        ("port_taken", "port_drift", "critical"),
        ("bound_to_loopback", "bound_to_loopback", "critical"),
    ],
)
def test_what_the_process_shows_is_named(
    reason: str, cause: str, severity: str
) -> None:
    found = diagnose(bad(gone(reason)))

    assert (found.cause, found.health) == (cause, UNHEALTHY)
    assert found.severity == severity
    assert "killed by SIGKILL" in found.because
    assert "connections to port 9002 are refused" in found.because
    checks = {fact.key.check for fact in found.facts}
    assert checks == {"process", "status"}


@pytest.mark.parametrize("reason", ["stopped", "crash_loop", "process_down"])
def test_while_it_answers_all_the_same_it_is_a_warning(reason: str) -> None:
    found = diagnose(well(gone(reason, DEGRADED)))

    assert (found.health, found.severity) == (DEGRADED, "warning")
    assert "yet its status answers" in found.because


@pytest.mark.parametrize("reason", ["process_down", "port_drift", "suspended"])
def test_an_answer_from_before_is_asked_for_again(reason: str) -> None:
    young = replace(gone(reason), since=NOW - 0.5)

    before = diagnose(well(young))
    after = diagnose(well(young, look("status", at=NOW - 0.1)))
    alone = diagnose(well(young, without=("status",)))

    assert before.wants == ("status",)
    assert (after.cause, after.wants) == (before.cause, ())
    assert (alone.cause, alone.wants) == (before.cause, ())


def test_a_killed_one_is_asked_again_before_it_is_called_so() -> None:
    shown = gone(reading=failed(result="oom-kill"))

    found = diagnose(well(replace(shown, since=NOW - 0.5)))

    assert (found.cause, found.wants) == ("oom_killed", ("status",))


def test_one_look_is_enough_beside_a_bad_status() -> None:
    last = seen("process", UNHEALTHY, reason="process_down", because="dead")

    found = diagnose(bad(look("process", last=last)))

    assert (found.cause, found.wants) == ("process_down", ())
    assert found.because.startswith("dead")


def test_one_look_alone_is_not_enough() -> None:
    last = seen("process", UNHEALTHY, reason="process_down")

    assert diagnose(well(look("process", last=last))).is_well


@pytest.mark.parametrize(
    ("target", "without"), [(ALONE, HOSTED), (TARGET, ("process",))]
)
def test_without_a_look_at_the_process_a_refusal_is_enough(
    target: Target, without: tuple[str, ...]
) -> None:
    case = well(REFUSED, NO_TCP, without=without)
    case = replace(case, target=target)

    found = diagnose(case)

    assert (found.cause, found.severity) == ("process_down", "critical")
    assert "port 9002 are refused" in found.because
    assert {one.key.check for one in found.facts} == {"status", "network"}


def test_a_look_that_could_not_tell_is_none() -> None:
    unseen = look("process", UNKNOWN, reason="unseen")

    found = diagnose(well(REFUSED, unseen, without=("network",)))

    assert found.cause == "process_down"
    assert {one.key.check for one in found.facts} == {"status"}


@pytest.mark.parametrize(
    "case",
    [
        well(REFUSED, without=("process",)),
        well(REFUSED, NO_TCP),
        well(look("status", UNHEALTHY, reason="reset"), without=("process",)),
    ],
    ids=["TCP connects", "it runs", "no refusal"],
)
def test_otherwise_a_refusal_says_nothing_of_the_process(case: Case) -> None:
    assert diagnose(case).cause != "process_down"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://gpu", "port 80"),
        ("https://gpu", "port 443"),
        ("ftp://gpu", "its port"),
        ("http://gpu:x", "its port"),
    ],
)
def test_the_port_is_the_one_in_the_url(url: str, words: str) -> None:
    case = well(REFUSED, NO_TCP, without=HOSTED)

    found = diagnose(replace(case, target=replace(ALONE, url=url)))

    assert f"connections to {words} are refused" in found.because


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (well(gone(), without=("status",)), "not looked at"),
        (well(gone(), look("status", UNKNOWN)), "is not known"),
        (
            well(gone(), look("status", UNHEALTHY, reason="timeout")),
            "no answer in time",
        ),
        (
            well(
                gone(),
                look("status", UNHEALTHY, reason="odd", because="it glows"),
            ),
            "its status: it glows",
        ),
    ],
)
def test_what_the_status_says_is_told_beside_it(
    case: Case, words: str
) -> None:
    assert diagnose(case).because.endswith(words)


# Starting


def activating(for_: float, **fields: object) -> ServiceReading:
    started = unit(
        active_state="activating",
        sub_state="start",
        since=NOW - for_,
        **fields,
    )
    return service_reading(unit=started, processes=[], listeners=[])


def about_to_start(reading: ServiceReading | None) -> Look:
    return gone("starting", DEGRADED, reading, "systemd is about to start it")


@pytest.mark.parametrize("for_", [0.0, 30.0, 58.0])
def test_a_start_under_way_is_waited_for(for_: float) -> None:
    found = diagnose(bad(about_to_start(activating(for_))))

    assert (found.cause, found.severity) == ("starting", "info")
    assert found.health is DEGRADED
    assert found.because == "systemd is about to start it"
    checks = {fact.key.check for fact in found.facts}
    assert checks == {"process", "status"}


def test_a_start_beyond_its_grace_is_none() -> None:
    found = diagnose(bad(about_to_start(activating(60.0))))

    assert (found.cause, found.severity) == ("process_down", "critical")
    assert "start_grace of 60 s" in found.because


def test_a_start_beyond_its_grace_is_degraded_while_it_is_not_missed() -> None:
    unknown = look("status", UNKNOWN)
    case = well(about_to_start(activating(90.0)), unknown)

    assert diagnose(case).health is DEGRADED


@pytest.mark.parametrize(
    "reading",
    [
        None,
        service_reading(unit=None, listeners=[]),
        service_reading(
            unit=unit(active_state="inactive", job="start"), processes=[]
        ),
    ],
    ids=["no reading", "no unit", "a job that waits"],
)
def test_a_start_of_unknown_age_is_waited_for(
    reading: ServiceReading | None,
) -> None:
    assert diagnose(bad(about_to_start(reading))).cause == "starting"


def test_a_container_that_restarts_is_waited_for() -> None:
    told = service_reading(unit=None, processes=[])
    restarting = replace(
        service_reading().unit or pytest.fail("no unit"),
        manager="docker",
        active_state="",
        state="restarting",
        since=NOW - 10,
    )
    reading = replace(told, manager="docker", unit=restarting)

    assert diagnose(bad(about_to_start(reading))).cause == "starting"
    late = replace(reading, unit=replace(restarting, since=NOW - 90))
    assert diagnose(bad(about_to_start(late))).cause == "process_down"


def test_nobody_waits_for_a_start_that_serves() -> None:
    restart = look(
        "process", last=seen("process", DEGRADED, reason="starting")
    )

    assert diagnose(well(restart)).is_well


def test_a_start_beside_good_answers_is_nobodys_page() -> None:
    found = diagnose(well(about_to_start(activating(5.0))))

    assert (found.cause, found.severity) == ("starting", "info")


def test_a_start_is_told_while_the_status_is_not_known() -> None:
    case = well(about_to_start(activating(5.0)), look("status", UNKNOWN))

    found = diagnose(case)

    assert found.cause == "starting"
    assert [fact.key.check for fact in found.facts] == ["process"]
    nothing = well(look("process"), look("status", UNKNOWN))
    assert diagnose(nothing).cause == "no_data"


def young(for_: float, at: float = NOW) -> ServiceReading:
    return service_reading(processes=[process(started_at=at - for_)])


def test_a_young_process_is_given_its_grace() -> None:
    timeout = look("status", UNHEALTHY, reason="timeout")

    found = diagnose(well(timeout, look("process", reading=young(30))))

    assert found.cause == "starting"
    assert "runs for 31 s of the 60 s" in found.because
    old = well(timeout, look("process", reading=young(59.5)))
    assert diagnose(old).cause != "starting"


def test_a_young_process_that_served_already_is_not_starting() -> None:
    """It was well, then answered 500: waiting would hide a fault."""
    refused = look("status", UNHEALTHY, reason="status_code")
    process = look("process", reading=young(30))
    before = replace(refused, last_success=NOW - 30)
    since = replace(refused, last_success=NOW - 20)

    assert diagnose(well(before, process)).cause == "starting"
    assert diagnose(well(since, process)).cause == "server_error"


@pytest.mark.parametrize(
    "reason", ["port_drift", "port_taken", "bound_to_loopback"]
)
def test_what_time_does_not_heal_is_not_starting(reason: str) -> None:
    found = diagnose(bad(gone(reason, reading=young(10))))

    assert found.cause == ("port_drift" if reason == "port_taken" else reason)


def test_a_process_is_as_old_as_its_own_clock_says() -> None:
    """Its host's clock is a day ahead of ours."""
    day = 86_400.0
    reading = replace(young(10.0, NOW + day), now=NOW + day)
    timeout = look("status", UNHEALTHY, reason="timeout")

    found = diagnose(well(timeout, look("process", reading=reading)))

    assert found.cause == "starting"
    assert "runs for 11 s" in found.because


def test_without_a_clock_a_process_has_the_machines() -> None:
    reading = replace(young(10.0), now=None)
    timeout = look("status", UNHEALTHY, reason="timeout")
    looks = (timeout, look("process", reading=reading))

    assert diagnose(well(*looks)).cause == "starting"
    assert diagnose(well(*looks, without=("host",))).cause != "starting"


def booted(ago: float) -> Look:
    return look("host", reading=machine_reading(uptime=ago))


IDLE = service_reading(
    unit=unit(active_state="inactive", main_pid=0), processes=[], listeners=[]
)


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        (IDLE, "starting"),
        (service_reading(unit=None, processes=[], listeners=[]), "starting"),
        (service_reading(), "process_down"),
        (
            service_reading(
                unit=unit(active_state="failed"), processes=[], listeners=[]
            ),
            "process_down",
        ),
    ],
    ids=["not yet", "nothing", "it ran", "it failed"],
)
def test_a_machine_that_just_booted_is_given_time(
    reading: ServiceReading, expected: str
) -> None:
    found = diagnose(bad(gone(reading=reading), booted(100.0)))

    assert found.cause == expected


def test_a_boot_lasts_two_minutes_at_least_or_the_grace() -> None:
    case = bad(gone(reading=IDLE), booted(150.0))
    since = look("host", reading=machine_reading(uptime=100), at=NOW - 30)

    assert diagnose(case).cause == "process_down"
    assert diagnose(bad(gone(reading=IDLE), since)).cause == "process_down"
    patient = replace(TARGET, start_grace=300.0)
    found = diagnose(replace(case, target=patient))
    assert found.cause == "starting"
    assert "gpu1 booted 2 min ago" in found.because


def test_a_boot_explains_a_refusal_without_a_look_at_the_process() -> None:
    case = well(REFUSED, NO_TCP, booted(30.0), without=("process",))
    timeout = look("status", UNHEALTHY, reason="timeout")
    hung = well(timeout, booted(30.0), without=("process",))

    assert diagnose(case).cause == "starting"
    assert diagnose(hung).cause != "starting"


# Killed for memory


KILL = OomKill(
    boot_id=BOOT,
    at=NOW - 20,
    pid=812,
    process="python",
    cgroup="/system.slice/facefusion.service",
)


def killed(kill: OomKill = KILL) -> Look:
    kernel = KernelReading(
        source="kmsg", cursor="1", boot_id=BOOT, ooms=(kill,)
    )
    return look("host", reading=machine_reading(kernel=kernel))


def failed(**fields: object) -> ServiceReading:
    ended = unit(active_state="failed", main_pid=0, since=NOW - 10, **fields)
    return service_reading(unit=ended, processes=[], listeners=[])


def test_systemd_says_that_it_was_killed_for_memory() -> None:
    found = diagnose(bad(gone(reading=failed(result="oom-kill"))))

    assert (found.cause, found.severity) == ("oom_killed", "critical")
    assert "systemd says so of facefusion.service" in found.because
    assert "are refused" in found.because
    assert found.remedies == ("restart",)


def test_docker_says_that_it_was_killed_for_memory() -> None:
    reading = failed()
    dead = replace(
        reading.unit or pytest.fail("no unit"),
        manager="docker",
        state="exited",
        oom_killed=True,
    )

    found = diagnose(bad(gone(reading=replace(reading, unit=dead))))

    assert found.cause == "oom_killed"
    assert container()["oom_killed"] is False


def test_the_kernel_says_that_it_killed_its_cgroup() -> None:
    found = diagnose(bad(gone(reading=failed()), killed(replace(KILL, pid=1))))

    assert found.cause == "oom_killed"
    assert "pid 1 at " in found.because
    assert {one.key.check for one in found.facts} == {
        "process",
        "status",
        "host",
    }


@pytest.mark.parametrize(
    "kill",
    [
        replace(KILL, pid=1, cgroup="/user.slice/other.service"),
        replace(KILL, at=NOW - 500),
    ],
    ids=["another's", "long before"],
)
def test_other_kills_are_not_its_own(kill: OomKill) -> None:
    found = diagnose(bad(gone(reading=failed()), killed(kill)))

    assert found.cause == "process_down"


@pytest.mark.parametrize(
    ("started", "cause"),
    [(NOW - 15, "process_down"), (NOW - 400, "oom_killed")],
)
def test_a_kill_of_the_process_before_is_not_its_own(
    started: float, cause: str
) -> None:
    memory = Memory(work=Work(gone=812, started_at=started))

    found = diagnose(bad(gone(reading=failed()), killed(), memory=memory))

    assert found.cause == cause


SAMPLE = Sample(
    at=NOW - 60, pid=812, working=False, on_gpu=None, cpu_ratio=0.0
)


def test_without_a_unit_the_pid_that_ran_last_counts() -> None:
    nothing = service_reading(unit=None, processes=[], listeners=[])
    last = seen("process", UNHEALTHY, reason="process_down", reading=nothing)
    work = Work(samples=(SAMPLE,)).learn(last)
    memory = Memory(work=work)
    case = bad(
        gone(reading=nothing), killed(replace(KILL, cgroup="")), memory=memory
    )

    assert work.gone == 812
    assert work.learn(last).gone == 812
    assert diagnose(case).cause == "oom_killed"
    other = bad(gone(reading=nothing), killed(replace(KILL, cgroup="")))
    assert diagnose(other).cause == "process_down"


def test_a_kill_long_before_our_checks_noticed_is_another() -> None:
    nothing = service_reading(unit=None, processes=[], listeners=[])
    dead = replace(gone(reading=nothing), since=NOW - 5)
    memory = Memory(work=Work(gone=812))
    case = bad(
        dead, killed(replace(KILL, cgroup="", at=NOW - 200)), memory=memory
    )

    assert diagnose(case).cause == "process_down"


def test_a_kill_is_dated_by_the_hosts_own_clock() -> None:
    day = 86_400.0
    kernel = KernelReading(
        source="kmsg",
        cursor="1",
        boot_id=BOOT,
        ooms=(replace(KILL, at=NOW + day - 20),),
    )
    host = look("host", reading=machine_reading(clock=day, kernel=kernel))
    reading = failed()
    dead = replace(
        reading.unit or pytest.fail("no unit"), since=NOW + day - 10
    )
    there = replace(reading, unit=dead, now=NOW + day)

    assert diagnose(bad(gone(reading=there), host)).cause == "oom_killed"


def test_without_any_clock_of_the_host_no_kill_has_an_age() -> None:
    timeless = replace(failed(), now=None)
    kernel = KernelReading(
        source="kmsg", cursor="1", boot_id=BOOT, ooms=(KILL,)
    )
    reading = replace(machine_reading(kernel=kernel), clock_offset=None)
    blind = look("host", reading=reading)

    found = diagnose(bad(gone(reading=timeless), blind))

    assert found.cause == "process_down"


def logged(kind: str = "oom_killed", *, undated: bool = False) -> Look:
    line = "Failed with result 'oom-kill'."
    event = LogEvent(kind=kind, at=NOW - 12, evidence=line, undated=undated)
    reading = LogReading(source="journal", cursor="1", recent=(event,))
    return look("logs", DEGRADED, reason=kind, reading=reading)


def test_its_log_says_that_it_was_killed_for_memory() -> None:
    found = diagnose(bad(gone(reading=failed()), logged()))

    assert found.cause == "oom_killed"
    assert "oom-kill" in found.because


@pytest.mark.parametrize("log", [logged("no_face"), logged(undated=True)])
def test_other_lines_do_not_say_so(log: Look) -> None:
    assert diagnose(bad(gone(reading=failed()), log)).cause == "process_down"


def test_a_kill_counts_while_it_starts_again() -> None:
    reading = activating(3.0, result="oom-kill")

    found = diagnose(bad(about_to_start(reading)))

    assert (found.cause, found.also) == ("oom_killed", ("starting",))


def test_a_kill_of_a_server_that_runs_again_is_over() -> None:
    case = well(
        look("status", UNHEALTHY, reason="timeout"), killed(), logged()
    )

    assert diagnose(case).cause != "oom_killed"


def test_a_kill_that_nobody_misses_is_none() -> None:
    reading = failed(result="oom-kill")
    last = seen("process", UNHEALTHY, reason="process_down", reading=reading)

    assert diagnose(well(look("process", last=last))).is_well


def test_what_was_seen_before_a_server_came_back_is_past() -> None:
    gone = look("process", DEGRADED, reason="process_down", at=NOW - 10)

    def found(since: float) -> str:
        return diagnose(well(gone, look("status", since=since))).cause

    assert found(NOW - 5) == "none"
    assert found(NOW - 15) == "process_down"


def test_a_status_in_doubt_is_evidence_too() -> None:
    doubted = look("status", last=seen("status", UNHEALTHY, reason="refused"))
    gone = look("process", UNHEALTHY, reason="process_down")
    reading = failed(result="oom-kill")
    killed_one = look(
        "process", UNHEALTHY, reason="process_down", reading=reading
    )

    for one_gone in (gone, killed_one):
        found = diagnose(well(doubted, one_gone))
        assert "status" in {one.key.check for one in found.facts}
        steady = diagnose(well(one_gone))
        assert "status" not in {one.key.check for one in steady.facts}
