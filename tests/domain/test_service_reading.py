"""A gate's answer about a service is read, as far as it can be."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.machine.answered import GAP_LIMIT, Answered
from monitor.domain.service.asked import Asked
from monitor.domain.service.cpu import cpu_ratio
from monitor.domain.service.identity import Identity, identity_of
from monitor.domain.service.proxies import is_proxy
from monitor.domain.service.reader import read_service
from monitor.domain.service.reading import (
    Listener,
    PortHolder,
    Process,
    ServiceReading,
    Unit,
)
from tests.domain.any_json import JSON
from tests.domain.machine_parts import AT, BOOT, answer
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
SERVER = Process(
    pid=812,
    start_ticks=140_000,
    started_at=AT - 3600,
    ppid=1,
    uid=990,
    user="facefusion",
    state="S",
    name="python",
    cmdline=("/opt/venv/bin/python", "facefusion.py", "run"),
    cwd="/opt/facefusion",
    cgroup="/system.slice/facefusion.service",
    cpu_seconds=120.5,
    resident_bytes=2 * 1024**3,
    threads=12,
    is_server=True,
)
WELL = ServiceReading(
    manager="systemd",
    port=PORT,
    boot_id=BOOT,
    now=AT,
    unit=Unit(
        manager="systemd",
        name="facefusion.service",
        exists=True,
        load_state="loaded",
        active_state="active",
        sub_state="running",
        result="success",
        main_pid=812,
        restarts=0,
        since=AT - 3600,
        enabled="enabled",
        restart_policy="no",
    ),
    processes=(SERVER,),
    listeners=(
        Listener(address="0.0.0.0", port=PORT, pid=812, uid=990),  # noqa: S104
    ),
)


def read(part: object, asked: Asked = ASKED) -> ServiceReading:
    return read_service(Answered(answer(service=part)), asked)


def whats(reading: ServiceReading) -> list[str]:
    return [gap.what for gap in reading.gaps]


def test_a_whole_answer_is_read_without_gaps() -> None:
    assert read(service()) == WELL


def test_what_is_asked_names_no_empty_unit_and_no_empty_directory() -> None:
    bare = replace(ASKED, manager="process", unit="", directory="")

    assert ASKED.question == {
        "manager": "systemd",
        "unit": "facefusion.service",
        "directory": "/opt/facefusion",
        "port": PORT,
    }
    assert bare.question["unit"] is None
    assert bare.question["directory"] is None


def test_a_container_is_read() -> None:
    reading = read(
        service(unit=container(state="exited", exit_status=137)), DOCKER
    )

    assert reading.unit == Unit(
        manager="docker",
        name="facefusion",
        exists=True,
        state="exited",
        main_pid=812,
        restarts=0,
        since=AT - 3600,
        exit_status=137,
        restart_policy="no",
        oom_killed=False,
    )


@pytest.mark.parametrize(
    ("part", "asked"),
    [
        (unit(load_state="not-found", active_state="inactive"), ASKED),
        ({"kind": "docker", "name": "x", "state": "not-found"}, DOCKER),
    ],
)
def test_a_unit_that_nobody_knows_does_not_exist(
    part: object, asked: Asked
) -> None:
    found = read(service(unit=part), asked).unit

    assert found is not None
    assert not found.exists


def test_a_unit_of_another_manager_is_refused() -> None:
    reading = read(service(unit=container()))

    assert reading.unit is None
    assert whats(reading) == ["unit"]
    assert "not of systemd as asked" in reading.gaps[0].because


@pytest.mark.parametrize(
    ("given", "read_as"),
    [
        ("exited", "exited"),
        (2, "killed"),
        (3, "dumped"),
        (0, ""),
        (None, ""),
    ],
)
def test_how_a_process_ended_is_a_word_or_its_number(
    given: object, read_as: str
) -> None:
    found = read(service(unit=unit(exit_code=given))).unit

    assert found is not None
    assert found.exit_code == read_as


@pytest.mark.parametrize("given", [7, [1], True])
def test_how_a_process_ended_in_no_known_way_is_refused(
    given: object,
) -> None:
    reading = read(service(unit=unit(exit_code=given)))

    assert reading.unit is None
    assert whats(reading) == ["unit"]


def test_pid_0_is_no_main_process() -> None:
    found = read(service(unit=unit(main_pid=0, stop_asked=True))).unit

    assert found is not None
    assert found.main_pid is None
    assert found.stop_asked is True


def test_a_part_that_says_when_it_looked_is_believed() -> None:
    assert read(service(now=AT - 3.0)).now == AT - 3.0


def test_a_missing_part_is_a_reading_with_a_gap() -> None:
    reading = read_service(Answered(answer()), ASKED)

    assert reading.processes == ()
    assert reading.boot_id == BOOT
    assert [gap.part for gap in reading.gaps] == ["service"]


@pytest.mark.parametrize("key", ["processes", "listeners"])
def test_a_missing_list_is_a_gap_and_no_empty_list(key: str) -> None:
    reading = read(service(**{key: None}))

    assert whats(reading) == [key]


def test_a_process_that_cannot_be_read_hides_no_other() -> None:
    reading = read(
        service(processes=[process(), process(pid=-1), process(pid=813)])
    )

    assert [one.pid for one in reading.processes] == [812, 813]
    assert whats(reading) == ["service.processes[1]"]


def test_what_we_may_not_see_of_a_process_is_not_known() -> None:
    thin = {"pid": 812, "start_ticks": 5, "started_at": AT}

    reading = read(service(processes=[thin]))

    assert reading.processes == (
        Process(pid=812, start_ticks=5, started_at=AT),
    )
    assert reading.gaps == ()


def test_a_listener_without_its_process_is_read() -> None:
    inside = listener(pid=None, address="::", in_container=True)

    reading = read(service(listeners=[inside, listener(port=0)]))

    assert reading.listeners == (
        Listener(
            address="::", port=PORT, pid=None, uid=990, in_container=True
        ),
    )
    assert whats(reading) == ["service.listeners[1]"]


@pytest.mark.parametrize(
    ("holder", "seen", "stranger"),
    [
        (
            {"pid": 9, "uid": 0, "name": "vsftpd"},
            PortHolder(name="vsftpd", pid=9, uid=0),
            "vsftpd (pid 9)",
        ),
        ({"name": "vsftpd"}, PortHolder(name="vsftpd"), "vsftpd"),
        (
            {"pid": 9, "uid": 33, "name": "nginx"},
            PortHolder(name="nginx", pid=9, uid=33),
            "",
        ),
        ({"pid": None, "uid": 0, "name": None}, PortHolder(uid=0), ""),
        (None, None, ""),
    ],
)
def test_who_holds_the_port_is_a_stranger_only_by_name(
    holder: object, seen: PortHolder | None, stranger: str
) -> None:
    reading = read(service(port_taken_by=holder))

    assert reading.port_holder == seen
    assert reading.port_taken_by == stranger


@pytest.mark.parametrize("holder", [3, {"pid": "x"}])
def test_a_holder_that_cannot_be_read_is_a_gap(holder: object) -> None:
    reading = read(service(port_taken_by=holder))

    assert reading.port_holder is None
    assert whats(reading) == ["port_taken_by"]


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("nginx: master", True),
        ("docker-proxy", True),
        ("python", False),
        ("", False),
    ],
)
def test_proxies_are_known_by_name(name: str, known: object) -> None:
    assert is_proxy(name) is known


@given(JSON)
def test_any_part_is_read_and_never_raises(part: object) -> None:
    reading = read(part)

    assert reading.port == PORT
    assert len(reading.gaps) <= GAP_LIMIT


@given(
    st.sampled_from(["unit", "processes", "listeners", "port_taken_by"]),
    st.sampled_from(sorted({*unit(), *process(), *listener()})),
    JSON,
)
def test_any_value_of_a_field_is_read_and_never_raises(
    part: str, key: str, value: object
) -> None:
    strange: dict[str, object] = {
        "unit": unit(**{key: value}),
        "processes": [process(**{key: value})],
        "listeners": [listener(**{key: value})],
        "port_taken_by": {key: value},
    }

    reading = read(service(**{part: strange[part]}))

    assert reading.now == AT


def test_the_server_started_last_is_the_server() -> None:
    old = process(pid=5, started_at=AT - 9000)
    child = process(pid=6, started_at=AT, is_server=False)

    reading = read(service(processes=[old, process(), child]))

    assert reading.server == SERVER


class TestCpuRatio:
    """Between two looks, 10 s apart unless they say otherwise."""

    @staticmethod
    def ratio(after: ServiceReading, *, passed: float = 10.0) -> float | None:
        return cpu_ratio(WELL, after, passed)

    @staticmethod
    def later(seconds: float = 10.0, /, **changed: object) -> ServiceReading:
        cpu = changed.pop("cpu_seconds", 125.5)
        return read_service(
            Answered(
                answer(
                    AT + seconds,
                    service=service(
                        processes=[process(cpu_seconds=cpu, **changed)]
                    ),
                )
            ),
            ASKED,
        )

    def test_it_is_cpu_time_by_the_hosts_clock(self) -> None:
        assert self.ratio(self.later()) == 0.5

    def test_there_is_none_at_the_first_look(self) -> None:
        assert cpu_ratio(None, WELL, 10.0) is None

    def test_a_counter_that_goes_back_gives_none(self) -> None:
        assert self.ratio(self.later(cpu_seconds=120.4)) is None

    def test_one_that_stands_still_gives_zero(self) -> None:
        assert self.ratio(self.later(cpu_seconds=120.5)) == 0.0

    @pytest.mark.parametrize("other", [{"pid": 813}, {"start_ticks": 140_001}])
    def test_another_process_gives_none(self, other: dict[str, int]) -> None:
        assert self.ratio(self.later(**other)) is None

    def test_another_boot_gives_none(self) -> None:
        assert self.ratio(replace(self.later(), boot_id="other")) is None

    @pytest.mark.parametrize("gone", [{"cpu_seconds": None}, {"pid": -1}])
    def test_a_process_not_seen_gives_none(
        self, gone: dict[str, object]
    ) -> None:
        assert self.ratio(self.later(10.0, **gone)) is None

    def test_one_without_a_counter_before_gives_none(self) -> None:
        before = replace(WELL, processes=(replace(SERVER, cpu_seconds=None),))

        assert cpu_ratio(before, self.later(), 10.0) is None

    def test_a_server_that_was_not_there_before_gives_none(self) -> None:
        assert cpu_ratio(replace(WELL, processes=()), WELL, 10.0) is None

    @pytest.mark.parametrize("seconds", [0.4, 7.9, 12.1, -10.0])
    def test_a_clock_that_was_set_gives_none(self, seconds: float) -> None:
        assert self.ratio(self.later(seconds)) is None

    @pytest.mark.parametrize("seconds", [8.0, 12.0])
    def test_clocks_that_differ_a_little_do(self, seconds: float) -> None:
        assert self.ratio(self.later(seconds)) == 5.0 / seconds

    def test_looks_too_close_give_none(self) -> None:
        assert self.ratio(self.later(0.4), passed=0.4) is None

    def test_a_host_without_a_clock_gives_none(self) -> None:
        assert self.ratio(replace(self.later(), now=None)) is None


class TestIdentity:
    """Who is signalled later must be who was meant."""

    @staticmethod
    def one(reading: ServiceReading = WELL) -> Identity:
        found = identity_of(reading)
        assert found is not None
        return found

    @staticmethod
    def of(**changed: object) -> Identity | None:
        return identity_of(read(service(processes=[process(**changed)])))

    def test_it_is_of_the_server(self) -> None:
        assert self.one() == Identity(
            boot_id=BOOT,
            pid=812,
            start_ticks=140_000,
            uid=990,
            cmdline=("/opt/venv/bin/python", "facefusion.py", "run"),
            cwd="/opt/facefusion",
            cgroup="/system.slice/facefusion.service",
        )

    @pytest.mark.parametrize(
        "changed",
        [
            {"pid": 813},
            {"start_ticks": 1},
            {"uid": 0},
            {"cmdline": ["/bin/sh"]},
            {"cwd": "/"},
            {"cgroup": "/user.slice"},
        ],
    )
    def test_any_difference_is_somebody_else(
        self, changed: dict[str, object]
    ) -> None:
        other = self.of(**changed)

        assert other is not None
        assert not self.one().same(other)
        assert not other.same(self.one())

    def test_another_boot_is_somebody_else(self) -> None:
        other = self.one(replace(WELL, boot_id="other"))

        assert not self.one().same(other)

    def test_a_directory_that_one_look_could_not_see_does_not_count(
        self,
    ) -> None:
        hidden = self.of(cwd=None)

        assert hidden is not None
        assert self.one().same(hidden)
        assert hidden.same(self.one())
        assert self.one().same(self.one())

    @pytest.mark.parametrize(
        "changed", [{"uid": None}, {"cmdline": []}, {"cgroup": None}]
    )
    def test_who_is_not_wholly_known_has_none(
        self, changed: dict[str, object]
    ) -> None:
        assert self.of(**changed) is None

    def test_nobody_has_none(self) -> None:
        assert identity_of(replace(WELL, processes=())) is None
        assert identity_of(replace(WELL, boot_id="")) is None
