"""A bare FaceFusion is ended and started: that very one, and no other."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from monitor.gate import act_process, act_signals, act_start
from monitor.gate.act_asked import ProcessNamed
from monitor.gate.act_identity import check_identity, doomed_among, is_named
from monitor.gate.act_signals import (
    EffectFailed,
    Grip,
    ancestors_of,
    end_all,
    is_stuck,
    take_grip,
    untouchable,
)
from monitor.gate.processes import ProcessStat
from monitor.gate.protocol import Refused
from tests.gate.act_machine import (
    PYTHON,
    SHORT,
    THEM,
    US,
    Machine,
    Message,
    machine,
    reason,
    sentence,
)
from tests.gate.fake_host import FakeHost

__all__ = ["machine"]

SERVER = f"exec {PYTHON} facefusion.py run"


def steps(answer: Message) -> str:
    found = answer["steps"]
    assert isinstance(found, list)
    return "\n".join(found)


def test_a_server_that_obeys_is_interrupted_and_started_again(
    machine: Machine,
) -> None:
    server = machine.serves()
    machine.starts(SERVER)

    answer = machine.restarts(machine.prepared())

    assert answer["state"] == "done", answer
    assert server.wait() == -signal.SIGINT
    assert f"sent SIGINT to process {server.pid}" in steps(answer)
    assert "SIGTERM" not in steps(answer)
    assert machine.done() == ["start"]
    [pid] = machine.running()
    assert pid != server.pid


@pytest.mark.parametrize(
    ("deaf_to", "ended_by"),
    [(["INT"], signal.SIGTERM), (["INT", "TERM"], signal.SIGKILL)],
)
def test_one_that_does_not_listen_is_ended_more_firmly(
    deaf_to: list[str], ended_by: signal.Signals, machine: Machine
) -> None:
    server = machine.serves(*deaf_to)
    machine.starts(SERVER)

    answer = machine.restarts(machine.prepared())

    assert answer["state"] == "done"
    assert server.wait() == -ended_by
    assert f"sent {ended_by.name} to process {server.pid}" in steps(answer)


@pytest.mark.skipif(US != 0, reason="only root can be somebody else")
def test_it_starts_as_whoever_it_was_before(machine: Machine) -> None:
    machine.serves()
    machine.starts(
        f"exec {PYTHON} -c 'import time; time.sleep(60)' $HOME $USER $PATH"
    )

    answer = machine.restarts(machine.prepared())

    assert answer["state"] == "done", answer
    [pid] = machine.left()
    status = Path(f"/proc/{pid}/status").read_text()
    words = {
        key: value.split()
        for key, _, value in (one.partition(":") for one in status.split("\n"))
    }
    assert set(words["Uid"]) == {str(THEM)}
    assert set(words["Gid"]) == {"7"}
    assert words["Groups"] == ["44"]
    assert words["Umask"] == ["0022"]
    assert int(words["SigIgn"][0], 16) & (1 << signal.SIGINT - 1) == 0
    command = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    assert command[-4:-1] == ["/h", "ff", "/usr/local/bin:/usr/bin:/bin"]
    assert os.getsid(pid) != os.getsid(0)
    assert Path(f"/proc/{pid}/cwd").readlink() == machine.folder


def test_the_children_of_a_server_are_ended_after_it(
    machine: Machine,
) -> None:
    server = machine.serves("INT", "child")
    machine.starts()
    while len(machine.running()) < 2:
        os.sched_yield()
    [child] = [pid for pid in machine.running() if pid != server.pid]

    answer = machine.restarts(machine.prepared())

    assert answer["state"] == "done"
    said = steps(answer)
    assert said.index(f"process {server.pid} ended") < said.index(
        f"sent SIGINT to process {child}"
    )
    assert machine.running() == []


def test_a_job_of_somebody_in_the_same_folder_is_spared(
    machine: Machine,
) -> None:
    machine.serves()
    job = machine.serves(script="run.py", verb="--headless")
    machine.starts()

    answer = machine.restarts(machine.prepared())

    assert answer["state"] == "done"
    assert machine.running() == [job.pid]
    assert str(job.pid) not in steps(answer)


def test_where_none_runs_it_is_started_as_the_owner_of_its_folder(
    machine: Machine,
) -> None:
    os.chown(machine.folder, THEM, -1)
    machine.starts(SERVER)

    answer = machine.restarts(machine.prepared())

    assert answer["state"] == "done", answer
    [pid] = machine.running()
    assert Path(f"/proc/{pid}").stat().st_uid == THEM
    assert f"as user {THEM}" in steps(answer)


@pytest.mark.parametrize(
    "wrong",
    [
        {"start_ticks": 1},
        {"uid": 12345},
        {"cwd": "/elsewhere"},
        {"cgroup": "/other"},
        {"cmdline": ["python", "facefusion.py", "run"]},
        {"pid": 999_999},
    ],
)
def test_another_process_than_the_planned_one_is_left_alone(
    wrong: Message, machine: Machine
) -> None:
    server = machine.serves()
    machine.starts()
    request = machine.prepared()
    named = request["processes"]
    assert isinstance(named, list)

    request["processes"] = [{**named[0], **wrong}]
    answer = machine.restarts(request)

    assert reason(answer) == "identity"
    assert server.poll() is None
    assert machine.done() == []


def test_a_server_that_came_since_is_left_alone(machine: Machine) -> None:
    os.chown(machine.folder, THEM, -1)
    machine.starts()
    request = machine.prepared()
    server = machine.serves()

    answer = machine.restarts(request)

    assert reason(answer) == "identity"
    assert server.poll() is None


def test_a_plan_for_a_server_that_is_gone_does_not_hold(
    machine: Machine,
) -> None:
    server = machine.serves()
    machine.starts()
    request = machine.prepared()
    server.kill()
    server.wait()

    assert reason(machine.restarts(request)) == "identity"


def test_two_servers_are_not_made_one(machine: Machine) -> None:
    machine.serves()
    machine.serves()
    machine.starts()

    answer = machine.restarts(machine.prepared())

    assert reason(answer) == "unsupported"
    assert "2 servers" in sentence(answer)
    assert len(machine.running()) == 2


def test_without_a_start_program_nothing_is_ended(machine: Machine) -> None:
    server = machine.serves()
    machine.config(start=None)

    assert reason(machine.restarts(machine.prepared())) == "unsupported"
    assert server.poll() is None


def test_a_start_that_fails_once_is_tried_again(machine: Machine) -> None:
    machine.serves()
    machine.starts(
        f"[ $(wc -l < {machine.effects}) -ge 2 ] && exec sleep 60; exit 3"
    )

    answer = machine.restarts(machine.prepared())

    assert answer["state"] == "done"
    assert "ended with code 3" in steps(answer)
    assert machine.done() == ["start", "start"]


def test_a_start_that_fails_twice_is_told(machine: Machine) -> None:
    machine.serves()
    machine.starts("exit 3")

    answer = machine.restarts(machine.prepared())

    assert answer["state"] == "failed"
    assert "does not run" in str(answer["because"])
    assert machine.done() == ["start", "start"]


def test_a_start_that_cannot_be_run_is_told(machine: Machine) -> None:
    machine.serves()
    machine.write("usr/libexec/start", "#!/no/such/shell\n", 0o755)

    answer = machine.restarts(machine.prepared())

    assert answer["state"] == "failed"
    assert "cannot be started" in steps(answer)


def test_a_program_that_starts_it_behind_may_end(machine: Machine) -> None:
    machine.serves()
    behind = f"(sleep 0.2; {SERVER}) >/dev/null 2>&1 & exit 0"
    machine.starts(behind)

    answer = machine.restarts(machine.prepared())

    assert answer["state"] == "done"
    assert machine.done() == ["start"]
    assert len(machine.running()) == 1


def test_a_start_that_changes_hands_meanwhile_is_not_run(
    machine: Machine,
) -> None:
    machine.serves()
    machine.starts()
    request = machine.prepared()
    checked: list[str] = []

    def second_time_bad(start: str, owner: int) -> None:
        del owner
        checked.append(start)
        if len(checked) > 1:
            raise Refused("forbidden", "cannot use start: it may be written")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(act_process, "check_start", second_time_bad)
        answer = machine.restarts(request)

    assert answer["state"] == "failed"
    assert machine.done() == []


@pytest.mark.skipif(US != 0, reason="only root has a server of root's")
def test_nothing_is_started_as_root(machine: Machine) -> None:
    machine.starts()
    server = subprocess.Popen(  # noqa: S603 - words of our own
        [PYTHON, "facefusion.py", "run"],
        cwd=machine.folder,
        stdout=subprocess.PIPE,
    )
    assert server.stdout
    assert server.stdout.readline() == b"ready\n"
    machine.children.append(server)

    answer = machine.restarts(machine.prepared())

    assert reason(answer) == "forbidden"
    assert "as root" in sentence(answer)
    assert server.poll() is None


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    return FakeHost(tmp_path, monkeypatch)


def named(
    pid: int = 42,
    *,
    cwd: str | None = "/opt/facefusion",
    cgroup: str = "/system.slice/facefusion.service",
    cmdline: tuple[str, ...] = ("/opt/ff/bin/python", "facefusion.py", "run"),
    is_server: bool | None = True,
) -> ProcessNamed:
    return ProcessNamed(
        pid=pid,
        start_ticks=5000,
        uid=1000,
        cmdline=cmdline,
        cwd=cwd,
        cgroup=cgroup,
        is_server=is_server,
    )


class Opener:
    """Gives out the reading ends of pipes for pidfds: never ready."""

    def __init__(self) -> None:
        self.given: list[int] = []

    def __call__(self, _pid: int) -> int:
        reading, writing = os.pipe()
        self.given += [reading, writing]
        return reading

    def close(self) -> None:
        for one in self.given:
            try:
                os.close(one)
            except OSError:
                continue


def test_the_first_process_the_gate_and_the_kernel_are_never_touched(
    host: FakeHost,
) -> None:
    host.process(2, cmdline=(), ppid=0)
    host.process(9, cmdline=("kworker",), ppid=2)
    host.process(10, cmdline=(), ppid=1)
    host.process(50, cmdline=("sh",))

    flaws = {pid: untouchable(pid, {50}) for pid in (-1, 0, 1, 2, 9, 10, 50)}

    assert all(flaws.values())
    host.process(51, cmdline=("python",))
    assert untouchable(51, {50}) == ""
    assert untouchable(60, {50}) == ""


def test_an_ancestor_that_is_named_is_refused(machine: Machine) -> None:
    server = machine.serves()
    machine.starts()
    request = machine.prepared()

    answer = machine.actor().answer(request, {server.pid})

    assert reason(answer) == "forbidden"
    assert server.poll() is None


def test_the_gate_knows_all_above_it() -> None:
    kin = ancestors_of(os.getpid())

    assert {os.getpid(), os.getppid()} <= kin


def test_a_circle_of_parents_has_an_end(host: FakeHost) -> None:
    host.process(20, ppid=21)
    host.process(21, ppid=20)

    assert ancestors_of(20) == {20, 21}


def test_a_hold_is_refused_for_what_may_never_be_signalled(
    host: FakeHost,
) -> None:
    host.process(42)

    with pytest.raises(EffectFailed, match="the gate"):
        take_grip(named(), {42})


def test_one_that_is_gone_is_not_held(host: FakeHost) -> None:
    del host

    def gone(_pid: int) -> int:
        raise ProcessLookupError

    assert take_grip(named(), (), gone) is None


def test_a_number_used_again_is_not_held(host: FakeHost) -> None:
    host.process(42, ticks=9999)
    opener = Opener()

    assert take_grip(named(), (), opener) is None
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(opener.given[0])
    opener.close()


@pytest.mark.parametrize("how", ["changed", "blind"])
def test_one_that_became_something_else_is_not_signalled(
    how: str, host: FakeHost
) -> None:
    host.process(42, cmdline=("bash",))
    if how == "blind":
        (host.folder / "proc/uptime").unlink()
    opener = Opener()

    with pytest.raises(EffectFailed):
        take_grip(named(), (), opener)
    opener.close()


def test_one_that_becomes_something_else_meanwhile_gets_no_more(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.process(42)
    opener = Opener()
    grip = take_grip(named(), (), opener)
    assert grip is not None
    sent: list[signal.Signals] = []

    def becomes(_descriptor: int, number: signal.Signals) -> None:
        sent.append(number)
        host.process(42, cmdline=("bash",))

    monkeypatch.setattr(signal, "pidfd_send_signal", becomes)
    told: list[str] = []
    ladder = [(number, 0.01) for number, _ in SHORT]

    with pytest.raises(EffectFailed, match="42: it became something else"):
        end_all([grip], told.append, ladder)

    assert sent == [signal.SIGINT]
    assert told[0] == "sent SIGINT to process 42"
    assert "became something else" in told[1]
    assert len(told) == 2
    opener.close()


def test_one_whose_first_thread_has_ended_is_signalled_all_the_same(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.process(42)
    opener = Opener()
    grip = take_grip(named(), (), opener)
    assert grip is not None
    host.process(42, cmdline=())
    sent: list[object] = []
    monkeypatch.setattr(
        signal, "pidfd_send_signal", lambda *one: sent.append(one)
    )

    said = grip.send(signal.SIGTERM)

    assert said == "sent SIGTERM to process 42"
    assert len(sent) == 1
    opener.close()


def test_one_that_ends_as_it_is_signalled_needs_none(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.process(42)
    opener = Opener()
    grip = take_grip(named(), (), opener)
    assert grip is not None

    def ends(_descriptor: int, _number: signal.Signals) -> None:
        raise ProcessLookupError

    monkeypatch.setattr(signal, "pidfd_send_signal", ends)

    assert grip.send(signal.SIGTERM) == "process 42 has ended meanwhile"
    opener.close()


def test_a_process_that_is_the_named_one_is_held(host: FakeHost) -> None:
    host.process(42)
    opener = Opener()

    grip = take_grip(named(), (), opener)

    assert grip is not None
    assert (grip.pid, grip.ended) == (42, False)
    opener.close()


def test_one_that_waits_in_the_kernel_is_told_and_not_signalled(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.process(42, state="D")
    opener = Opener()
    sent: list[object] = []
    monkeypatch.setattr(
        Grip, "send", lambda _self, number: sent.append(number)
    )
    told: list[str] = []

    with pytest.raises(EffectFailed, match="only a reboot"):
        end_all([Grip(named(), opener(42))], told.append, SHORT, 0.06)

    assert sent == []
    assert len(told) == 3
    assert all("state D" in one for one in told)
    opener.close()


def test_one_that_survives_everything_is_told(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.process(42)
    opener = Opener()
    monkeypatch.setattr(Grip, "send", lambda _self, _number: "")
    ladder = [(number, 0.01) for number, _ in SHORT]

    with pytest.raises(EffectFailed, match="did not end at SIGKILL"):
        end_all([Grip(named(), opener(42))], lambda _: None, ladder)
    opener.close()


def test_one_that_wakes_up_or_ends_in_the_kernel_is_not_stuck(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opener = Opener()
    grip = Grip(named(), opener(42))
    states = iter(["D", "S"])

    def stat(_pid: int) -> ProcessStat:
        return ProcessStat("x", next(states), 1, 1, 1, 1, 1)

    monkeypatch.setattr(act_signals, "stat_of", stat)

    awake = is_stuck(grip, 5.0)
    os.close(opener.given[1])
    ended = is_stuck(grip, 5.0)

    assert (awake, ended) == (False, False)
    os.close(opener.given[0])


def test_a_signal_to_one_that_just_ended_is_none() -> None:
    process = subprocess.Popen([PYTHON, "-c", "0"])  # noqa: S603
    grip = Grip(named(process.pid), os.pidfd_open(process.pid))
    process.wait()

    grip.send(signal.SIGTERM)

    assert grip.ended
    os.close(grip.descriptor)


def test_one_that_ended_by_itself_before_is_told(machine: Machine) -> None:
    machine.serves()
    machine.starts()
    request = machine.prepared()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(act_process, "take_grip", lambda *_: None)
        answer = machine.restarts(request)

    assert answer["state"] == "done"
    assert "had ended by itself" in steps(answer)


def seen(pid: int = 42, **more: object) -> Message:
    return {
        **named()._asdict(),
        "pid": pid,
        "ppid": 1,
        "state": "S",
        **more,
    }


@pytest.mark.parametrize(
    ("plan", "now"),
    [
        ([], []),
        ([named()], [seen()]),
        ([named(cwd=None)], [seen()]),
        ([named(is_server=None)], [seen()]),
        ([named(), named(43, is_server=False)], [seen()]),
        ([named()], [seen(), seen(44, is_server=False)]),
    ],
)
def test_the_same_servers_are_what_was_planned(
    plan: list[ProcessNamed], now: list[Message]
) -> None:
    check_identity(plan, now)


@pytest.mark.parametrize(
    ("plan", "now"),
    [
        ([], [seen()]),
        ([named()], []),
        ([named(is_server=None)], []),
        ([named()], [seen(start_ticks=1)]),
        ([named()], [seen(is_server=False)]),
        ([named()], [seen(state="Z", is_server=False)]),
        ([named(is_server=False)], [seen(is_server=False, state="Z")]),
        ([named(), named(43)], [seen()]),
    ],
)
def test_other_servers_are_not_what_was_planned(
    plan: list[ProcessNamed], now: list[Message]
) -> None:
    with pytest.raises(Refused) as caught:
        check_identity(plan, now)

    assert caught.value.reason == "identity"


def test_a_text_is_compared_as_it_went_over_the_line() -> None:
    now = seen(cmdline=["a", "?"], cwd="/x\udcff", cgroup="/g")
    plan = named(cmdline=("a", "?"), cwd="/x?", cgroup="/g")

    assert is_named(plan, now)
    assert not is_named(plan, {**now, "cmdline": None})


def test_only_servers_and_what_they_started_is_doomed() -> None:
    now = [
        seen(42),
        seen(43, is_server=False, ppid=42),
        seen(44, is_server=False, ppid=7),
        seen(45, is_server=False, ppid=46),
        seen(46, is_server=False, ppid=45),
        seen(47, is_server=False, ppid=42, state="Z"),
    ]
    plan = [named(pid) for pid in (47, 46, 45, 44, 43, 42)]

    assert [one.pid for one in doomed_among(plan, now)] == [42, 43]


def test_whom_nobody_can_see_is_not_started_again(host: FakeHost) -> None:
    host.write("proc/42/status", "Gid:\t7\nGroups:\n")

    for cwd in ("/x", None):
        with pytest.raises(Refused) as caught:
            act_start.former_of(42, 1000, cwd)
        assert caught.value.reason == "unsupported"


def test_a_folder_of_nobody_known_starts_nothing(
    host: FakeHost, tmp_path: Path
) -> None:
    host.write("etc/passwd", "x:y\n")

    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(Refused) as caught:
            act_start.owner_of_folder(str(folder))
        assert caught.value.reason == "unsupported"


@pytest.mark.skipif(US != 0, reason="only root has a folder of root's")
def test_a_folder_of_roots_starts_nothing(machine: Machine) -> None:
    with pytest.raises(Refused, match="as root"):
        act_start.owner_of_folder(str(machine.folder))


def test_one_without_a_line_in_passwd_has_a_home_too(
    machine: Machine,
) -> None:
    machine.write("etc/passwd", "")
    machine.starts("echo $HOME $USER >> $0.out; exec sleep 60")
    out = machine.root / "usr/libexec/start.out"
    out.touch()
    out.chmod(0o666)
    former = act_start.Former(THEM, os.getgid(), (), str(machine.folder))

    flaw = act_start.start_program("/usr/libexec/start", former, 0.3)

    assert flaw == ""
    assert out.read_text() == f"/ {THEM}\n"
