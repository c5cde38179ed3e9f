"""A machine that may be acted on: root's files, and real processes."""

import json
import os
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitor.gate import service as gate_service
from monitor.gate.act import Actor
from monitor.gate.act_book import ActBook, save_book
from monitor.gate.act_ledger import Ledger
from monitor.gate.act_process import BareRestart
from monitor.gate.finding import bare_processes
from monitor.gate.gaps import Gaps
from monitor.gate.hello import read_boot_id
from monitor.gate.outcome import Outcome
from monitor.gate.roots import ROOT

Message = dict[str, object]

US = os.geteuid()
THEM = 65534 if US == 0 else US
"""Whose FaceFusion it is; where we are not root, it is ours."""

PYTHON = "/usr/bin/python3"
STEP = 0.4
SHORT = (
    (signal.SIGINT, STEP),
    (signal.SIGTERM, STEP),
    (signal.SIGKILL, 5.0),
)
SCRIPT = """\
import signal, subprocess, sys, time
for name in sys.argv[2:]:
    if name == "child":
        subprocess.Popen([sys.executable, "run.py", "--headless", "KILL"])
    elif name != "KILL":
        signal.signal(getattr(signal, "SIG" + name), signal.SIG_IGN)
print("ready", flush=True)
time.sleep(120)
"""


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def at_once(
    work: Callable[[], Outcome], _then: Callable[[], None] | None = None
) -> Outcome:
    return work()


Session = Callable[[Callable[[], Outcome], Callable[[], None] | None], Outcome]


class Machine:
    """`folder` is FaceFusion's; `root` is what the gate takes for /."""

    def __init__(self, place: Path) -> None:
        self.root = place / "root"
        self.folder = place / "facefusion"
        self.effects = place / "effects"
        self.tools = place / "tools"
        for one in ("etc", "var/lib", "run", "usr/libexec"):
            (self.root / one).mkdir(parents=True)
        (self.root / "proc").symlink_to("/proc")
        for folder in (self.folder, self.tools):
            folder.mkdir()
        for name in ("facefusion.py", "run.py"):
            (self.folder / name).write_text(SCRIPT)
        self.effects.touch()
        self.effects.chmod(0o666)
        self.clock = Clock()
        self.children: list[subprocess.Popen[bytes]] = []
        self.write(
            "etc/passwd", f"root:x:0:0::/root:/bin/sh\nff:x:{THEM}:7::/h:/x\n"
        )
        self.write("etc/group", "video:x:44:ann,ff\nbroken\n")
        self.config()

    @property
    def boot_id(self) -> str:
        return str(read_boot_id())

    def write(self, path: str, text: str, mode: int = 0o644) -> Path:
        file = self.root / path
        file.write_text(text)
        file.chmod(mode)
        return file

    def config(self, **service: object) -> None:
        one = {
            "manager": "process",
            "unit": None,
            "directory": str(self.folder),
            "port": None,
            "start": "/usr/libexec/start",
            **service,
        }
        body = {"v": 1, "contained": True, "services": {"studio": one}}
        self.write("etc/facefusion-monitor-gate.json", json.dumps(body))

    def unit(self, *, code: int = 0, load: str = "loaded") -> None:
        """Be a machine whose systemd has the unit, and nothing runs."""
        self.config(manager="systemd", unit="ff.service", start=None)
        self.tool(
            "systemctl",
            'if [ "$1" = restart ]; then\n'
            f'  echo "$*" >> {self.effects}\n'
            f"  echo 'Job failed.' >&2; exit {code}\nfi\n"
            f"echo LoadState={load}; echo ActiveState=active\n"
            "echo SubState=running; echo MainPID=0",
        )

    def tool(self, name: str, body: str) -> None:
        program = self.tools / name
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)

    def starts(self, body: str = "exec sleep 60") -> None:
        self.write(
            "usr/libexec/start",
            f"#!/bin/sh\necho start >> {self.effects}\n{body}\n",
            0o755,
        )

    def serves(
        self, *deaf_to: str, script: str = "facefusion.py", verb: str = "run"
    ) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(  # noqa: S603 - words of our own
            [PYTHON, script, verb, *deaf_to],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            user=THEM,
            group=7 if US == 0 else None,
            extra_groups=[44] if US == 0 else None,
        )
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        self.children.append(process)
        return process

    def done(self) -> list[str]:
        """What was done to the world, in order."""
        return self.effects.read_text().splitlines()

    def actor(
        self,
        save: Callable[[ActBook, int], None] = save_book,
        session: Session = at_once,
        role: str = "act",
    ) -> Actor:
        return Actor(
            owner=US,
            ledger=Ledger(US, self.clock, save),
            bare=lambda kin, owner: BareRestart(kin, owner, SHORT),
            session=session,
            role=role,
        )

    def asks(self, do: str, **more: object) -> Message:
        request: Message = {
            "do": do,
            "service": "studio",
            "change": "c1",
            "token": 7,
            **more,
        }
        answer = self.restarts(request)
        json.dumps(answer, allow_nan=False)
        return answer

    def prepared(self, **more: object) -> Message:
        """Prepare, and return the restart that it allows."""
        answer = self.asks("prepare", **more)
        assert "error" not in answer, answer
        service = answer["service"]
        assert isinstance(service, dict)
        return {
            "do": "restart",
            "service": "studio",
            "change": "c1",
            "token": 7,
            "nonce": answer["nonce"],
            "boot_id": answer["boot_id"],
            "processes": service["processes"],
            **more,
        }

    def restarts(self, request: Message) -> Message:
        role = "reboot" if "reboot" in request.values() else "act"
        outcome = self.actor(role=role).run(request)
        assert outcome.answer is not None, outcome.because
        return outcome.answer

    def running(self) -> list[int]:
        return bare_processes(str(self.folder), Gaps("test"))

    def clean(self) -> None:
        for pid in [*self.running(), *self.left()]:
            os.kill(pid, signal.SIGKILL)
        for child in self.children:
            child.kill()
            child.wait()
            assert child.stdout
            child.stdout.close()
        while _reaped():
            pass

    def left(self) -> list[int]:
        """Return what a start program left in FaceFusion's folder."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                if (entry / "cwd").readlink() == self.folder:
                    found.append(int(entry.name))
            except OSError:
                continue
        return [pid for pid in found if pid not in self.running()]


def _reaped() -> bool:
    try:
        return os.waitpid(-1, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return False


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    place = Path(tempfile.mkdtemp(prefix="ffm-act-")).resolve()
    place.chmod(stat.S_IRWXU | 0o055)  # FaceFusion's user passes through
    made = Machine(place)
    monkeypatch.setattr(ROOT, "folder", str(made.root))
    # Sockets are closed in these tests.
    monkeypatch.setattr(gate_service, "diag_listening", lambda: None)
    monkeypatch.setenv("PATH", f"{made.tools}:{os.environ['PATH']}")
    yield made
    made.clean()
    shutil.rmtree(place)


def reason(answer: Message) -> str:
    error = answer["error"]
    assert isinstance(error, dict)
    assert set(answer) == {"error", "gate", "highest"}
    assert str(error["because"]).startswith("cannot ")
    return str(error["reason"])


def sentence(answer: Message) -> str:
    error = answer["error"]
    assert isinstance(error, dict)
    return str(error["because"])
