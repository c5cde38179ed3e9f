"""A server that answers wrongly, or not at all, or takes no jobs."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.answer import Phases
from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.diagnosis import Diagnosis, made_of
from monitor.domain.diagnosis.finding import Finding
from monitor.domain.diagnosis.memory import Memory
from monitor.domain.diagnosis.memory.finished import Finished
from monitor.domain.diagnosis.memory.queue import Queue
from monitor.domain.diagnosis.memory.work import Sample, Work
from monitor.domain.diagnosis.rules.server import RULES
from monitor.domain.diagnosis.rules.silence import REST_AFTER_WORK
from monitor.domain.gpu.reading import GpuReading
from monitor.domain.network import NetworkReading
from monitor.domain.observation import Reading
from monitor.domain.status import StatusReading
from tests.domain.diagnosis.cases import (
    ALONE,
    DEGRADED,
    GPU,
    NOW,
    TARGET,
    UNHEALTHY,
    UNKNOWN,
    case,
    look,
    seen,
    stale,
    well,
)

CONNECTED = StatusReading(dialect="rest", phases=Phases(connect=0.001))
NOT_REACHED = StatusReading(dialect="rest", phases=Phases(resolve=0.0))


def found(given: Case) -> list[Finding]:
    return [one for rule in RULES for one in rule(given)]


def only(given: Case) -> Diagnosis:
    (one,) = found(given)
    return made_of(one, given.now)


def status(
    reason: str,
    reading: Reading | None = None,
    *,
    last_success: float | None = NOW - 30,
) -> Look:
    down = look("status", UNHEALTHY, reason=reason, reading=reading)
    return replace(down, last_success=last_success, since=NOW - 20)


def silent() -> Look:
    return status("timeout", CONNECTED)


def answered(code: int, recognised: str = "") -> Look:
    told = StatusReading(dialect="rest", code=code, recognised=recognised)
    return status("status_code", told)


SIGNS = {"w": True, "-": False, "?": None}


def worked(
    signs: str, *, every: float = 3.0, on_gpu: bool | None = None
) -> Memory:
    """Remember looks at a process that worked, idled, or hid it.

    The last is one second old.
    """
    count = len(signs)
    return Memory(
        work=Work(
            samples=tuple(
                Sample(
                    at=NOW - 1 - every * (count - 1 - n),
                    pid=812,
                    working=SIGNS[sign],
                    on_gpu=on_gpu,
                    cpu_ratio=0.0,
                )
                for n, sign in enumerate(signs)
            )
        )
    )


def test_nothing_is_found_of_a_healthy_server() -> None:
    assert not found(well())
    assert not found(case())
    assert not found(case(stale("status")))


class TestDialect:
    def test_a_server_of_another_dialect_is_named(self) -> None:
        diagnosis = only(well(answered(404, "gradio")))

        assert diagnosis.cause == "wrong_dialect"
        assert diagnosis.health is UNKNOWN
        assert "dialect: gradio" in diagnosis.because

    def test_its_own_dialect_is_not_wrong(self) -> None:
        assert only(well(answered(404, "rest"))).cause == "server_error"

    def test_a_server_that_is_up_is_not_asked(self) -> None:
        told = StatusReading(dialect="rest", recognised="gradio")

        assert not found(well(look("status", reading=told)))


class TestErrors:
    @pytest.mark.parametrize(
        "reason",
        [
            "error_page",
            "bad_body",
            "reports_trouble",
            "protocol",
            "reset",
            "closed",
            "too_large",
        ],
    )
    def test_a_wrong_answer_may_be_restarted(self, reason: str) -> None:
        diagnosis = only(well(status(reason)))

        assert diagnosis.cause == "server_error"
        assert diagnosis.remedies == ("restart",)
        assert f"status says {reason}" in diagnosis.because

    @pytest.mark.parametrize("code", [500, 502, 503, 504, 204])
    def test_a_server_that_fails_may_be_restarted(self, code: int) -> None:
        assert only(well(answered(code))).remedies == ("restart",)

    @pytest.mark.parametrize("code", [401, 403, 404, 407, 429, 301])
    def test_settings_are_healed_by_no_restart(self, code: int) -> None:
        assert only(well(answered(code))).remedies == ()

    def test_a_redirect_is_healed_by_no_restart(self) -> None:
        told = StatusReading(dialect="rest", code=302)

        assert only(well(status("redirect", told))).remedies == ()
        assert only(well(status("redirect"))).remedies == ()

    @pytest.mark.parametrize("reason", ["refused", "tls", "resolve"])
    def test_no_way_to_it_is_no_error_of_it(self, reason: str) -> None:
        assert not found(well(status(reason)))


class TestSilence:
    def test_three_idle_looks_are_a_hang(self) -> None:
        diagnosis = only(well(silent(), memory=worked("---")))

        assert diagnosis.cause == "hung"
        assert diagnosis.remedies == ("restart",)
        assert not diagnosis.wants
        assert "3 looks within 6 s" in diagnosis.because

    @pytest.mark.parametrize(
        "memory",
        [
            Memory(),
            worked("--"),
            worked("??"),
            worked("?--"),
            worked("---", every=2.9),
        ],
    )
    def test_fewer_want_another_look(self, memory: Memory) -> None:
        (one,) = found(well(silent(), memory=memory))

        assert (one.cause, one.wants) == ("hung", ("process",))

    def test_looks_before_it_last_answered_say_nothing(self) -> None:
        down = replace(silent(), last_success=NOW - 5)
        memory = worked("----")

        (one,) = found(well(down, memory=memory))

        assert one.wants

    def test_any_work_since_is_busy(self) -> None:
        memory = worked("-w--")

        diagnosis = only(well(silent(), memory=memory))

        assert diagnosis.cause == "busy"
        assert diagnosis.severity == "info"

    def test_one_that_stops_in_the_middle_of_its_work_hangs(self) -> None:
        """Where it hangs something was under way: that is no work for ever."""
        down = replace(silent(), last_success=NOW - 300)
        memory = worked("-ww---", every=REST_AFTER_WORK / 2)
        short = worked("-ww---", every=REST_AFTER_WORK / 2 - 0.1)
        finished = replace(memory, finished=Finished(at=NOW - 1))

        diagnosis = only(well(down, memory=memory))

        assert (diagnosis.cause, diagnosis.remedies) == ("hung", ("restart",))
        assert "3 looks within 1 min" in diagnosis.because
        assert only(well(down, memory=short)).cause == "busy"
        assert only(well(down, memory=finished)).cause == "busy"

    def test_a_long_video_on_the_gpu_is_busy_for_hours(self) -> None:
        down = replace(silent(), last_success=NOW - 9000)
        memory = worked("-w", on_gpu=True)

        assert only(well(down, memory=memory)).cause == "busy"

    def test_a_loop_on_the_cpu_hangs_after_the_busy_limit(self) -> None:
        down = replace(silent(), last_success=NOW - 1801)
        memory = worked("-w")
        finished = replace(memory, finished=Finished(at=NOW - 1800))

        diagnosis = only(well(down, memory=memory))
        assert diagnosis.cause == "hung"
        assert "only takes CPU" in diagnosis.because
        assert only(well(down, memory=finished)).cause == "busy"

    @pytest.mark.parametrize(
        ("without", "memory"), [(("process",), Memory()), ((), worked("???"))]
    )
    def test_what_cannot_be_seen_is_busy_until_the_limit(
        self, without: tuple[str, ...], memory: Memory
    ) -> None:
        old = replace(silent(), last_success=NOW - 1801)

        young = only(well(silent(), without=without, memory=memory))
        late = only(well(old, without=without, memory=memory))

        assert young.cause == "busy"
        assert "cannot be seen" in young.because
        assert late.cause == "hung"

    def test_a_server_that_never_answered_counts_from_the_opinion(
        self,
    ) -> None:
        never = replace(silent(), last_success=None, since=NOW - 1801)
        unknown = replace(never, since=None)

        assert only(case(never, target=ALONE)).cause == "hung"
        assert only(case(unknown, target=ALONE)).cause == "busy"

    def test_without_a_process_in_the_reading_nothing_is_seen(self) -> None:
        assert only(well(silent(), stale("process"))).cause == "busy"

    def test_tcp_through_the_network_check_is_enough(self) -> None:
        down = status("timeout", NOT_REACHED)

        assert only(well(down, without=("process",))).cause == "busy"

    def test_a_server_that_is_only_degraded_does_not_hang(self) -> None:
        slow = look("status", DEGRADED, reason="timeout", reading=CONNECTED)

        assert not found(well(slow, memory=worked("---")))

    @pytest.mark.parametrize("reading", [NOT_REACHED, None])
    def test_where_nothing_connects_it_is_not_the_server(
        self, reading: Reading | None
    ) -> None:
        down = status("timeout", reading)
        lost = look("network", UNHEALTHY, reading=NetworkReading())

        assert not found(well(down, lost))
        assert not found(well(down, stale("network")))
        assert not found(well(down, without=("network",)))

    def test_a_suspended_process_hangs_at_once(self) -> None:
        stopped = look(
            "process", UNHEALTHY, reason="suspended", because="SIGSTOP"
        )

        diagnosis = only(well(silent(), stopped))

        assert (diagnosis.cause, diagnosis.because) == ("hung", "SIGSTOP")
        assert only(case(stopped)).cause == "hung"

    def test_one_look_at_a_suspended_process_is_enough_in_silence(
        self,
    ) -> None:
        last = seen("process", UNHEALTHY, reason="suspended")

        assert only(well(silent(), look("process", last=last))).cause == "hung"
        assert not found(well(look("process", last=last)))
        assert not found(case(look("process", last=last)))

    def test_a_suspended_one_that_is_answered_for_is_degraded(self) -> None:
        stopped = look("process", DEGRADED, reason="suspended")

        assert only(well(stopped)).health is DEGRADED


def waiting(size: int | None = 3) -> Look:
    told = StatusReading(dialect="rest", code=200, queue_size=size)
    return look("status", reading=told)


def still(seconds: float = 600.0, looks: int = 3) -> Memory:
    return Memory(queue=Queue(still_since=NOW - seconds, size=3, looks=looks))


class TestQueue:
    def test_jobs_that_wait_for_an_idle_gpu_are_stuck(self) -> None:
        diagnosis = only(well(waiting(), memory=still()))

        assert diagnosis.cause == "queue_stuck"
        assert diagnosis.because.startswith("3 jobs in its queue, none taken")
        assert diagnosis.remedies == ("restart",)

    def test_one_job_is_enough(self) -> None:
        one = only(well(waiting(1), memory=still(), without=("process",)))

        assert one.because.startswith("1 job in")

    @pytest.mark.parametrize(
        "memory", [Memory(), still(599.0), still(looks=2)]
    )
    def test_patience_comes_first(self, memory: Memory) -> None:
        assert not found(well(waiting(), memory=memory))

    def test_a_job_that_finished_meanwhile_moves_the_queue(self) -> None:
        memory = replace(still(9000.0), finished=Finished(at=NOW - 599))

        assert not found(well(waiting(), memory=memory))

    @pytest.mark.parametrize("load", [0.05, 1.0, None])
    def test_a_long_queue_with_a_gpu_not_known_idle_is_healthy(
        self, load: float | None
    ) -> None:
        gpu = replace(GPU, utilization_ratio=load)
        cards = look("gpu", reading=GpuReading(gpus=(gpu,)))

        assert not found(well(waiting(), cards, memory=still()))

    @pytest.mark.parametrize("size", [0, None])
    def test_no_job_is_no_stuck_queue(self, size: int | None) -> None:
        assert not found(well(waiting(size), memory=still()))

    def test_nothing_is_said_without_a_look_at_the_gpu(self) -> None:
        bare = look("gpu", reading=GpuReading())

        assert not found(well(waiting(), without=("gpu",), memory=still()))
        assert not found(well(waiting(), stale("gpu"), memory=still()))
        assert not found(well(waiting(), bare, memory=still()))


@given(
    reason=st.sampled_from(["timeout", "status_code", "reset", "refused"]),
    code=st.none() | st.integers(100, 599),
    connect=st.none() | st.floats(0, 5),
    signs=st.text("w-?", max_size=8),
    age=st.floats(0, 1e5),
)
def test_a_server_is_one_thing_at_most_and_working_ones_never_hang(
    reason: str,
    code: int | None,
    connect: float | None,
    signs: str,
    age: float,
) -> None:
    told = StatusReading(
        dialect="rest", code=code, phases=Phases(connect=connect)
    )
    down = status(reason, told, last_success=NOW - age)
    given_case = well(down, memory=worked(signs, on_gpu=True), target=TARGET)

    causes = [one.cause for one in found(given_case)]

    assert len(causes) <= 1
    shown = given_case.memory.work.since(NOW - age)
    if any(one.working for one in shown):
        assert "hung" not in causes
