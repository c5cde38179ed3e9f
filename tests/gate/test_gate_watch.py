"""Ends, starts and lost ports of services are told as they happen."""

import os
import select
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitor.gate import held, watched
from monitor.gate import watch as watch_module
from monitor.gate.held import Held, pidfd_of
from monitor.gate.listeners import Listening
from monitor.gate.outcome import Outcome
from monitor.gate.processes import stat_of
from monitor.gate.protocol import Refused
from monitor.gate.watch import Watch
from tests.gate.fake_host import FakeHost, real_server, row, unix_now

Event = dict[str, object]
NOW = 1_000_000.0


class FakeChild:
    """Does its work at once, in this process; dead when told so."""

    def __init__(self, work: Callable[[], Outcome], seconds: float) -> None:
        del seconds
        self.outcome: Outcome | None = None
        self.ended = False
        self._work = work
        reading, self._writing = os.pipe()
        self.descriptor: int | None = reading
        os.write(self._writing, b"x")

    def hear(self) -> None:
        assert self.descriptor is not None
        os.close(self.descriptor)
        os.close(self._writing)
        self.descriptor = None
        self.outcome = self._work()

    def end(self, reason: str, because: str) -> None:
        self.outcome = Outcome(reason=reason, because=because)
        self.ended = True

    def gone(self) -> bool:
        if self.ended and self.descriptor is not None:
            self.hear()
        return self.outcome is not None


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    monkeypatch.setattr(watched, "start_child", FakeChild)
    monkeypatch.setattr(held, "pidfd_of", lambda _pid: None)
    monkeypatch.setattr(watch_module, "diag_listening", lambda: None)
    return FakeHost(tmp_path, monkeypatch)


def bare(name: str = "studio", port: int | None = 7870) -> dict[str, object]:
    return {
        "name": name,
        "manager": "process",
        "directory": "/opt/facefusion",
        "port": port,
    }


def told(events: list[Event]) -> list[object]:
    return [one["event"] for one in events if one["event"] != "alive"]


def settled(watch: Watch, now: float = NOW) -> list[Event]:
    """Search, and take what was found."""
    return watch.tick(now) + watch.tick(now)


def test_what_runs_already_is_no_news(host: FakeHost) -> None:
    host.process(42)
    watch = Watch()

    names = watch.update([bare()])

    assert names == ["studio"]
    assert told(settled(watch)) == []


def test_an_end_and_the_next_start_are_told(host: FakeHost) -> None:
    host.process(42, ticks=500)
    watch = Watch()
    watch.update([bare()])
    settled(watch)
    host.process(42, state="Z", ticks=500)

    (ended,) = watch.tick(NOW + 1)
    host.process(43, ticks=900)
    started = settled(watch, NOW + 4)

    assert ended["event"] == "exit"
    assert (ended["name"], ended["pid"]) == ("studio", 42)
    assert ended["at"] == NOW + 1
    assert isinstance(ended["started_at"], float)
    assert told(started) == ["started"]
    assert started[0]["pid"] == 43


def test_a_number_used_again_is_an_end(host: FakeHost) -> None:
    host.process(42, ticks=500)
    watch = Watch()
    watch.update([bare()])
    settled(watch)
    host.process(42, ticks=900, cmdline=["bash"])

    assert told(watch.tick(NOW + 1)) == ["exit"]


def test_a_server_found_later_is_a_start(host: FakeHost) -> None:
    watch = Watch()
    watch.update([bare()])
    settled(watch)
    host.process(42)

    early = settled(watch, NOW + 1)
    started = settled(watch, NOW + 3)

    assert told(early) == []
    assert told(started) == ["started"]


@pytest.mark.usefixtures("host")
def test_a_server_that_stays_away_is_looked_for_less_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    searches = []

    def search(asked: object) -> Outcome:
        searches.append(asked)
        return Outcome(answer={"servers": []})

    monkeypatch.setattr(watched, "_search", search)
    watch = Watch()
    watch.update([bare()])
    for second in range(240):
        watch.tick(NOW + second / 2)

    assert 30 <= len(searches) <= 37


def test_a_clock_set_back_stops_nothing(host: FakeHost) -> None:
    watch = Watch()
    watch.update([bare()])
    settled(watch)
    host.process(42)

    events = settled(watch, NOW - 86400)

    assert told(events) == ["started"]
    assert "alive" in [one["event"] for one in events]


@pytest.mark.usefixtures("host")
def test_a_server_gone_before_it_is_held_is_not_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row_ = {"pid": 42, "start_ticks": 1, "started_at": 2.0, "sure": True}
    monkeypatch.setattr(
        watched, "_search", lambda _: Outcome(answer={"servers": [row_]})
    )
    watch = Watch()
    watch.update([bare()])

    assert told(settled(watch)) == []
    assert told(settled(watch, NOW + 5)) == []


def test_a_search_that_fails_is_tried_again(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.process(42)
    with monkeypatch.context() as patched:
        patched.setattr(
            watched, "_search", lambda _: Outcome(reason="x", because="y")
        )
        watch = Watch()
        watch.update([bare()])
        settled(watch)
    with monkeypatch.context() as patched:

        def full(*_args: object) -> None:
            raise OSError(11, "no room for a process")

        patched.setattr(watched, "start_child", full)
        settled(watch, NOW + 5)

    settled(watch, NOW + 20)
    host.process(42, state="Z")

    assert told(watch.tick(NOW + 21)) == ["exit"]


def test_a_shell_that_stands_for_a_server_is_replaced_by_it(
    host: FakeHost,
) -> None:
    unit = {"name": "s", "manager": "systemd", "unit": "ff.service"}
    host.tool(
        "systemctl",
        "printf 'LoadState=loaded\\nMainPID=41\\nControlGroup=/ff\\n'",
    )
    host.process(41, cmdline=["bash", "start.sh"])
    host.group("ff", [41, 42])
    watch = Watch()
    watch.update([unit])
    settled(watch)
    host.process(42, ppid=41)

    soon = settled(watch, NOW + 5)
    later = settled(watch, NOW + 11)
    host.process(41, state="Z", cmdline=["bash"])

    assert told(soon) == []
    assert told(later) == ["started"]
    assert told(watch.tick(NOW + 12)) == []


def test_a_wrapper_that_serves_is_no_news_again(host: FakeHost) -> None:
    unit = {"name": "s", "manager": "systemd", "unit": "ff.service"}
    host.tool(
        "systemctl",
        "printf 'LoadState=loaded\\nMainPID=41\\nControlGroup=/ff\\n'",
    )
    host.process(41, cmdline=["uvicorn", "api:app"])
    host.group("ff", [41])
    watch = Watch()
    watch.update([unit])
    settled(watch)

    assert told(settled(watch, NOW + 11)) == []
    assert len(host.calls("systemctl")) == 2


def test_one_that_stood_in_and_ended_at_once_is_told(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.process(41)
    row_ = {
        "pid": 41,
        "start_ticks": 5000,
        "started_at": 2.0,
        "sure": False,
    }
    answers = [Outcome(answer={"servers": one}) for one in ([row_], [], "odd")]
    monkeypatch.setattr(watched, "_search", lambda _: answers.pop(0))
    watch = Watch()
    watch.update([bare()])
    settled(watch)
    watch.tick(NOW + 11)
    ends = iter([False, True, True])
    monkeypatch.setattr(Held, "ended", lambda _: next(ends))

    during = watch.tick(NOW + 11)
    after = watch.tick(NOW + 11)

    assert told(during) == []
    assert told(after) == ["exit"]


def test_a_lost_port_is_told_and_its_return(host: FakeHost) -> None:
    host.process(42)
    host.listeners([row("::", 7870, 1)])
    watch = Watch()
    watch.update([bare()])
    first = settled(watch)
    host.listeners([])
    lost = watch.tick(NOW + 1)
    still = watch.tick(NOW + 2)
    host.listeners([row("::1", 7870, 2)], "net/tcp6")
    back = watch.tick(NOW + 3)

    assert told(first) == told(still) == []
    assert lost == [
        {
            "event": "listener_lost",
            "name": "studio",
            "port": 7870,
            "at": NOW + 1,
        }
    ]
    assert told(back) == ["listener_back"]


def test_a_service_without_port_has_none_to_lose(host: FakeHost) -> None:
    host.listeners([row("::", 7870, 1)])
    watch = Watch()
    watch.update([bare(port=None)])
    settled(watch)
    host.listeners([])

    assert told(watch.tick(NOW + 1)) == []


def container(host: FakeHost) -> Watch:
    box = {"name": "box", "manager": "docker", "unit": "ff", "port": 7870}
    host.tool("docker", """echo '{"state":{"Running":true,"Pid":42}}'""")
    host.process(42, cgroup="0::/docker/ff\n")
    host.group("docker/ff", [42])
    host.listeners([row("::", 22, 1)])
    watch = Watch()
    watch.update([box])
    return watch


def test_a_containers_port_is_whatever_listens_inside(
    host: FakeHost,
) -> None:
    watch = container(host)
    host.listeners([row("::", 7860, 8)], "42/net/tcp")
    settled(watch)
    watch.tick(NOW + 1)
    host.listeners([], "42/net/tcp")

    assert told(watch.tick(NOW + 2)) == ["listener_lost"]


def test_a_container_in_the_hosts_network_has_its_port(
    host: FakeHost,
) -> None:
    watch = container(host)
    rows = [row("::", 22, 1), row("::", 7870, 2)]
    host.listeners(rows)
    host.listeners(rows, "42/net/tcp")
    settled(watch)
    watch.tick(NOW + 1)
    host.listeners(rows[:1])
    host.listeners(rows[:1], "42/net/tcp")

    assert told(watch.tick(NOW + 2)) == ["listener_lost"]


@pytest.mark.usefixtures("host")
def test_life_is_told_every_ten_seconds() -> None:
    watch = Watch()
    watch.update([bare()])

    alive = [
        second
        for second in range(25)
        if {"event": "alive", "at": NOW + second} in watch.tick(NOW + second)
    ]

    assert alive == [0, 10, 20]


@pytest.mark.usefixtures("host")
def test_nothing_watched_tells_nothing() -> None:
    watch = Watch()

    assert watch.tick(NOW) == []
    assert watch.descriptors() == []


def test_what_goes_on_is_kept_and_the_rest_let_go(host: FakeHost) -> None:
    host.process(42)
    watch = Watch()
    watch.update([bare(), bare("other")])
    settled(watch)
    watch.update([bare()])
    host.process(42, state="Z")

    events = watch.tick(NOW + 1)

    assert [(one["event"], one["name"]) for one in events] == [
        ("exit", "studio")
    ]


@pytest.mark.usefixtures("host")
def test_a_search_under_way_is_ended_with_its_service(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[FakeChild] = []

    def start(work: Callable[[], Outcome], seconds: float) -> FakeChild:
        made.append(FakeChild(work, seconds))
        return made[-1]

    monkeypatch.setattr(watched, "start_child", start)
    watch = Watch()
    watch.update([bare()])
    watch.tick(NOW)
    assert len(watch.descriptors()) == 1
    gone = iter([False, True])
    monkeypatch.setattr(FakeChild, "gone", lambda _: next(gone))
    watch.update([])

    watch.tick(NOW)
    watch.tick(NOW)
    watch.tick(NOW)

    assert made[0].ended
    assert next(gone, None) is None
    made[0].hear()


def test_a_search_that_has_told_but_not_ended_is_waited_for(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.process(42)
    watch = Watch()
    watch.update([bare()])
    watch.tick(NOW)
    with monkeypatch.context() as patched:
        patched.setattr(FakeChild, "gone", lambda _: False)
        watch.tick(NOW)
        watch.tick(NOW)
    watch.tick(NOW)
    host.process(42, state="Z")

    assert told(watch.tick(NOW + 1)) == ["exit"]


@pytest.mark.usefixtures("host")
def test_only_four_searches_run_at_a_time() -> None:
    watch = Watch()
    watch.update([bare(f"s{number}") for number in range(6)])
    watch.tick(NOW)

    assert len(watch.descriptors()) == 4
    for _ in range(3):
        watch.tick(NOW)


@pytest.mark.usefixtures("host")
def test_the_kernel_is_asked_first_who_listens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = [[Listening("::", 7870, 0, 1)], []]
    monkeypatch.setattr(watch_module, "diag_listening", lambda: answers.pop(0))
    watch = Watch()
    watch.update([bare()])
    settled(watch)

    soon = watch.tick(NOW + 0.5)
    later = watch.tick(NOW + 1)

    assert told(soon) == []
    assert told(later) == ["listener_lost"]


def test_tables_of_ended_processes_are_forgotten(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_module, "_SERVICES", 1)
    rows = [row("::", 7870, 1)]
    host.listeners(rows)
    for pid in (42, 43, 44):
        host.listeners(rows, f"{pid}/net/tcp")
    tables = watch_module._Tables()  # noqa: SLF001

    found = [tables.of(pid, NOW) for pid in ("", "42", "43", "44")]

    assert [len(one) for one in found] == [1, 1, 1, 1]


def test_a_flood_of_events_is_cut_each_minute(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_module, "_TABLE_LASTS", 0.0)
    watch = Watch()
    watch.update([bare()])
    settled(watch)
    counts = []
    for half in range(1, 260):
        rows = [row("::", 7870, 1)] if half % 2 else []
        host.listeners(rows)
        counts.append(told(watch.tick(NOW + half / 2)))

    said = [one for events in counts for one in events]
    assert said.count("more") == 2
    assert len(said) == 100 + 1 + 100 + 1 + 20


@pytest.mark.parametrize(
    "services",
    [
        None,
        {},
        [7],
        [{"manager": "process", "directory": "/x"}],
        [{"name": "a\n", "manager": "process", "directory": "/x"}],
        [{"name": "a", "manager": "launchd"}],
        [bare(str(number)) for number in range(65)],
    ],
)
def test_a_watch_without_sense_is_refused(services: object) -> None:
    with pytest.raises(Refused) as refused:
        Watch().update(services)

    assert refused.value.reason == "bad_request"


def test_without_pidfds_proc_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(os, "pidfd_open")

    assert pidfd_of(os.getpid()) is None


def test_a_process_gone_already_has_no_pidfd() -> None:
    process = subprocess.Popen(["/bin/true"])
    process.wait()

    assert pidfd_of(process.pid) is None


@pytest.fixture
def real(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    monkeypatch.setattr(watch_module, "diag_listening", lambda: None)
    process, port = real_server(tmp_path)
    yield process, port
    process.kill()
    process.communicate()


def holds_a_process(watch: Watch) -> bool:
    """Tell whether the search is over and its process is held."""
    links = [
        str(Path(f"/proc/self/fd/{one}").readlink())
        for one in watch.descriptors()
    ]
    return any("pidfd" in link for link in links)


def until(watch: Watch, event: str, within: float = 20.0) -> Event:
    """Wait as the server does, until an event comes."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        for one in watch.tick(unix_now()):
            if one["event"] == event:
                return one
        select.select(watch.descriptors(), [], [], 0.5)
    pytest.fail(f"{event} did not come")


def test_a_real_kill_is_told_at_once(
    real: tuple[subprocess.Popen[bytes], int], tmp_path: Path
) -> None:
    process, port = real
    stat = stat_of(process.pid)
    watch = Watch()
    watch.update([{**bare(port=port), "directory": str(tmp_path)}])
    while not holds_a_process(watch):
        select.select(watch.descriptors(), [], [], 0.1)
        watch.tick(unix_now())

    process.kill()
    killed_at = time.monotonic()
    event = until(watch, "exit")
    took = time.monotonic() - killed_at

    assert stat
    assert event["pid"] == process.pid
    assert took < 2.0
    watch.tick(unix_now())
    select.select(watch.descriptors(), [], [], 5)
    watch.tick(unix_now())


def is_open(descriptor: int) -> bool:
    return Path(f"/proc/self/fd/{descriptor}").exists()


def test_a_held_process_is_let_go_once() -> None:
    held = Held(
        {"pid": os.getpid(), "start_ticks": 1, "started_at": 1, "sure": 1}
    )
    descriptor = held.descriptor or 0

    held.let_go()
    held.let_go()

    assert not is_open(descriptor)


@pytest.mark.parametrize("now", [5e3, 1e4, 1e9, 2e9])
def test_a_port_that_is_lost_is_told_whatever_the_clock(
    host: FakeHost, now: float
) -> None:
    host.process(42)
    host.listeners([row("127.0.0.1", 7870, 5)])
    watch = Watch()
    watch.update([bare()])
    watch.tick(now)
    host.listeners([])

    assert told(watch.tick(now + 1)) == ["listener_lost"]


def test_what_was_begun_for_a_watch_ends_with_it(host: FakeHost) -> None:
    host.process(42)
    watch = Watch()
    watch.update([bare()])
    watch.tick(NOW)
    (searching,) = watch.descriptors()

    watch.close()

    assert watch.descriptors() == []
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(searching)
