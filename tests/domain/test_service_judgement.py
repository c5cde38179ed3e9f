"""What a look at a service suggests, in the words of the diagnosis."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.health import Health
from monitor.domain.machine.answered import Answered
from monitor.domain.machine.finding import Verdict
from monitor.domain.machine.reading import Gap
from monitor.domain.service.asked import Asked
from monitor.domain.service.judgement import judge
from monitor.domain.service.listening import is_loopback
from monitor.domain.service.memory import ServiceMemory, remember
from monitor.domain.service.reader import read_service
from monitor.domain.service.reading import ServiceReading
from tests.domain.any_json import JSON
from tests.domain.machine_parts import AT, answer
from tests.domain.service_parts import (
    ASKED,
    PORT,
    container,
    listener,
    process,
    service,
    unit,
)

DOCKER = replace(ASKED, manager="docker", unit="facefusion")
BARE = replace(ASKED, manager="process", unit="")
LOCAL = replace(ASKED, is_loopback=True)
YOUNG = process(started_at=AT - 59)
INSIDE = listener(port=7860, in_container=True)
NONE: list[object] = []


def look(
    asked: Asked = ASKED, gaps: Sequence[object] = (), /, **fields: object
) -> ServiceReading:
    if asked.manager == "process":
        fields = {"unit": None, **fields}
    if asked.manager == "docker":
        fields = {"unit": container(), **fields}
    body = answer(gaps=gaps, service=service(**fields))
    return read_service(Answered(body), asked)


def verdict(
    reading: ServiceReading,
    asked: Asked = ASKED,
    memory: ServiceMemory | None = None,
) -> Verdict:
    return judge(
        reading, asked, remember(memory or ServiceMemory(), reading, 1000.0)
    )


def reason(
    asked: Asked = ASKED, gaps: Sequence[object] = (), /, **fields: object
) -> tuple[Health, str]:
    given = verdict(look(asked, gaps, **fields), asked)
    return given.health, given.reason


def down(**fields: object) -> dict[str, object]:
    """Return a look at a unit of which nothing runs."""
    ended = unit(**{"main_pid": 0, "sub_state": "dead", **fields})
    return {"unit": ended, "processes": NONE, "listeners": NONE}


HEALTHY = (Health.HEALTHY, "")


def unhealthy(word: str) -> tuple[Health, str]:
    return Health.UNHEALTHY, word


class TestRuns:
    def test_a_service_that_listens_is_healthy_and_says_how_it_is(
        self,
    ) -> None:
        given = verdict(replace(look(), cpu_ratio=1.25))

        assert (given.health, given.reason) == HEALTHY
        assert given.because == (
            "facefusion.service runs and listens (pid 812, up 1 h 0 min, "
            "2.0 GiB resident, 125% CPU)"
        )

    def test_what_is_not_known_of_it_is_left_out(self) -> None:
        thin = replace(look(processes=[process(resident=None)]), now=None)

        assert verdict(thin).because == (
            "facefusion.service runs and listens (pid 812)"
        )

    def test_gaps_are_told_and_no_fault(self) -> None:
        gap = {"part": "service", "what": "user", "because": "cannot look"}

        given = verdict(look(ASKED, [gap]))

        assert given.health is Health.HEALTHY
        assert given.because.endswith("; user: cannot look")

    def test_a_main_process_that_we_cannot_see_runs_all_the_same(self) -> None:
        given = verdict(look(processes=NONE))

        assert (given.health, given.reason) == HEALTHY
        assert given.because == (
            "facefusion.service runs and its port is served"
        )

    def test_a_unit_with_processes_runs_whatever_they_look_like(self) -> None:
        shell = process(is_server=False)

        assert reason(unit=unit(main_pid=0), processes=[shell]) == HEALTHY

    @pytest.mark.parametrize("asked", [DOCKER, BARE])
    def test_containers_and_bare_processes_run_too(self, asked: Asked) -> None:
        assert reason(asked) == HEALTHY


class TestSettings:
    def test_a_unit_that_nobody_knows_is_a_setting(self) -> None:
        gone = unit(load_state="not-found", active_state="inactive")

        given = verdict(look(unit=gone, processes=NONE))

        assert (given.health, given.reason) == (Health.UNKNOWN, "unit_missing")
        assert "systemd knows no unit facefusion.service" in given.because

    def test_so_is_a_container_that_nobody_knows(self) -> None:
        gone = {"kind": "docker", "name": "facefusion", "state": "not-found"}

        given = verdict(look(DOCKER, unit=gone, processes=NONE), DOCKER)

        assert given.reason == "unit_missing"
        assert "docker knows no container facefusion" in given.because


class TestStopped:
    @pytest.mark.parametrize(
        "fields",
        [
            {"job": "stop"},
            {"job": "stop", "active_state": "deactivating"},
            {"active_state": "inactive", "load_state": "masked"},
            {"active_state": "failed", "enabled": "masked-runtime"},
            {"active_state": "inactive", "stop_asked": True},
            {
                "active_state": "failed",
                "result": "timeout",
                "stop_asked": True,
            },
            {
                "active_state": "inactive",
                "exit_code": "exited",
                "exit_status": 0,
            },
            {
                "active_state": "inactive",
                "exit_code": "killed",
                "exit_status": 15,
            },
        ],
    )
    def test_somebody_meant_it(self, fields: dict[str, object]) -> None:
        assert reason(**down(**fields)) == unhealthy("stopped")

    def test_a_unit_that_is_masked_while_it_runs_runs(self) -> None:
        assert reason(unit=unit(enabled="masked-runtime")) == HEALTHY

    def test_a_stop_job_seen_before_is_remembered(self) -> None:
        stopping = look(unit=unit(job="stop", active_state="deactivating"))
        memory = remember(ServiceMemory(), stopping, 1.0)
        ended = look(
            **down(active_state="failed", result="signal", exit_code="killed")
        )

        assert verdict(ended, memory=memory).reason == "stopped"

    def test_it_is_forgotten_when_it_runs_again(self) -> None:
        stopping = look(unit=unit(job="stop", active_state="deactivating"))
        memory = remember(ServiceMemory(), stopping, 1.0)
        memory = remember(memory, look(), 2.0)
        ended = look(
            **down(active_state="failed", result="signal", exit_code="killed")
        )

        assert verdict(ended, memory=memory).reason == "process_down"

    def test_a_unit_not_asked_for_keeps_the_memory(self) -> None:
        stopping = look(unit=unit(job="stop"))
        memory = remember(ServiceMemory(), stopping, 1.0)

        assert remember(memory, look(unit=None), 2.0).stop_seen

    @pytest.mark.parametrize(
        "fields",
        [
            {"state": "paused"},
            {"state": "exited", "restart_policy": "always"},
            {"state": "exited", "restart_policy": "unless-stopped"},
            {"state": "exited", "exit_status": 143},
            {"state": "exited", "exit_status": 130},
        ],
    )
    def test_a_container_was_stopped(self, fields: dict[str, object]) -> None:
        assert reason(DOCKER, unit=container(**fields)) == unhealthy("stopped")


class TestDown:
    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            (
                {
                    "active_state": "failed",
                    "result": "signal",
                    "exit_code": "killed",
                    "exit_status": 9,
                },
                "was killed by SIGKILL",
            ),
            (
                {
                    "active_state": "failed",
                    "result": "core-dump",
                    "exit_code": "dumped",
                    "exit_status": 11,
                },
                "was killed by SIGSEGV and left a core dump",
            ),
            (
                {
                    "active_state": "failed",
                    "result": "exit-code",
                    "exit_code": "exited",
                    "exit_status": 2,
                },
                "exited with code 2",
            ),
            (
                {
                    "active_state": "failed",
                    "result": "oom-kill",
                    "exit_code": "killed",
                    "exit_status": 9,
                },
                "was killed to get memory back (OOM)",
            ),
            (
                {"active_state": "failed", "result": "resources"},
                "failed (resources)",
            ),
            (
                {"active_state": "inactive", "enabled": "disabled"},
                "has not run since the host started",
            ),
            (
                {
                    "active_state": "inactive",
                    "exit_code": "exited",
                    "stop_asked": False,
                },
                "exited with code unknown",
            ),
            (
                {
                    "active_state": "failed",
                    "result": "signal",
                    "exit_code": "killed",
                },
                "was killed by a signal",
            ),
            (
                {
                    "active_state": "failed",
                    "result": "signal",
                    "exit_code": "killed",
                    "exit_status": 999,
                },
                "was killed by signal 999",
            ),
            (
                {
                    "active_state": "inactive",
                    "exit_code": "killed",
                    "exit_status": 9,
                },
                "was killed by SIGKILL",
            ),
            (
                {
                    "active_state": "inactive",
                    "exit_code": "exited",
                    "exit_status": 1,
                },
                "exited with code 1",
            ),
            (
                {
                    "active_state": "inactive",
                    "exit_code": "killed",
                    "exit_status": 15,
                    "stop_asked": False,
                },
                "was killed by SIGTERM",
            ),
            (
                {"active_state": "deactivating", "since": None},
                "is deactivating: it has not run",
            ),
            (
                {"active_state": "deactivating", "main_pid": 812},
                "it is about to end",
            ),
        ],
    )
    def test_a_unit_that_ended_says_how(
        self, fields: dict[str, object], words: str
    ) -> None:
        given = verdict(look(**down(**fields)))

        assert (given.health, given.reason) == unhealthy("process_down")
        assert words in given.because

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            (
                {"state": "exited", "oom_killed": True, "exit_status": 137},
                "was killed to get memory back (OOM)",
            ),
            (
                {
                    "state": "exited",
                    "oom_killed": True,
                    "exit_status": 137,
                    "restart_policy": "always",
                },
                "was killed to get memory back (OOM)",
            ),
            (
                {"state": "exited", "exit_status": 137},
                "exited with code 137 (SIGKILL)",
            ),
            ({"state": "exited", "exit_status": 1}, "exited with code 1"),
            ({"state": "created"}, "was never started"),
            (
                {"state": "dead", "restart_policy": "always"},
                "tells no exit code",
            ),
        ],
    )
    def test_a_container_that_ended_says_how(
        self, fields: dict[str, object], words: str
    ) -> None:
        ended = container(**fields)
        given = verdict(look(DOCKER, unit=ended, processes=NONE), DOCKER)

        assert (given.health, given.reason) == unhealthy("process_down")
        assert words in given.because

    def test_who_took_its_port_meanwhile_is_told(self) -> None:
        ended = down(active_state="failed", result="signal")
        holder = {"pid": 9, "uid": 0, "name": "python"}

        given = verdict(look(**ended, port_taken_by=holder))

        assert given.reason == "process_down"
        assert given.because.endswith(
            f"; port {PORT} is taken by python (pid 9)"
        )

    def test_a_bare_process_that_nobody_finds_is_down(self) -> None:
        assert reason(BARE, processes=NONE) == unhealthy("process_down")

    def test_jobs_are_no_server(self) -> None:
        job = process(is_server=False)

        assert reason(BARE, processes=[job]) == unhealthy("process_down")

    def test_an_active_unit_without_a_process_is_down(self) -> None:
        left = unit(main_pid=0, sub_state="exited")

        assert reason(unit=left, processes=NONE) == unhealthy("process_down")

    @pytest.mark.parametrize("state", ["Z", "X"])
    @pytest.mark.parametrize("is_server", [True, False])
    def test_a_zombie_has_ended(self, state: str, *, is_server: bool) -> None:
        dead = process(state=state, is_server=is_server)

        assert reason(processes=[dead]) == unhealthy("zombie")

    def test_a_zombie_whose_child_serves_does_not_matter(self) -> None:
        dead = process(state="Z")
        child = process(pid=813, ppid=812, is_server=False)

        assert (
            reason(processes=[dead, child], listeners=[listener(pid=813)])
            == HEALTHY
        )


class TestUnseen:
    UNKNOWN = (Health.UNKNOWN, "unseen")

    @pytest.mark.parametrize("asked", [ASKED, DOCKER])
    def test_a_manager_that_cannot_be_asked_is_no_evidence(
        self, asked: Asked
    ) -> None:
        assert reason(asked, unit=None, processes=NONE) == self.UNKNOWN

    def test_processes_without_a_manager_are_evidence(self) -> None:
        assert reason(unit=None) == HEALTHY

    @pytest.mark.parametrize("what", ["", "processes", "cwd", "internal"])
    def test_hidden_processes_are_no_evidence(self, what: str) -> None:
        gap = {"part": "service", "what": what, "because": "cannot see"}

        assert reason(BARE, [gap], processes=NONE) == self.UNKNOWN

    @pytest.mark.parametrize(
        ("part", "what"), [("service", "listeners"), ("disks", "")]
    )
    def test_other_gaps_hide_no_process(self, part: str, what: str) -> None:
        gap = {"part": part, "what": what, "because": "cannot see"}

        assert reason(BARE, [gap], processes=NONE) == unhealthy("process_down")

    def test_a_part_that_is_missing_is_no_evidence(self) -> None:
        for asked in (ASKED, DOCKER, BARE):
            reading = read_service(Answered(answer()), asked)

            given = verdict(reading, asked)

            assert (given.health, given.reason) == self.UNKNOWN

    def test_a_state_without_a_name_is_no_evidence(self) -> None:
        odd = unit(active_state=None, main_pid=0)
        gap = {"part": "service", "what": "processes", "because": "cannot"}

        assert reason(ASKED, [gap], unit=odd, processes=NONE) == self.UNKNOWN

    def test_listeners_that_could_not_be_seen_are_no_evidence(self) -> None:
        assert reason(listeners=None) == self.UNKNOWN


class TestStarts:
    @pytest.mark.parametrize(
        "fields",
        [
            {"active_state": "activating", "sub_state": "auto-restart"},
            {"active_state": "activating", "sub_state": ""},
            {"active_state": "inactive", "job": "start"},
            {"active_state": "deactivating", "job": "restart"},
        ],
    )
    def test_a_unit_about_to_start_is_starting(
        self, fields: dict[str, object]
    ) -> None:
        assert reason(**down(**fields)) == (Health.DEGRADED, "starting")

    def test_so_is_a_container_that_docker_restarts(self) -> None:
        again = container(state="restarting")

        assert reason(DOCKER, unit=again) == (Health.DEGRADED, "starting")

    def test_one_that_hit_its_start_limit_is_in_a_loop(self) -> None:
        given = verdict(
            look(**down(active_state="failed", result="start-limit-hit"))
        )

        assert (given.health, given.reason) == unhealthy("crash_loop")
        assert "hit its start limit" in given.because

    def test_three_restarts_that_systemd_counted_are_a_loop(self) -> None:
        memory = remember(ServiceMemory(), look(), 400.0)
        again = look(unit=unit(restarts=3))

        given = verdict(again, memory=memory)

        assert (given.health, given.reason) == unhealthy("crash_loop")
        assert "started 3 times in 10 min" in given.because

    def test_two_are_none(self) -> None:
        memory = remember(ServiceMemory(), look(), 400.0)
        again = look(unit=unit(restarts=2))

        assert verdict(again, memory=memory).health is Health.HEALTHY

    def test_processes_that_follow_each_other_count_too(self) -> None:
        memory = ServiceMemory()
        for pid in (1, 2, 3):
            seen = look(BARE, processes=[process(pid=pid)])
            memory = remember(memory, seen, 600.0 + 100 * pid)
            nobody = look(BARE, processes=NONE)
            memory = remember(memory, nobody, 650.0 + 100 * pid)
        last = look(BARE, processes=[process(pid=4)])

        assert len(memory.starts) == 2
        assert verdict(last, BARE, memory).reason == "crash_loop"

    @pytest.mark.parametrize(
        ("after", "fields", "health"),
        [
            (119.0, {}, Health.UNHEALTHY),
            (120.0, {}, Health.DEGRADED),
            (120.0, {"processes": NONE, "main_pid": None}, Health.UNHEALTHY),
        ],
    )
    def test_a_loop_that_runs_again_may_be_over(
        self, after: float, fields: dict[str, object], health: Health
    ) -> None:
        memory = remember(ServiceMemory(), look(), 100.0)
        memory = remember(memory, look(unit=unit(restarts=4)), 150.0)
        main = unit(restarts=4, main_pid=fields.get("main_pid", 812))
        seen = look(unit=main, processes=fields.get("processes", [process()]))

        memory = remember(memory, seen, 150.0 + after)
        given = judge(seen, ASKED, memory)

        assert (given.health, given.reason) == (health, "crash_loop")

    @pytest.mark.parametrize(
        ("every", "over"), [(30.0, 120.0), (70.0, 140.0), (150.0, 300.0)]
    )
    def test_one_that_runs_twice_as_long_as_before_loops_no_more(
        self, every: float, over: float
    ) -> None:
        memory = ServiceMemory()
        for count in range(4):
            seen = look(unit=unit(restarts=count))
            memory = remember(memory, seen, 1000.0 + every * count)
        last = 1000.0 + every * 3
        late, soon = (
            judge(seen, ASKED, remember(memory, seen, last + over - less))
            for less in (0.0, 1.0)
        )

        assert soon.reason == "crash_loop"
        assert late.health is Health.HEALTHY

    def test_starts_that_one_look_counted_may_be_far_apart(self) -> None:
        memory = remember(ServiceMemory(), look(), 0.0)
        seen = look(unit=unit(restarts=5))
        memory = remember(memory, seen, 100.0)
        late, soon = (
            judge(seen, ASKED, remember(memory, seen, 500.0 - less))
            for less in (0.0, 1.0)
        )

        assert (soon.health, soon.reason) == (Health.DEGRADED, "crash_loop")
        assert late.health is Health.HEALTHY

    def test_starts_are_forgotten_after_ten_minutes(self) -> None:
        memory = remember(ServiceMemory(), look(), 0.0)
        memory = remember(memory, look(unit=unit(restarts=5)), 399.0)

        assert verdict(look(), memory=memory).health is Health.HEALTHY

    def test_starts_seen_within_ten_minutes_are_not(self) -> None:
        memory = remember(ServiceMemory(), look(), 0.0)
        memory = remember(memory, look(unit=unit(restarts=5)), 400.0)

        kept = remember(memory, look(unit=unit(restarts=5)), 1000.0)

        assert len(kept.starts) == 5

    def test_a_boot_is_no_crash(self) -> None:
        memory = remember(ServiceMemory(), look(unit=unit(restarts=0)), 900.0)
        again = replace(
            look(unit=unit(restarts=9), processes=[process(pid=7)]),
            boot_id="other",
        )

        after = remember(memory, again, 901.0)

        assert after.starts == ()
        assert after.boot_id == "other"

    def test_a_boot_that_is_not_known_changes_nothing(self) -> None:
        memory = remember(ServiceMemory(), look(), 1.0)

        after = remember(memory, replace(look(), boot_id=""), 2.0)

        assert after.boot_id == memory.boot_id
        assert after.starts == ()

    def test_restarts_that_somebody_asked_for_are_no_loop(self) -> None:
        memory = ServiceMemory()
        for pid in (812, 813, 814, 815):
            seen = look(processes=[process(pid=pid)], unit=unit(restarts=0))
            memory = remember(memory, seen, float(pid))

        assert memory.starts == ()

    def test_what_is_remembered_is_bounded(self) -> None:
        memory = remember(ServiceMemory(), look(), 1.0)

        memory = remember(memory, look(unit=unit(restarts=10**9)), 2.0)

        assert len(memory.starts) == 100


class TestState:
    def test_a_suspended_server_does_not_serve(self) -> None:
        assert reason(processes=[process(state="T")]) == unhealthy("suspended")

    def test_one_that_waits_in_the_kernel_three_looks_long_is_told(
        self,
    ) -> None:
        waits = look(processes=[process(state="D")])
        memory = ServiceMemory()
        told = []

        for at in (1.0, 2.0, 3.0):
            memory = remember(memory, waits, at)
            told.append(judge(waits, ASKED, memory).reason)

        assert told == ["", "", "uninterruptible"]
        assert judge(waits, ASKED, memory).health is Health.DEGRADED

    def test_another_server_or_another_state_counts_anew(self) -> None:
        waits = look(processes=[process(state="D")])
        memory = remember(ServiceMemory(), waits, 1.0)
        memory = remember(memory, waits, 2.0)

        other = look(processes=[process(state="D", pid=9)])

        assert memory.waiting == 2
        assert remember(memory, other, 3.0).waiting == 1
        assert remember(memory, look(), 3.0).waiting == 0
        assert remember(memory, look(processes=NONE), 3.0).waiting == 0

    def test_a_wait_explains_a_port_that_nobody_serves(self) -> None:
        waits = look(processes=[process(state="D")], listeners=NONE)
        memory = ServiceMemory(server=(812, 140_000), waiting=2)

        given = verdict(waits, memory=memory)

        assert given.reason == "uninterruptible"
        assert given.health is Health.UNHEALTHY


class TestListens:
    def test_a_young_one_may_still_start(self) -> None:
        assert reason(processes=[YOUNG], listeners=NONE) == (
            Health.DEGRADED,
            "starting",
        )

    def test_a_start_takes_no_longer_than_its_grace(self) -> None:
        grown = process(started_at=AT - 60)

        assert reason(processes=[grown], listeners=NONE) == unhealthy(
            "not_listening"
        )

    def test_one_from_the_future_has_just_started(self) -> None:
        odd = process(started_at=AT + 900)

        assert reason(processes=[odd], listeners=NONE)[1] == "starting"

    def test_without_a_process_the_unit_tells_the_age(self) -> None:
        assert reason(processes=NONE, listeners=NONE) == unhealthy(
            "not_listening"
        )

    @pytest.mark.parametrize(
        "fields", [{"unit": unit(since=None), "processes": NONE}]
    )
    def test_without_an_age_it_is_not_known(
        self, fields: dict[str, object]
    ) -> None:
        assert reason(listeners=NONE, **fields) == (
            Health.UNKNOWN,
            "not_listening",
        )

    def test_without_the_hosts_clock_it_is_not_known_either(self) -> None:
        reading = replace(look(listeners=NONE), now=None)

        assert verdict(reading).health is Health.UNKNOWN

    def test_a_unit_none_and_no_server_tell_no_age(self) -> None:
        reading = replace(look(listeners=NONE), unit=None, processes=())

        assert verdict(reading).reason == "unseen"

    @pytest.mark.parametrize(
        ("port", "word"),
        [
            (PORT + 1, "port_drift"),
            (PORT + 99, "port_drift"),
            (PORT + 100, "not_listening"),
            (PORT - 1, "not_listening"),
        ],
    )
    def test_a_port_drifts_up_by_less_than_a_hundred(
        self, port: int, word: str
    ) -> None:
        assert reason(listeners=[listener(port=port)]) == unhealthy(word)

    def test_where_it_listens_instead_is_told(self) -> None:
        places = [listener(port=one) for one in (1, 2, 3, 4)]
        six = listener(address="::1", port=1)

        given = verdict(look(listeners=[*places, six]))

        assert given.because.endswith(
            "; it or its user listens on 0.0.0.0:1, 0.0.0.0:2, 0.0.0.0:3 "
            "and 2 more"
        )

    def test_a_listener_that_may_be_anothers_proves_no_drift(self) -> None:
        doubtful = listener(port=PORT + 1, pid=None)

        assert reason(listeners=[doubtful]) == unhealthy("not_listening")

    def test_a_stranger_on_the_port_goes_before_the_drift(self) -> None:
        given = verdict(
            look(
                listeners=[listener(port=PORT + 1)],
                port_taken_by={"pid": 9, "uid": 0, "name": "python"},
            )
        )

        assert (given.health, given.reason) == unhealthy("port_taken")
        assert given.because == (
            f"port {PORT} is taken by python (pid 9); it or its user listens "
            f"on 0.0.0.0:{PORT + 1}"
        )

    def test_a_proxy_on_the_port_is_no_stranger(self) -> None:
        behind = listener(address="127.0.0.1", port=PORT + 1)
        holder = {"pid": 9, "uid": 0, "name": "nginx"}

        assert reason(listeners=[behind], port_taken_by=holder) == HEALTHY

    def test_somebody_without_a_name_may_be_a_proxy(self) -> None:
        holder = {"pid": None, "uid": 0, "name": None}

        elsewhere = reason(
            listeners=[listener(port=7860)], port_taken_by=holder
        )
        drifted = reason(
            listeners=[listener(port=PORT + 1)], port_taken_by=holder
        )
        silent = reason(listeners=NONE, port_taken_by=holder)

        assert elsewhere == HEALTHY
        assert drifted == unhealthy("port_drift")
        assert silent == unhealthy("not_listening")

    @pytest.mark.parametrize(
        "address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "127.0.0.53"]
    )
    def test_loopback_alone_reaches_nobody_else(self, address: str) -> None:
        there = [listener(address=address)]

        assert reason(listeners=there) == unhealthy("bound_to_loopback")
        assert reason(LOCAL, listeners=there) == HEALTHY

    @pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.1.10", "*"])  # noqa: S104
    def test_any_other_address_does(self, address: str) -> None:
        both = [listener(address="127.0.0.1"), listener(address=address)]

        assert reason(listeners=both) == HEALTHY

    def test_the_zone_of_an_address_does_not_matter(self) -> None:
        assert is_loopback("::1%lo")
        assert not is_loopback("fe80::1%eth0")

    def test_a_container_listens_on_a_port_of_its_own(self) -> None:
        assert reason(DOCKER, listeners=[INSIDE]) == HEALTHY

    def test_a_published_port_helps_nobody_where_the_inner_is_loopback(
        self,
    ) -> None:
        inner = listener(address="127.0.0.1", port=7860, in_container=True)

        assert reason(DOCKER, listeners=[inner, listener()]) == unhealthy(
            "bound_to_loopback"
        )

    def test_nor_does_one_that_is_published_on_loopback(self) -> None:
        published = listener(address="127.0.0.1")

        assert reason(DOCKER, listeners=[INSIDE, published]) == unhealthy(
            "bound_to_loopback"
        )

    @pytest.mark.parametrize(
        "other",
        [
            listener(port=22, pid=1, uid=0, in_container=True),
            listener(port=22, pid=None, uid=0, in_container=True),
        ],
    )
    def test_what_else_listens_in_its_container_is_not_it(
        self, other: dict[str, object]
    ) -> None:
        init = process(pid=1, ppid=0, uid=0, is_server=False)
        both = [process(), init]

        assert reason(DOCKER, processes=both, listeners=[other]) == unhealthy(
            "not_listening"
        )

    @pytest.mark.parametrize(
        "own",
        [
            listener(port=7860, pid=814, in_container=True),
            listener(port=7860, pid=None, in_container=True),
            listener(port=7860, pid=None, uid=None, in_container=True),
        ],
    )
    def test_what_its_children_and_its_user_listen_to_is(
        self, own: dict[str, object]
    ) -> None:
        child = process(pid=813, ppid=812, is_server=False)
        grandchild = process(pid=814, ppid=813, is_server=False)
        three = [grandchild, child, process()]

        assert reason(DOCKER, processes=three, listeners=[own]) == HEALTHY

    def test_without_a_server_to_be_seen_anything_inside_counts(self) -> None:
        assert reason(DOCKER, processes=NONE, listeners=[INSIDE]) == HEALTHY

    def test_a_container_that_listens_nowhere_is_told(self) -> None:
        assert reason(DOCKER, listeners=NONE) == unhealthy("not_listening")


@given(
    st.sampled_from([ASKED, DOCKER, BARE]),
    st.dictionaries(
        st.sampled_from(["unit", "processes", "listeners", "port_taken_by"]),
        JSON
        | st.sampled_from(
            [unit(), container(), [process()], [listener()], [YOUNG]]
        ),
    ),
)
def test_any_answer_gives_a_verdict_that_explains_itself(
    asked: Asked, fields: dict[str, object]
) -> None:
    reading = read_service(Answered(answer(service=fields)), asked)

    given = verdict(reading, asked)

    assert given.because
    assert (given.health is Health.HEALTHY) == (not given.reason)


@given(st.sampled_from([ASKED, DOCKER, BARE]), JSON)
def test_an_answer_of_which_nothing_can_be_read_never_means_down(
    asked: Asked, part: object
) -> None:
    reading = read_service(Answered(answer(service=part)), asked)

    assert verdict(reading, asked).health is Health.UNKNOWN


def test_a_gap_of_another_part_is_told_as_it_is() -> None:
    gap = Gap(part="pmon", what="", because="cannot ask pmon")

    assert verdict(replace(look(), gaps=(gap,))).because.endswith(
        "; cannot ask pmon"
    )
