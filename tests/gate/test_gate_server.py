"""A whole conversation in this process, with parts of our own."""

import base64
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typing_extensions import override

from monitor.gate.abilities import Abilities
from monitor.gate.children import Child
from monitor.gate.conversation import Conversation
from monitor.gate.gaps import Gaps
from monitor.gate.hello import Way
from monitor.gate.main import Options, Usage, gate_main
from monitor.gate.outbox import Outbox
from monitor.gate.outcome import Outcome
from monitor.gate.protocol import Refused
from monitor.gate.server import Server
from monitor.gate.work import files_task, part_task
from tests.gate.conftest import Tree

Message = dict[str, object]


def quick(question: Message, _gaps: Gaps) -> Message:
    return {"asked": question}


def partial(_question: Message, gaps: Gaps) -> Message:
    gaps.add("half", "cannot see half of it")
    return {"half": 1}


def hanging(_question: Message, _gaps: Gaps) -> Message:
    time.sleep(60)
    return {}


def crashing(_question: Message, _gaps: Gaps) -> Message:
    raise ZeroDivisionError


def dying(_question: Message, _gaps: Gaps) -> Message:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def refusing(_question: Message, _gaps: Gaps) -> Message:
    raise Refused("bad_request", "cannot use this")


def large(_question: Message, _gaps: Gaps) -> Message:
    return {"text": "x" * 600_000}


def files(request: Message, directory: str | None, _gaps: Gaps) -> Message:
    if request.get("do") == "refuse":
        raise Refused("forbidden", "cannot there")
    data = base64.b64encode(b"image").decode()
    return {"data": data, "directory": directory}


def discard(_outcome: Outcome) -> None:
    """Somebody else looks at what became of it."""


def test_a_task_looks_in_the_time_that_its_child_has() -> None:
    task = part_task(abilities(), "quick", {"within": 9}, 20.0, discard)

    outcome = task.look(5.0, ["/nfs"])

    assert outcome.answer == {"asked": {"within": 4.0, "avoid": ["/nfs"]}}
    assert task.deadline == 20.0


def test_a_task_of_files_knows_where_it_may_work() -> None:
    way = Way("installed", "observe", "/srv")

    outcome = files_task(abilities(), {}, way, 20.0, discard).look(5.0, [])

    assert outcome.answer is not None
    assert outcome.answer["directory"] == "/srv"


def test_a_hundred_gaps_tell_enough() -> None:
    gaps = Gaps("log")

    for number in range(200):
        gaps.add(f"{number}" * 400, "cannot")

    assert len(gaps.entries) == 100
    assert len(gaps.entries[0]["what"]) == 300


class FakeWatcher:
    """Says what the test gives it, once each."""

    def __init__(self) -> None:
        self.news: list[Message] = []
        self.ready: list[int] = []
        self.broken = False
        self.closed = False

    def update(self, services: object) -> list[str]:
        if not isinstance(services, list):
            raise Refused("bad_request", "cannot use services")
        return [str(service) for service in services]

    def descriptors(self) -> list[int]:
        return self.ready

    def tick(self, now: float) -> list[Message]:
        if self.broken:
            raise RuntimeError
        news, self.news = self.news, []
        return [{**one, "at": now} for one in news]

    def close(self) -> None:
        self.closed = True


PARTS = {
    "quick": quick,
    "partial": partial,
    "hanging": hanging,
    "crashing": crashing,
    "dying": dying,
    "refusing": refusing,
    "large": large,
    "large2": large,
}


def abilities(watcher: FakeWatcher | None = None) -> Abilities:
    lanes = {"large2": "large"}
    return Abilities(PARTS, lanes, files, watcher or FakeWatcher())


class Talk:
    """Says everything at once, and reads what was answered."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.way = Way("installed", "observe", None)
        self.watcher = FakeWatcher()
        self.seconds = 0.0

    def says(self, *requests: bytes | Message) -> list[Message]:
        lines = [
            one if isinstance(one, bytes) else line(one) for one in requests
        ]
        (self.folder / "in").write_bytes(b"".join(lines))
        flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC
        ask = os.open(self.folder / "in", os.O_RDONLY)
        answer = os.open(self.folder / "out", flags)
        began = time.monotonic()
        Server(self.way, abilities(self.watcher), ask, answer).serve()
        self.seconds = time.monotonic() - began
        os.close(ask)
        os.close(answer)
        text = (self.folder / "out").read_bytes()
        return [json.loads(one) for one in text.splitlines()]


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    return Talk(tmp_path)


def line(message: Message) -> bytes:
    return json.dumps({"v": 1, **message}).encode() + b"\n"


def observe(word: str, *parts: str, **more: object) -> Message:
    questions = {part: {"n": word} for part in parts}
    return {"id": word, "verb": "observe", "parts": questions, **more}


def because(answer: Message) -> list[str]:
    gaps = answer["gaps"]
    assert isinstance(gaps, list)
    return [f"{gap['part']}: {gap['because']}" for gap in gaps]


def reason(answer: Message) -> object:
    error = answer["error"]
    assert isinstance(error, dict)
    assert str(error["because"]).startswith("cannot ")
    return error["reason"]


def test_hello_says_who_we_are(talk: Talk, tree: Tree) -> None:
    tree.write("proc/sys/kernel/random/boot_id", "b-1\n")
    tree.write("etc/passwd", f"ann:x:{os.geteuid()}:0::/:/bin/sh\n")

    [answer] = talk.says({"id": "h", "verb": "hello"})

    assert answer.pop("at")
    assert answer.pop("python")
    assert answer == {
        "v": 1,
        "id": "h",
        "gate": "unbundled",
        "way": "installed",
        "role": "observe",
        "boot_id": "b-1",
        "user": "ann",
        "uid": os.geteuid(),
        "verbs": ["hello", "observe", "watch"],
    }


def test_what_follows_a_hello_for_a_shell_is_thrown_away(talk: Talk) -> None:
    script = b'exec python3\n{"no": "request"}\n'

    answers = talk.says(
        {"id": "h", "verb": "hello", "skip": len(script)},
        script,
        {"id": "i", "verb": "hello"},
    )

    assert [answer["id"] for answer in answers] == ["h", "i"]


def test_over_stdin_the_shell_has_taken_them(talk: Talk) -> None:
    talk.way = Way("stdin", "observe", None)

    answers = talk.says(
        {"id": "h", "verb": "hello", "skip": 5}, {"id": "i", "verb": "hello"}
    )

    assert [answer["id"] for answer in answers] == ["h", "i"]
    verbs = answers[0]["verbs"]
    assert isinstance(verbs, list)
    assert "files" in verbs


@pytest.mark.parametrize("skip", [-1, True, "5", None, 1 << 30])
def test_a_skip_that_makes_no_sense_is_refused(
    talk: Talk, skip: object
) -> None:
    [answer] = talk.says({"id": "h", "verb": "hello", "skip": skip})

    assert reason(answer) == "bad_request"


def test_parts_are_observed_and_each_knows_its_time(talk: Talk) -> None:
    [answer] = talk.says(observe("1", "quick", "partial", within=5))

    assert answer["id"] == "1"
    parts = answer["parts"]
    assert isinstance(parts, dict)
    asked = parts["quick"]["asked"]
    assert 0 < asked.pop("within") <= 4
    assert asked == {"n": "1", "avoid": []}
    assert parts["partial"] == {"half": 1}
    assert because(answer) == ["partial: cannot see half of it"]


def test_what_goes_wrong_in_a_part_is_a_gap_of_that_part(talk: Talk) -> None:
    request = observe(
        "1",
        "quick",
        "hanging",
        "crashing",
        "dying",
        "refusing",
        "no-such",
        within=2,
    )

    [answer] = talk.says(request)

    parts = answer["parts"]
    assert isinstance(parts, dict)
    assert list(parts) == ["quick"]
    crashed = "cannot finish crashing: a fault of the gate (ZeroDivisionError)"
    assert sorted(because(answer)) == [
        f"crashing: {crashed}",
        "dying: cannot finish: the child ended too early",
        "hanging: cannot wait for hanging",
        "no-such: cannot observe no-such: unbundled does not",
        "refusing: cannot use this",
    ]
    assert talk.seconds < 20


def test_a_part_is_told_no_more_time_than_it_asked_for(talk: Talk) -> None:
    request = observe("1", within=20)
    request["parts"] = {"quick": {"within": 2}}

    [answer] = talk.says(request)

    parts = answer["parts"]
    assert isinstance(parts, dict)
    assert parts["quick"]["asked"]["within"] == 2


def test_an_answer_that_is_too_long_loses_its_longest_part(talk: Talk) -> None:
    [answer] = talk.says(observe("1", "quick", "large", "large2"))

    parts = answer["parts"]
    assert isinstance(parts, dict)
    assert len(parts) == 2
    assert "quick" in parts
    [gap] = because(answer)
    assert gap.endswith("the answer is over 1 MiB")


def test_answers_come_when_they_are_ready(talk: Talk) -> None:
    answers = talk.says(
        observe("slow", "hanging", within=1.5), observe("quick", "quick")
    )

    assert [answer["id"] for answer in answers] == ["quick", "slow"]


def test_forty_at_once_are_each_answered_once(talk: Talk) -> None:
    requests = [observe(f"{n}", "quick") for n in range(40)]

    answers = talk.says(*requests)

    words = sorted(str(answer["id"]) for answer in answers)
    assert words == sorted(str(n) for n in range(40))
    served = [answer for answer in answers if "parts" in answer]
    busy = [answer for answer in answers if "parts" not in answer]
    assert len(served) == 16
    assert {reason(answer) for answer in busy} == {"busy"}


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"id": "1", "verb": "dance"}, "unknown_verb"),
        ({"id": "1", "verb": "act"}, "forbidden"),
        ({"id": "1", "verb": "hello", "v": 2}, "version"),
        ({"id": "1", "verb": "observe"}, "bad_request"),
        ({"id": "1", "verb": "observe", "parts": {}}, "bad_request"),
        ({"id": "1", "verb": "observe", "parts": {"a": 1}}, "bad_request"),
        ({"id": "1", "verb": "observe", "parts": {"a": {}}}, "unknown_part"),
        (observe("1", "quick", within=-1), "bad_request"),
        ({"id": "1", "verb": "watch"}, "bad_request"),
        ({"id": "1", "verb": "files"}, "forbidden"),
        ({"id": "1", "verb": "files", "within": "x"}, "bad_request"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(
    talk: Talk, request_: Message, expected: str
) -> None:
    [answer] = talk.says(request_)

    assert answer["id"] == "1"
    assert answer["gate"] == "unbundled"
    assert reason(answer) == expected


def test_a_question_with_an_impossible_time_is_refused(talk: Talk) -> None:
    request = observe("1")
    request["parts"] = {"quick": {"within": "soon"}}

    [answer] = talk.says(request)

    assert reason(answer) == "bad_request"


def test_ten_megabytes_in_a_line_are_refused_and_the_next_is_served(
    talk: Talk,
) -> None:
    answers = talk.says(
        b"x" * (10 << 20) + b"\n", {"id": "h", "verb": "hello"}
    )

    assert reason(answers[0]) == "too_large"
    assert answers[0]["id"] is None
    assert answers[1]["id"] == "h"


def test_empty_lines_are_nothing(talk: Talk) -> None:
    assert talk.says(b"\n", b"  \r\n", b"# \n") == []


def test_half_a_line_at_the_end_is_unreadable(talk: Talk) -> None:
    [answer] = talk.says(b'{"v":1,"id":"h","ver')

    assert reason(answer) == "unreadable"


def test_a_whole_request_needs_no_line_end_at_the_end(talk: Talk) -> None:
    [answer] = talk.says(b'{"v":1,"id":"h","verb":"hello"}')

    assert answer["id"] == "h"


def test_files_work_below_the_directory_of_the_key(talk: Talk) -> None:
    talk.way = Way("installed", "observe", "/srv/canary")

    done, refused = talk.says(
        {"id": "1", "verb": "files", "do": "get", "directory": "/etc"},
        {"id": "2", "verb": "files", "do": "refuse"},
    )

    assert done["directory"] == "/srv/canary"
    assert (refused["id"], reason(refused)) == ("2", "forbidden")


@pytest.mark.parametrize(
    ("directory", "expected"),
    [("/srv/a", "/srv/a"), (None, None)],
)
def test_over_stdin_the_request_names_the_directory(
    talk: Talk, directory: str | None, expected: str | None
) -> None:
    talk.way = Way("stdin", "observe", None)

    [answer] = talk.says({"id": "1", "verb": "files", "directory": directory})

    assert answer["directory"] == expected


@pytest.mark.parametrize("directory", ["/", "//", "srv", "/a/../b", "/\0", 7])
def test_over_stdin_not_every_directory_may_be_named(
    talk: Talk, directory: object
) -> None:
    talk.way = Way("stdin", "observe", None)

    [answer] = talk.says({"id": "1", "verb": "files", "directory": directory})

    assert reason(answer) == "bad_request"


def test_a_fault_of_the_gate_is_one_answer(talk: Talk) -> None:
    class Broken(FakeWatcher):
        @override
        def update(self, services: object) -> list[str]:
            raise LookupError(services)

    talk.watcher = Broken()

    answers = talk.says(
        {"id": "1", "verb": "watch"}, {"id": "2", "verb": "hello"}
    )

    assert reason(answers[0]) == "internal"
    assert answers[1]["id"] == "2"


class Line:
    """A conversation over pipes that stays open for a while."""

    def __init__(self, watcher: FakeWatcher, idle: float) -> None:
        self.ask, self.asking = os.pipe()
        self.answers, self.answer = os.pipe()
        way = Way("installed", "observe", None)
        self.server = Server(
            way, abilities(watcher), self.ask, self.answer, idle
        )

    def say(self, message: Message) -> None:
        os.write(self.asking, line(message))

    def serve(self) -> list[Message]:
        self.server.serve()
        os.set_blocking(self.answers, False)
        try:
            text = os.read(self.answers, 65536)
        except BlockingIOError:
            text = b""
        for one in (self.ask, self.asking, self.answers, self.answer):
            os.close(one)
        return [json.loads(one) for one in text.splitlines()]


def test_events_are_told_while_something_is_watched() -> None:
    watcher = FakeWatcher()
    watcher.news = [{"event": "exit", "pid": 7}]
    line_ = Line(watcher, idle=0.8)
    line_.say({"id": "w", "verb": "watch", "services": ["studio"]})

    answer, event = line_.serve()

    assert answer["watching"] == ["studio"]
    assert (event["event"], event["pid"]) == ("exit", 7)


def test_without_a_watch_there_are_no_events() -> None:
    watcher = FakeWatcher()
    watcher.news = [{"event": "exit"}]
    line_ = Line(watcher, idle=0.8)
    line_.say({"id": "w", "verb": "watch", "services": []})

    [answer] = line_.serve()

    assert answer["watching"] == []


def test_a_ready_descriptor_is_looked_at_at_once() -> None:
    class Soon(FakeWatcher):
        """Has its second piece of news when its descriptor is ready."""

        ticks = 0

        @override
        def tick(self, now: float) -> list[Message]:
            self.ticks += 1
            if self.ticks == 2:
                os.read(self.ready.pop(), 1)
            return [{"event": f"{self.ticks}", "at": now}]

    watcher = Soon()
    listening, telling = os.pipe()
    os.write(telling, b"x")
    watcher.ready = [listening]
    line_ = Line(watcher, idle=0.45)
    line_.say({"id": "w", "verb": "watch", "services": ["a"]})

    _, first, second = line_.serve()

    times = [first["at"], second["at"]]
    assert isinstance(times[0], float)
    assert isinstance(times[1], float)
    assert times[1] - times[0] < 0.45  # a tick is half a second
    os.close(listening)
    os.close(telling)


def test_a_watch_that_breaks_is_told_and_ends_alone() -> None:
    watcher = FakeWatcher()
    watcher.broken = True
    line_ = Line(watcher, idle=0.8)
    line_.say({"id": "w", "verb": "watch", "services": ["studio"]})
    line_.say({"id": "h", "verb": "hello"})

    answers = line_.serve()

    assert [one.get("id") or one["event"] for one in answers] == [
        "w",
        "h",
        "watch_lost",
    ]
    assert watcher.closed


def test_a_closed_input_is_an_end(tmp_path: Path) -> None:
    out = os.open(tmp_path / "out", os.O_RDWR | os.O_CREAT)
    closed = os.dup(out)
    os.close(closed)

    Server(Way("installed", "observe", None), abilities(), closed, out).serve()

    os.close(out)


def test_an_input_that_somebody_made_impatient_is_asked_again(
    tmp_path: Path,
) -> None:
    out = os.open(tmp_path / "out", os.O_RDWR | os.O_CREAT)
    ask, asking = os.pipe()
    os.set_blocking(ask, False)
    server = Server(Way("installed", "observe", None), abilities(), ask, out)

    server._read(0.0)  # noqa: SLF001 - the kernel does it when it likes
    os.write(asking, line({"id": "h", "verb": "hello"}))
    os.close(asking)
    server.serve()

    assert b'"id":"h"' in (tmp_path / "out").read_bytes()
    os.close(ask)
    os.close(out)


def test_when_nobody_reads_any_more_it_ends_and_so_do_its_children() -> None:
    line_ = Line(FakeWatcher(), idle=60)
    line_.say(observe("1", "hanging"))
    os.close(line_.answers)
    began = time.monotonic()

    line_.server.serve()

    assert time.monotonic() - began < 10
    lane = line_.server.conversation.lanes["hanging"]
    child = lane._child  # noqa: SLF001 - nothing else shows it
    assert child is not None
    _, status = os.waitpid(child.pid, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    for one in (line_.ask, line_.asking, line_.answer):
        os.close(one)


def test_nothing_is_read_or_watched_while_the_reader_sleeps() -> None:
    line_ = Line(FakeWatcher(), idle=0.3)
    out = line_.server._out  # noqa: SLF001 - the reader's side is the test's
    out.put(b"x" * (2 << 20))
    line_.server.conversation.watching = True

    ready = line_.server._descriptors()  # noqa: SLF001 - nothing else shows

    assert out.full
    assert ready == {}
    for one in (line_.ask, line_.asking, line_.answers, line_.answer):
        os.close(one)


def test_an_outbox_writes_no_more_than_there_is_room_for() -> None:
    listening, telling = os.pipe()
    box = Outbox(telling)
    box.put(b"x" * (1 << 20))

    box.write()

    os.set_blocking(listening, False)
    assert len(os.read(listening, 1 << 20)) == 65536
    assert box.waits
    os.close(listening)
    os.close(telling)


def test_an_outbox_whose_descriptor_is_impatient_waits() -> None:
    listening, telling = os.pipe()
    os.set_blocking(telling, False)
    while True:
        try:
            os.write(telling, b"x" * 4096)
        except BlockingIOError:
            break
    box = Outbox(telling)
    box.put(b"late")

    box.write()

    assert box.waits
    assert not box.gone
    os.close(listening)
    os.close(telling)


def test_an_outbox_that_nobody_reads_is_gone() -> None:
    listening, telling = os.pipe()
    os.close(listening)
    box = Outbox(telling)
    box.put(b"x")

    box.write()

    assert box.gone
    assert not box.waits
    os.close(telling)


def test_the_reply_of_a_lane_may_come_before_the_question_ends() -> None:
    said: list[bytes] = []
    conversation = Conversation(
        Way("stdin", "observe", None), abilities(), said.append, _no_room
    )

    conversation.take(line(observe("1", "quick")))
    conversation.turn(time.monotonic())

    assert (
        "cannot start a process" in json.loads(said[0])["gaps"][0]["because"]
    )
    assert conversation.under_way == 0


def _no_room(_work: Callable[[], Outcome], _seconds: float) -> Child:
    raise OSError(12, "Cannot allocate memory")


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["dance"],
        ["act", "--directory", "/srv"],
        ["reboot", "--greet", "w1"],
        ["observe", "--directory"],
        ["observe", "--directory", "relative"],
        ["observe", "--directory", "/"],
        ["stdin", "--greet", "a b"],
        ["stdin", "extra", "x"],
    ],
)
def test_bad_usage_is_a_sentence(
    words: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    code = gate_main(words)

    assert code == 64
    said = capfd.readouterr()
    assert said.out == ""
    assert said.err.startswith("cannot ")


def test_options_are_read() -> None:
    installed = Options(["observe", "--directory", "/srv/canary"]).way
    sent = Options(["stdin", "--greet", "w1"])

    assert (installed.way, installed.directory) == ("installed", "/srv/canary")
    assert "files" in installed.verbs
    assert (sent.way.way, sent.greet) == ("stdin", "w1")
    assert issubclass(Usage, Exception)


@pytest.fixture
def handlers() -> Iterator[None]:
    """What signals do is afterwards what it was before."""
    names = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(name) for name in names]
    yield
    for name, handler in zip(names, before, strict=True):
        signal.signal(name, handler)


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize(
    ("words", "ids"),
    [(["stdin", "--greet", "w1"], ["w1", "2"]), (["observe"], ["2"])],
)
def test_the_program_greets_and_serves_its_standard_streams(
    words: list[str], ids: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    ask, asking = os.pipe()
    os.write(asking, line({"id": "2", "verb": "hello"}))
    os.close(asking)
    before = os.dup(0)
    os.dup2(ask, 0)

    code = gate_main(words)

    os.dup2(before, 0)
    os.close(before)
    os.close(ask)
    said = capfd.readouterr().out.splitlines()
    assert code == 0
    assert [json.loads(one)["id"] for one in said] == ids


@pytest.mark.usefixtures("handlers")
def test_an_interrupt_is_an_end_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(_server: Server) -> None:
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(Server, "serve", interrupted)

    assert gate_main(["observe"]) == 130
