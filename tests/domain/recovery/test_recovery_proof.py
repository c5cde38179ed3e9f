"""The proof: what looks and runs say of a restart, and when it is too late."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.canary.reading import Result
from monitor.domain.recovery.births import births, is_there
from monitor.domain.recovery.identity import Identity
from monitor.domain.recovery.ports_owned import drifted, is_owned
from monitor.domain.recovery.proof import (
    PASSED,
    Glance,
    Proof,
    Terms,
    Trial,
    prove,
)
from monitor.domain.service.reading import (
    Listener,
    PortHolder,
    Process,
    ServiceReading,
    Unit,
)

AT = 1_700_000_000.0
BOOT = "0d9f0d6e-6f1c-4b37-9a3b-0e1f2a3b4c5d"
OLD = Identity(
    boot_id=BOOT, pid=812, start_ticks=1_000, uid=990, is_server=True
)
TERMS = Terms(
    before=(OLD,),
    boot_id=BOOT,
    port=9002,
    start_grace=60.0,
    began=10.0,
    serves_within=90.0,
    canaries_within=60.0,
    canaries=("canary.enhance",),
)
BARE = replace(TERMS, canaries=(), canaries_within=0.0)


def server(
    pid: int = 900, ticks: int = 5_000, *, age: float = 5.0, state: str = "S"
) -> Process:
    return Process(
        pid=pid,
        start_ticks=ticks,
        started_at=AT - age,
        uid=990,
        state=state,
        is_server=True,
    )


def reading(
    *processes: Process, port: int | None = 9002, **more: object
) -> ServiceReading:
    """Return a service; whoever serves listens on `port`."""
    found = ServiceReading(
        manager="systemd",
        port=9002,
        boot_id=BOOT,
        now=AT,
        processes=processes,
    )
    owner = found.server.pid if found.server else None
    listener = Listener(address="0.0.0.0", port=port or 0, pid=owner)  # noqa: S104 - as ss shows it
    listeners = (listener,) if processes and port else ()
    return replace(found, **{"listeners": listeners, **more})  # type: ignore[arg-type]  # by name


def glance(
    since: float,
    service: ServiceReading | None = None,
    *,
    passed: bool | None = True,
    reason: str = "",
) -> Glance:
    return Glance(
        at=AT + since,
        since_sent=since,
        service=service,
        passed=passed,
        reason=reason,
        because="as seen",
    )


def row(*since: float, service: ServiceReading | None = None) -> list[Glance]:
    well = service or reading(server())
    return [glance(one, well) for one in since]


def trial(since: float, result: Result = Result.OK) -> Trial:
    return Trial(
        at=AT + since,
        since_sent=since,
        canary="enhance",
        result=result,
        because="3.2 s",
    )


def at(
    since: float,
    glances: list[Glance],
    *trials: Trial,
    terms: Terms = TERMS,
) -> Proof:
    return prove(terms, glances, trials, since_sent=since)


def test_three_good_looks_and_a_canary_prove_it() -> None:
    proof = at(30, row(12, 14, 16, 28), trial(26))

    assert proof.word == "proven"
    assert "process 900 is new, owns port 9002" in proof.because
    assert "22:13:36" in proof.because
    assert "canary enhance was ok at" in proof.because


def test_without_canaries_three_good_looks_prove_it_and_that_is_said() -> None:
    proof = at(16, row(12, 14, 16), terms=BARE)

    assert proof.word == "proven"
    assert "it has no canaries" in proof.because


def test_two_good_looks_prove_nothing() -> None:
    proof = at(14, row(12, 14), terms=BARE)

    assert (proof.word, proof.wants_canary) == ("pending", False)
    assert "did not pass 3 times" in proof.because


def test_a_bad_look_between_begins_the_row_anew() -> None:
    bad = glance(16, reading(server()), passed=False)

    proof = at(20, [*row(12, 14), bad, *row(18, 20)], terms=BARE)

    assert proof.word == "pending"


@pytest.mark.parametrize(
    "nothing",
    [glance(16), glance(16, reading(server()), passed=None)],
)
def test_a_look_that_told_nothing_counts_for_nothing(nothing: Glance) -> None:
    glances = [*row(12, 14), nothing]

    assert at(16, glances, terms=BARE).word == "pending"
    assert at(18, [*glances, *row(18)], terms=BARE).word == "proven"


def test_a_canary_is_wanted_once_it_serves() -> None:
    proof = at(16, row(12, 14, 16))

    assert (proof.word, proof.wants_canary) == ("pending", True)


def test_a_run_before_it_served_proves_nothing() -> None:
    proof = at(18, row(12, 14, 16, 18), trial(15))

    assert (proof.word, proof.wants_canary) == ("pending", True)


def test_it_has_to_serve_on_after_the_canary() -> None:
    proof = at(26, row(12, 14, 16), trial(26))

    assert (proof.word, proof.wants_canary) == ("pending", False)


def test_one_that_breaks_under_the_canary_is_not_proven() -> None:
    bad = glance(28, reading(server()), passed=False)

    proof = at(28, [*row(12, 14, 16), bad], trial(26))

    assert proof.word == "pending"


@pytest.mark.parametrize("result", list(Result))
def test_only_some_results_prove_it(result: Result) -> None:
    proof = at(30, row(12, 14, 16, 28), trial(26, result))

    assert (proof.word == "proven") is (result in PASSED)
    assert (PASSED) == {Result.OK, Result.COLD, Result.UNVERIFIED}


def test_an_output_that_nobody_looked_at_is_said() -> None:
    proof = at(30, row(12, 14, 16, 28), trial(26, Result.UNVERIFIED))

    assert "its output was not looked at" in proof.because


def test_canaries_that_do_not_pass_in_time_are_a_failure() -> None:
    glances = row(*range(12, 78, 2))
    slow = trial(26, Result.SLOW)

    assert at(75.9, glances, slow).word == "pending"
    proof = at(76, glances, slow)

    assert proof.word == "failed"
    assert "no canary passed within 1 min; canary enhance was slow" in (
        proof.because
    )


def test_no_run_at_all_in_time_is_a_failure() -> None:
    proof = at(76, row(*range(12, 78, 2)))

    assert proof.word == "failed"
    assert proof.because.endswith("no canary passed within 1 min")


def test_slower_than_its_grace_is_a_failure() -> None:
    silent = reading(server(), port=None)
    glances = [glance(s, silent, passed=False) for s in (12, 99)]

    assert at(99.9, glances).word == "pending"
    proof = at(100, glances)

    assert proof.word == "failed"
    assert "slower than its grace: process 900 did not listen" in proof.because
    assert "as seen" in proof.because


def test_one_that_serves_too_late_has_failed_all_the_same() -> None:
    proof = at(106, row(101, 103, 105), terms=BARE)

    assert proof.word == "failed"


def test_serving_in_the_last_moment_is_in_time() -> None:
    assert at(101, row(96, 98, 100), terms=BARE).word == "proven"


def test_without_any_look_nothing_is_known() -> None:
    assert at(11, []).word == "pending"
    proof = at(200, [])

    assert proof.word == "failed"
    assert "no new process that serves was seen" in proof.because


def test_the_old_process_proves_nothing() -> None:
    old = reading(server(812, 1_000, age=3600))

    proof = at(100, row(12, 14, 16, 100, service=old), terms=BARE)

    assert proof.word == "failed"
    assert "no new process" in proof.because


def test_one_that_went_and_did_not_come_back_is_said() -> None:
    glances = [*row(12, 14, 16), glance(100, reading(), passed=False)]

    proof = at(100, glances)

    assert proof.word == "failed"
    assert "the new process 900 did not stay" in proof.because


def test_a_status_that_does_not_pass_is_said() -> None:
    sick = [glance(s, reading(server()), passed=False) for s in (12, 100)]

    assert "its status did not pass" in at(100, sick).because


def test_another_boot_is_a_failure_at_once() -> None:
    booted = reading(server(), boot_id="another")

    proof = at(12, row(12, service=booted))

    assert proof.word == "failed"
    assert "its machine was booted meanwhile" in proof.because


def test_a_look_that_names_no_boot_is_no_other_boot() -> None:
    assert at(12, row(12, service=reading(server(), boot_id=""))).word == (
        "pending"
    )
    unknown = replace(TERMS, boot_id="")
    assert at(12, row(12), terms=unknown).word == "pending"


def test_one_that_somebody_stopped_is_a_failure_at_once() -> None:
    proof = at(12, [glance(12, reading(), passed=False, reason="stopped")])

    assert proof.word == "failed"
    assert "it was stopped meanwhile" in proof.because


def test_a_second_new_process_is_a_crash_loop() -> None:
    glances = [*row(12), *row(14, service=reading(server(901, 5_400)))]

    proof = at(14, glances)

    assert proof.word == "failed"
    assert "the new process 900 ended and another one, 901" in proof.because


def test_a_second_server_beside_the_first_is_no_crash_loop() -> None:
    both = reading(server(), server(901, 5_400))

    assert at(14, [*row(12), *row(14, service=both)]).word == "pending"


@pytest.mark.parametrize(("more", "word"), [(1, "pending"), (2, "failed")])
def test_restarts_that_its_manager_counts_are_a_crash_loop(
    more: int, word: str
) -> None:
    def counted(restarts: int | None) -> ServiceReading:
        unit = Unit(
            manager="systemd", name="f", exists=True, restarts=restarts
        )
        return reading(server(), unit=unit)

    glances = [
        *row(12, service=counted(4)),
        *row(14, service=counted(None)),
        *row(16, service=counted(4 + more)),
    ]

    proof = at(16, glances, terms=TERMS)

    assert proof.word == word


def test_another_port_past_its_grace_is_a_failure_at_once() -> None:
    young = reading(server(age=60), port=9003)
    grown = reading(server(age=61), port=9003)

    assert at(70, row(70, service=young)).word == "pending"
    proof = at(71, row(71, service=grown))

    assert proof.word == "failed"
    assert "listens on port 9003 and not on 9002" in proof.because


def test_a_host_that_tells_no_time_condemns_no_port() -> None:
    timeless = reading(server(age=900), port=9003, now=None)

    assert at(12, row(12, service=timeless)).word == "pending"


def test_a_zombie_is_no_new_process() -> None:
    dead = reading(server(state="Z"))

    assert births(row(12, service=dead), (OLD,)) == ()
    born = births(row(12), (OLD,))
    assert not is_there(born, dead)


@pytest.mark.parametrize(("age", "is_new"), [(17, True), (18, False)])
def test_where_nothing_ran_before_its_age_tells(
    age: float,
    is_new: bool,  # noqa: FBT001 - a parameter
) -> None:
    looks = row(12, service=reading(server(age=age)))

    assert bool(births(looks, ())) is is_new
    timeless = row(12, service=reading(server(age=age), now=None))
    assert births(timeless, ())


def test_a_child_of_before_says_nothing_of_who_served() -> None:
    child = replace(OLD, is_server=False, start_ticks=9_000)

    assert births(row(12), (OLD, child))


def test_the_port_is_owned_by_the_server_or_a_child() -> None:
    child = replace(server(901, 5_100), ppid=900, is_server=False)
    stranger = Listener(address="::", port=9002, pid=77)
    by_child = replace(stranger, pid=901)

    assert is_owned(reading(server()), 9002)
    assert is_owned(reading(server(), child, listeners=(by_child,)), 9002)
    assert not is_owned(reading(server(), listeners=(stranger,)), 9002)
    assert not is_owned(reading(server(), port=None), 9002)


def test_where_only_a_user_is_seen_his_listener_counts() -> None:
    his = Listener(address="::", port=9002, uid=990)
    nobodys = Listener(address="::", port=9002)
    others = Listener(address="::", port=9002, uid=0)

    assert is_owned(reading(server(), listeners=(his,)), 9002)
    assert is_owned(reading(server(), listeners=(nobodys,)), 9002)
    assert not is_owned(reading(server(), listeners=(others,)), 9002)
    assert not is_owned(reading(listeners=(his,)), 9002)


def test_in_a_container_any_port_counts() -> None:
    inside = Listener(address="::", port=7860, pid=900, in_container=True)

    assert is_owned(reading(server(), listeners=(inside,)), 9002)


def test_a_proxy_on_the_port_counts_when_the_server_is_behind_it() -> None:
    def behind(port: int | None, name: str, taken: str = "") -> bool:
        found = reading(
            server(),
            port=port,
            port_holder=PortHolder(name=name, pid=1, uid=0),
            port_taken_by=taken,
        )
        return is_owned(found, 9002)

    assert behind(7860, "nginx")
    assert behind(7860, "")
    assert behind(9003, "nginx")
    assert not behind(9003, "")
    assert not behind(9101, "", "postgres")
    assert not behind(None, "nginx")
    assert behind(9102, "")


def test_ports_that_it_has_instead_are_named_once() -> None:
    listeners = (
        Listener(address="0.0.0.0", port=9004, pid=900),  # noqa: S104 - as ss shows it
        Listener(address="::", port=9004, pid=900),
        Listener(address="::", port=9003, pid=900),
        Listener(address="::", port=22, pid=1),
        Listener(address="::", port=9005, uid=990),
    )

    assert drifted(reading(server(), listeners=listeners), 9002) == (
        9003,
        9004,
    )
    assert drifted(reading(server()), 9002) == ()


LOOKS = st.builds(
    glance,
    st.floats(10, 200),
    st.sampled_from(
        [
            None,
            reading(),
            reading(server()),
            reading(server(), port=None),
            reading(server(812, 1_000, age=3600)),
            reading(server(901, 5_400)),
            reading(server(age=90), port=9003),
        ]
    ),
    passed=st.sampled_from([True, False, None]),
    reason=st.sampled_from(["", "stopped"]),
)
RUNS = st.builds(trial, st.floats(10, 200), st.sampled_from(list(Result)))


@given(st.lists(LOOKS, max_size=12), st.lists(RUNS, max_size=4))
def test_what_is_proven_served_and_passed(
    looks: list[Glance], runs: list[Trial]
) -> None:
    looks.sort(key=lambda one: one.since_sent)
    runs.sort(key=lambda one: one.since_sent)
    proof = at(200, looks, *runs)

    assert proof.word in {"proven", "failed"}
    assert proof.because
    if proof.word == "proven":
        good = [
            one
            for one in looks
            if one.passed and one.service and is_owned(one.service, 9002)
        ]
        assert len(good) >= 3
        assert any(one.result in PASSED for one in runs)
        assert not any(one.reason == "stopped" for one in looks[-1:])


@given(st.lists(LOOKS, max_size=12), st.floats(0, 99))
def test_before_its_time_is_over_slowness_is_no_failure(
    looks: list[Glance], now: float
) -> None:
    proof = at(now, [one for one in looks if one.since_sent <= now])

    assert "slower than its grace" not in proof.because
