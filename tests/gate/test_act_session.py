"""The verb on the line: who may say it, and what a cut line leaves."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitor.adapters.gate.bundle import program
from monitor.gate import act_session
from monitor.gate.abilities import Abilities
from monitor.gate.act import Actor
from monitor.gate.act_session import (
    be_session,
    goes_on,
    in_own_session,
    settle_session,
)
from monitor.gate.act_signals import EffectFailed
from monitor.gate.hello import Way
from monitor.gate.main import Options, gate_main, trust_no_environment
from monitor.gate.observe import parts_for
from monitor.gate.outcome import Outcome, outcome_line
from monitor.gate.protocol import Refused
from monitor.gate.server import Server
from monitor.gate.watch import Watch
from tests.gate.act_machine import (
    US,
    Machine,
    Message,
    machine,
    reason,
)

__all__ = ["machine"]

REPOSITORY = Path(__file__).parents[2]
DRIVER = """\
import json, signal, sys
root, owner, step = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
from monitor.gate.roots import ROOT
ROOT.folder = root
from monitor.gate.abilities import Abilities
from monitor.gate.act import Actor
from monitor.gate.act_process import BareRestart
from monitor.gate.hello import Way
from monitor.gate.server import Server
from monitor.gate.watch import Watch
ladder = [(signal.SIGINT, step), (signal.SIGTERM, step), (signal.SIGKILL, 5)]
act = Actor(owner, bare=lambda kin, one: BareRestart(kin, one, ladder)).run
way = Way("installed", "act", None)
Server(way, Abilities({}, {}, None, Watch(), act)).serve()
"""


class Line:
    """A real gate on a line."""

    def __init__(self, machine: Machine, step: float) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - words of our own
            [
                sys.executable, "-c", DRIVER,
                str(machine.root), str(US), str(step),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        )  # fmt: skip
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.stdin, self.stdout = self.process.stdin, self.process.stdout

    def says(self, request: Message) -> None:
        message = {"v": 1, "id": "1", "verb": "act", **request}
        self.stdin.write(json.dumps(message).encode() + b"\n")

    def hears(self) -> Message:
        found = json.loads(self.stdout.readline())
        assert isinstance(found, dict)
        return found

    def asks(self, request: Message) -> Message:
        self.says(request)
        return self.hears()

    def cut(self) -> None:
        self.stdin.close()
        self.stdout.close()
        self.process.kill()
        self.process.wait()


@pytest.fixture
def lines(machine: Machine) -> Iterator[Callable[..., Line]]:
    made: list[Line] = []

    def line(step: float = 0.4) -> Line:
        made.append(Line(machine, step))
        return made[-1]

    yield line
    for one in made:
        one.cut()


BASE: Message = {"service": "studio", "change": "c1", "token": 7}


def allowed(line: Line, **more: object) -> Message:
    answer = line.asks({**BASE, "do": "prepare", **more})
    service = answer["service"]
    assert isinstance(service, dict)
    return {
        **BASE,
        "do": "restart",
        "nonce": answer["nonce"],
        "boot_id": answer["boot_id"],
        "processes": service["processes"],
        **more,
    }


def until(holds: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < give_up, "it never happened"
        os.sched_yield()


def test_a_real_gate_restarts_and_tells(
    machine: Machine, lines: Callable[..., Line]
) -> None:
    server = machine.serves()
    machine.starts()
    line = lines()

    answer = line.asks(allowed(line))

    assert answer["id"] == "1"
    assert answer["state"] == "done", answer
    assert {"v", "at", "because", "steps", "highest"} <= set(answer)
    assert server.wait() == -signal.SIGINT


@pytest.mark.parametrize("how", ["line", "gate"])
def test_what_was_begun_ends_without_its_line(
    how: str, machine: Machine, lines: Callable[..., Line]
) -> None:
    server = machine.serves("INT")
    machine.starts()
    line = lines(1.0)
    line.says(allowed(line))
    other = lines()
    until(
        lambda: (
            "SIGINT" in str(other.asks({**BASE, "do": "became"}).get("steps"))
        )
    )
    before = other.asks({**BASE, "do": "became"})

    if how == "line":
        line.stdin.close()
        line.stdout.close()
    line.process.kill()
    until(lambda: other.asks({**BASE, "do": "became"})["state"] != "running")

    after = other.asks({**BASE, "do": "became"})
    assert before["state"] == "running"
    assert after["state"] == "done", after
    assert server.wait() == -signal.SIGTERM
    assert machine.done() == ["start"]


def test_two_restarts_at_once_are_one(
    machine: Machine, lines: Callable[..., Line]
) -> None:
    machine.serves("INT")
    machine.starts()
    first, second = lines(1.0), lines(1.0)
    request = allowed(first)

    first.says(request)
    until(lambda: second.asks({**BASE, "do": "became"})["state"] == "running")
    refused = second.asks(request)
    done = first.hears()

    error = refused["error"]
    assert isinstance(error, dict)
    assert error["reason"] == "locked"
    assert done["state"] == "done"
    assert machine.done() == ["start"]


def test_a_session_of_its_own_says_what_came_of_it() -> None:
    def work() -> Outcome:
        for name in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
            os.kill(os.getpid(), name)
        own = os.getsid(0) == os.getpid()
        nothing = Path("/proc/self/fd/0").readlink() == Path(os.devnull)
        return Outcome(answer={"own": own, "nothing": nothing})

    outcome = in_own_session(work)

    assert outcome.answer == {"own": True, "nothing": True}


def test_a_session_that_was_killed_is_no_refusal() -> None:
    def work() -> Outcome:
        os.kill(os.getpid(), signal.SIGKILL)
        return Outcome()

    outcome = in_own_session(work)

    assert (outcome.answer, outcome.reason) == (None, "internal")
    assert "what became" in outcome.because


def test_a_session_says_no_more_than_a_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(act_session, "LONGEST_LINE", 5)

    outcome = in_own_session(lambda: Outcome(answer={"text": "x" * 99}))

    assert outcome.answer == {"text": "x" * 99}


def test_where_we_are_the_session_we_never_come_back() -> None:
    hearing, telling = os.pipe()
    left: list[int] = []

    be_session(
        lambda: Outcome(answer={}), telling, lambda _: None, left.append
    )

    assert os.read(hearing, 999) == outcome_line(Outcome(answer={}))
    assert left == [0]
    os.close(hearing)
    os.close(telling)


def test_what_is_done_after_the_answer_holds_no_line_open() -> None:
    hearing, telling = os.pipe()
    heard: list[bytes] = []

    be_session(
        lambda: Outcome(answer={}),
        telling,
        lambda _: None,
        lambda _: None,
        lambda: heard.append(os.read(hearing, 999) + os.read(hearing, 999)),
    )

    assert heard == [outcome_line(Outcome(answer={}))]
    os.close(hearing)


def test_an_answer_is_not_kept_back_by_what_comes_after_it(
    tmp_path: Path,
) -> None:
    gate, done = tmp_path / "gate", tmp_path / "done"
    os.mkfifo(gate)

    def then() -> None:
        gate.read_bytes()
        done.touch()

    forked: list[int] = []

    def fork() -> int:
        forked.append(os.fork())
        return forked[-1]

    outcome = in_own_session(lambda: Outcome(answer={"a": 1}), then, fork)

    assert outcome.answer == {"a": 1}
    assert not done.exists()
    gate.write_bytes(b"")
    os.waitpid(forked[0], 0)
    assert done.exists()


def test_the_forked_side_is_the_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    been: list[int] = []

    def be(
        work: Callable[[], Outcome],
        telling: int,
        then: Callable[[], None] | None,
    ) -> None:
        assert then is None
        been.append(os.write(telling, outcome_line(work())))

    monkeypatch.setattr(act_session, "be_session", be)

    outcome = in_own_session(lambda: Outcome(answer={"a": 1}), fork=lambda: 0)

    assert outcome.answer == {"a": 1}
    assert len(been) == 1


class System:
    """Notes what would be done to this process."""

    O_RDWR = os.O_RDWR

    def __init__(self) -> None:
        self.did: list[tuple[object, ...]] = []

    def open(self, path: str, flags: int) -> int:
        self.did.append(("open", path, flags))
        return 3

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *words: self.did.append((name, *words))


def test_a_session_keeps_nothing_of_the_line() -> None:
    system = System()
    signals = System()

    settle_session(7, system, signals)  # type: ignore[arg-type]

    assert system.did == [
        ("setsid",),
        ("open", os.devnull, os.O_RDWR),
        ("dup2", 3, 0),
        ("dup2", 3, 1),
        ("dup2", 3, 2),
        ("closerange", 3, 7),
        ("closerange", 8, 256),
    ]
    assert signals.did == [
        ("signal", name, goes_on)
        for name in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
    ]
    goes_on(signal.SIGTERM, None)


class Talk:
    """Says everything at once to a gate of ours, and reads the answers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.way = Way("installed", "act", None)
        self.asked: list[Message] = []

    def act(self, request: Message) -> Outcome:
        if request.get("do") == "fail":
            return Outcome(reason="internal", because="cannot")
        return Outcome(answer={"did": request.get("do")})

    def says(self, *requests: Message) -> list[Message]:
        text = "".join(json.dumps({"v": 1, **one}) + "\n" for one in requests)
        (self.folder / "in").write_text(text)
        (self.folder / "out").touch()
        ask = os.open(self.folder / "in", os.O_RDONLY)
        answer = os.open(self.folder / "out", os.O_RDWR)
        parts = {"machine": _part}
        abilities = Abilities(parts, {}, _no_files, Watch(), self.act)
        Server(self.way, abilities, ask, answer).serve()
        os.close(ask)
        os.close(answer)
        found = (self.folder / "out").read_text().splitlines()
        return [json.loads(one) for one in found]


def _part(_question: Message, _gaps: object) -> Message:
    return {"a": 1}


def _no_files(*_words: object) -> Message:
    raise Refused("forbidden", "cannot")


def test_a_key_that_acts_is_answered(tmp_path: Path) -> None:
    talk = Talk(tmp_path)

    answers = talk.says(
        {"id": "h", "verb": "hello"},
        {"id": "a", "verb": "act", "do": "became"},
        {"id": "r", "verb": "act", "do": "restart", "within": 5},
        {"id": "f", "verb": "act", "do": "fail"},
        {"id": "o", "verb": "observe", "parts": {"machine": {}}},
    )

    by_id = {str(one["id"]): one for one in answers}
    assert by_id["h"]["verbs"] == ["hello", "observe", "act"]
    assert by_id["h"]["role"] == "act"
    assert by_id["a"]["did"] == "became"
    assert by_id["r"]["did"] == "restart"
    assert by_id["f"]["error"] == {"reason": "internal", "because": "cannot"}
    assert by_id["o"]["parts"] == {"machine": {"a": 1}}


@pytest.mark.parametrize("verb", ["watch", "files"])
def test_a_key_that_acts_does_nothing_else(verb: str, tmp_path: Path) -> None:
    [answer] = Talk(tmp_path).says({"id": "1", "verb": verb, "services": []})

    error = answer["error"]
    assert isinstance(error, dict)
    assert error["reason"] == "forbidden"


@pytest.mark.parametrize("role", ["act", "reboot"])
def test_root_sees_only_what_acting_needs(role: str) -> None:
    way = Options([role]).way

    assert (way.way, way.role) == ("installed", role)
    assert set(parts_for(way)) == {
        "machine",
        "kernel",
        "service",
        "gpu",
        "pmon",
    }


def test_what_sudo_let_through_is_thrown_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    did: list[object] = []
    monkeypatch.setattr(os, "umask", did.append)
    monkeypatch.setattr(os, "chdir", did.append)
    environment = {"PATH": "/home/ann/bin", "DOCKER_HOST": "tcp://x"}

    trust_no_environment(environment)

    assert environment == {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/root",
        "LANG": "C.UTF-8",
    }
    assert did == [0o077, "/"]


def test_the_program_trusts_no_environment_in_this_role(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trusted: list[object] = []
    monkeypatch.setattr(
        "monitor.gate.main.trust_no_environment", trusted.append
    )
    monkeypatch.setattr("monitor.gate.main.signal.signal", lambda *_: None)
    served: list[object] = []

    def serve(server: Server) -> None:
        served.append(server)

    monkeypatch.setattr(Server, "serve", serve)

    assert gate_main(["act"]) == 0

    assert trusted == [os.environ]
    assert len(served) == 1


def test_a_fault_after_the_beginning_is_a_failed_change(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.unit()
    request = machine.prepared()

    def broken(*_words: object) -> object:
        raise ZeroDivisionError

    monkeypatch.setattr("monitor.gate.act_managers._run_told", broken)

    answer = machine.restarts(request)

    assert answer["state"] == "failed"
    assert "ZeroDivisionError" in str(answer["because"])
    assert machine.asks("became")["state"] == "failed"


def test_an_end_that_is_told_in_words_is_a_failed_change(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.unit()
    request = machine.prepared()

    def failing(*_words: object) -> object:
        raise EffectFailed("cannot do it")

    monkeypatch.setattr("monitor.gate.act_managers._run_told", failing)

    assert machine.restarts(request)["because"] == "cannot do it"


def test_a_restart_gets_a_session_and_the_rest_does_not(
    machine: Machine,
) -> None:
    machine.unit()
    sessions: list[object] = []

    def session(
        work: Callable[[], Outcome], _then: Callable[[], None] | None
    ) -> Outcome:
        sessions.append(work)
        return work()

    actor = Actor(US, session=session)
    answer = actor.run({**BASE, "do": "prepare"}).answer
    assert not sessions

    refused = actor.run({**BASE, "do": "restart"}).answer

    assert answer is not None
    assert refused is not None
    assert len(sessions) == 1
    assert reason(refused) == "bad_request"
    assert refused["highest"] == 7


PYENV = Path.home() / ".pyenv" / "versions"


def old_python(version: str) -> str:
    found = sorted(PYENV.glob(f"{version}.*/bin/python{version}"))
    if not found:
        pytest.skip(f"there is no python{version} here")
    return str(found[-1])


BUNDLED = """\
import signal, sys
text = open(sys.argv[1]).read()
words = {"__name__": "gate"}
exec(compile(text, "gate", "exec"), words)
words["ROOT"].folder = sys.argv[2]
words["Actor"].__init__.__defaults__ = (
    int(sys.argv[3]), *words["Actor"].__init__.__defaults__[1:]
)
raise SystemExit(words["gate_main"](["act"]))
"""


def bundled_answers(
    version: str, machine: Machine, *requests: Message
) -> list[Message]:
    """Ask the one file, under a Python of this version."""
    file = machine.root / "gate.py"
    file.write_bytes(program())
    said = "".join(json.dumps({"v": 1, **one}) + "\n" for one in requests)
    ran = subprocess.run(  # noqa: S603 - words of our own
        [
            old_python(version), "-c", BUNDLED,
            str(file), str(machine.root), str(US),
        ],
        input=said.encode(),
        capture_output=True,
        timeout=50,
        check=True,
    )  # fmt: skip
    assert ran.stderr == b""
    return [json.loads(one) for one in ran.stdout.splitlines()]


def test_the_one_file_restarts_under_the_oldest_python(
    machine: Machine,
) -> None:
    server = machine.serves()
    machine.starts()
    prepare = {"id": "1", "verb": "act", "do": "prepare", **BASE}

    [answer] = bundled_answers("3.9", machine, prepare)
    service = answer["service"]
    assert isinstance(service, dict)
    restart = {
        "id": "2",
        "verb": "act",
        "do": "restart",
        "nonce": answer["nonce"],
        "boot_id": answer["boot_id"],
        "processes": service["processes"],
        **BASE,
    }
    [done] = bundled_answers("3.9", machine, restart)

    assert done["state"] == "done", done
    assert server.wait() == -signal.SIGINT
    assert machine.done() == ["start"]


def test_an_older_python_only_observes(machine: Machine) -> None:
    hello, act = sorted(
        bundled_answers(
            "3.8",
            machine,
            {"id": "1", "verb": "hello"},
            {"id": "2", "verb": "act", "do": "prepare", **BASE},
        ),
        key=lambda one: str(one["id"]),
    )

    assert hello["role"] == "act"
    error = act["error"]
    assert isinstance(error, dict)
    assert error["reason"] == "unsupported"
