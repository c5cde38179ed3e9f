"""The one file: complete, the same every time, and for old Pythons."""

import ast
import json
import os
import select
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor import __version__
from monitor.adapters.gate.bundle import bundled, gate_modules, program

GATE = Path(__file__).parents[2] / "monitor" / "gate"
PYENV = Path.home() / ".pyenv" / "versions"
LOADER = (
    "import os\n"
    "left, text = {size}, b''\n"
    "while len(text) < left: text += os.read(0, left - len(text))\n"
    "exec(compile(text, 'gate', 'exec'))\n"
)


def interpreter(version: str) -> str | None:
    """Return a real Python of this version, from the PATH or from pyenv."""
    found = sorted(PYENV.glob(f"{version}.*/bin/python{version}"))
    return str(found[-1]) if found else shutil.which(f"python{version}")


@pytest.fixture(params=["3.8", "3.9", "ours"])
def python(request: pytest.FixtureRequest) -> str:
    """An interpreter; old ones are not on every machine, nor in CI."""
    if request.param == "ours":
        return sys.executable
    found = interpreter(request.param)
    if found is None:
        pytest.skip(f"there is no python{request.param} here")
    return found


@pytest.fixture(scope="session")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("gate") / "gate.py"
    file.write_bytes(program())
    return file


def line(word: str, verb: str, **more: object) -> bytes:
    request = {"v": 1, "id": word, "verb": verb, **more}
    return json.dumps(request).encode() + b"\n"


def told(argv: list[str], said: bytes) -> list[dict[str, object]]:
    """Run a gate until the end of its input; it has nothing to complain."""
    ran = subprocess.run(  # noqa: S603 - words of our own
        argv, input=said, capture_output=True, timeout=40, check=True
    )
    assert ran.stderr == b""
    return [json.loads(one) for one in ran.stdout.splitlines()]


ASKED = {"machine": {}, "disks": {"paths": ["/"]}}


def test_it_answers_as_an_installed_file(python: str, gate: Path) -> None:
    said = line("1", "hello", skip=6) + b"exit 1" + b""
    said += line("2", "observe", parts=ASKED)

    hello, seen = told([python, "-I", str(gate), "observe"], said)

    assert (hello["id"], hello["gate"]) == ("1", __version__)
    assert hello["way"] == "installed"
    assert (seen["id"], seen["gaps"]) == ("2", _bus_gaps())
    assert set(seen["parts"]) == {"machine", "disks"}  # type: ignore[call-overload]


def _bus_gaps() -> list[dict[str, str]]:
    if Path("/sys/bus/pci/devices").is_dir():
        return []
    because = "cannot read gpus_on_bus here"
    return [{"part": "machine", "what": "gpus_on_bus", "because": because}]


def test_it_answers_when_it_is_sent(python: str) -> None:
    text = program()
    said = text + line("2", "observe", parts=ASKED)
    loader = LOADER.format(size=len(text))

    hello, seen = told([python, "-Ic", loader, "stdin", "--greet", "w1"], said)

    assert (hello["id"], hello["way"]) == ("w1", "stdin")
    assert (seen["id"], seen["gaps"]) == ("2", _bus_gaps())


def test_no_part_has_a_fault_under_any_python(
    python: str, gate: Path, tmp_path: Path
) -> None:
    (tmp_path / "log").write_text("a line\n")
    (tmp_path / "jobs" / "queued").mkdir(parents=True)
    service = {"manager": "process", "directory": str(tmp_path), "port": 9}
    parts = {
        **ASKED,
        "kernel": {},
        "service": service,
        "log": {"source": "file", "path": str(tmp_path / "log")},
        "jobs": {"directory": str(tmp_path / "jobs")},
        "gpu": {"within": 3},
        "pmon": {},
        "cuda": service,
    }
    said = line("1", "observe", parts=parts)
    said += line("2", "watch", services=[{"name": "a", **service}])
    said += line("3", "files", do="list")
    named = ["--directory", str(tmp_path), "--log", str(tmp_path / "log")]
    argv = [python, "-I", str(gate), "observe", *named]

    answers = {str(one.get("id")): one for one in told(argv, said)}

    assert "fault of the gate" not in json.dumps(answers)
    seen = answers["1"]["parts"]
    assert isinstance(seen, dict)
    # The kernel's log may be closed to whoever runs this.
    assert set(seen) | {"kernel"} == set(parts)
    assert answers["2"]["watching"] == ["a"]
    assert "entries" in answers["3"]


def test_it_is_the_same_every_time() -> None:
    once = bundled(gate_modules(), "1.0")

    assert once == bundled(gate_modules(), "1.0")
    assert program() is program()


def test_it_reads_well() -> None:
    text = program().decode()

    assert text.startswith("#!/usr/bin/python3 -I\n")
    assert f"gate {__version__}, protocol 1." in text
    assert "monitor.gate" not in text
    assert "\n\n\n\n" not in text
    for module in GATE.glob("*.py"):
        if module.stem != "__init__":
            assert text.count(f"\n# --- {module.stem} ---\n") == 1


def test_a_module_comes_after_those_that_it_needs() -> None:
    modules = {
        "b": "from monitor.gate.a import one\n\n\ntwo = one\n",
        "a": "from __future__ import annotations\n\nimport os\n\none = os\n",
        "main": "from monitor.gate.b import (\n    two,\n)\n",
    }

    text = bundled(modules, "1.0")

    assert text.index("one = os") < text.index("two = one")
    assert text.count("import os\n") == 1
    assert "import sys\n" in text


def top_level(tree: ast.Module) -> Iterator[str]:
    """Yield the names that a module gives to the one file."""
    for node in tree.body:
        match node:
            case ast.FunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Assign(targets=targets):
                for target in targets:
                    for part in ast.walk(target):
                        if isinstance(part, ast.Name):
                            yield part.id
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case _:
                pass


def test_every_name_is_there_once() -> None:
    trees = [ast.parse(one.read_text()) for one in GATE.glob("*.py")]

    names = Counter(name for tree in trees for name in top_level(tree))

    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("path", sorted(GATE.glob("*.py")), ids=str)
def test_a_module_imports_little_and_under_its_own_name(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Import(names=names):
                modules = [name.name for name in names]
            case ast.ImportFrom(module=module, names=names):
                modules = [str(module)]
            case _:
                continue
        assert node.col_offset == 0, "not at the top"
        assert all(name.asname is None for name in names)
        for module in modules:
            assert module.startswith("monitor.gate.") or (
                module.split(".")[0] in sys.stdlib_module_names
            )


def started(gate: Path, *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - words of our own
        [sys.executable, "-I", str(gate), *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    )


def finished(process: subprocess.Popen[bytes]) -> tuple[int, bytes]:
    """Wait for its end, and return code and complaints."""
    code = process.wait(20)
    assert process.stderr is not None
    said = process.stderr.read()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            stream.close()
    return code, said


def greeted(gate: Path) -> subprocess.Popen[bytes]:
    process = started(gate, "observe")
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(line("1", "hello"))
    assert b'"id":"1"' in process.stdout.readline()
    return process


def test_when_its_reader_is_gone_it_ends_in_silence(gate: Path) -> None:
    process = greeted(gate)
    assert process.stdout is not None

    process.stdout.close()
    process.stdout = None

    assert finished(process) == (0, b"")


@pytest.mark.parametrize(
    "name", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
)
def test_a_signal_ends_it_in_silence(gate: Path, name: int) -> None:
    process = greeted(gate)

    process.send_signal(name)

    assert finished(process) == (130, b"")


@pytest.fixture
def in_the_background() -> Iterator[None]:
    """What is started now has SIGINT ignored, as after a shell's `&`."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("in_the_background")
def test_a_signal_that_was_ignored_before_it_ends_it_too(gate: Path) -> None:
    process = greeted(gate)

    process.send_signal(signal.SIGINT)

    assert finished(process) == (130, b"")


def test_answers_come_while_the_line_is_open(gate: Path) -> None:
    process = greeted(gate)
    assert process.stdin is not None
    assert process.stdout is not None

    process.stdin.write(line("2", "observe", parts={"machine": {}}))
    answer = json.loads(process.stdout.readline())

    assert answer["id"] == "2"
    process.stdin.close()
    process.stdin = None
    assert finished(process) == (0, b"")


def resident(pid: int) -> int:
    """Return the most memory that a process had, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    [row] = [one for one in status.splitlines() if one.startswith("VmHWM")]
    return int(row.split()[1]) * 1024


def test_ten_megabytes_in_a_line_cost_no_memory(gate: Path) -> None:
    process = greeted(gate)
    before = resident(process.pid)
    assert process.stdin is not None
    assert process.stdout is not None

    for _ in range(160):
        process.stdin.write(b"x" * 65536)
    process.stdin.write(b"\n" + line("2", "hello"))

    assert b"too_large" in process.stdout.readline()
    assert b'"id":"2"' in process.stdout.readline()
    assert resident(process.pid) - before < 6 << 20
    process.stdin.close()
    process.stdin = None
    assert finished(process) == (0, b"")


PIECES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([b"\n", b"{", b"# ", b'{"v":1,', b"\xff", b"[" * 3000]),
    st.integers(0, 9).map(lambda n: line(f"h{n}", "hello")),
    st.integers(0, 9).map(lambda n: line(f"x{n}", "dance")),
)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(pieces=st.lists(PIECES, max_size=12))
def test_no_bytes_end_it_and_every_request_is_answered_once(
    gate: Path, pieces: list[bytes]
) -> None:
    said = b"".join(pieces)

    answers = told([sys.executable, "-I", str(gate), "observe"], said)

    whole = [one.strip() for one in said.split(b"\n")]
    expected = Counter(
        json.loads(one.lstrip(b"# "))["id"]
        for one in whole
        if one.lstrip(b"# ") in _WELL_FORMED
    )
    assert Counter(one["id"] for one in answers if one["id"]) == expected


_WELL_FORMED = {
    line(f"{letter}{n}", verb).strip()
    for letter, verb in (("h", "hello"), ("x", "dance"))
    for n in range(10)
}


def test_a_slow_reader_gets_everything(gate: Path) -> None:
    process = started(gate, "observe")
    assert process.stdin is not None
    assert process.stdout is not None
    count = 3000
    words = [f"{n}" for n in range(count)]

    text = b"".join(line(word, "hello") for word in words)
    os.set_blocking(process.stdin.fileno(), False)
    heard = b""
    while heard.count(b"\n") < count:
        writing = [process.stdin] if text else []
        reading, writing, _ = select.select([process.stdout], writing, [], 20)
        if writing:
            text = text[os.write(process.stdin.fileno(), text[:4096]) :]
        if reading and not text:
            heard += os.read(process.stdout.fileno(), 300_000)
        elif reading:
            heard += os.read(process.stdout.fileno(), 1000)

    assert [json.loads(one)["id"] for one in heard.splitlines()] == words
    process.stdin.close()
    process.stdin = None
    assert finished(process) == (0, b"")
