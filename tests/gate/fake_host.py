"""A made-up host: /proc, control groups and tools of our own."""

import os
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

import pytest

from monitor.gate.roots import ROOT

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
SERVER = ("/opt/ff/bin/python", "facefusion.py", "run")


def unix_now() -> float:
    """Return the time that real files get; a made-up one is no use here."""
    return time.time()  # noqa: TID251


class FakeHost:
    """A tree that `ROOT` points to, and a folder of tools on PATH."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder / "host"
        self.tools = folder / "tools"
        self.tools.mkdir()
        self.write("proc/uptime", "1000.00 2000.00\n")
        self.write("etc/passwd", "root:x:0:0:\nbroken\nff:x:1000:1000:::\n")
        self.process(1, cmdline=("/sbin/init",), uid=0, ppid=0)
        monkeypatch.setattr(ROOT, "folder", str(self.folder))
        monkeypatch.setenv("PATH", f"{self.tools}:{os.environ['PATH']}")

    def write(self, path: str, text: str | bytes) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        data = text if isinstance(text, bytes) else text.encode()
        file.write_bytes(data)
        return file

    def process(  # noqa: PLR0913 - a process is many figures
        self,
        pid: int,
        *,
        cmdline: Sequence[str] = SERVER,
        ppid: int = 1,
        uid: int = 1000,
        name: str = "python",
        state: str = "S",
        ticks: int = 5000,
        cwd: str | None = "/opt/facefusion",
        cgroup: str = "0::/system.slice/facefusion.service\n",
        contained: bool = False,
        sockets: Sequence[int] | None = (),
    ) -> None:
        zeros = "0 " * 7
        self.write(
            f"proc/{pid}/stat",
            f"{pid} ({name}) {state} {ppid} 0 0 {zeros}{TICKS} {TICKS} "
            f"0 0 20 0 3 0 {ticks} 9 7 18446744073709551615\n",
        )
        inner = "\t7" if contained else ""
        self.write(
            f"proc/{pid}/status",
            f"Name:\tx\nUid:\t0\t{uid}\t0\t0\nNSpid:\t{pid}{inner}\n",
        )
        arguments = "".join(f"{one}\0" for one in cmdline)
        self.write(f"proc/{pid}/cmdline", arguments)
        self.write(f"proc/{pid}/cgroup", cgroup)
        self._link(f"proc/{pid}/cwd", cwd)
        if sockets is None:  # we may not see them
            self.write(f"proc/{pid}/fd", "")
        for number, inode in enumerate(sockets or ()):
            self._link(f"proc/{pid}/fd/{number}", f"socket:[{inode}]")

    def _link(self, path: str, to: str | None) -> None:
        if to is None:
            self.write(path, "")
            return
        link = self.folder / path
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(to)

    def group(self, path: str, pids: Sequence[int]) -> None:
        text = "".join(f"{pid}\n" for pid in pids)
        self.write(f"sys/fs/cgroup/{path}/cgroup.procs", text)

    def listeners(self, rows: Sequence[str], where: str = "net/tcp") -> None:
        head = "  sl  local_address rem_address   st\n"
        self.write(f"proc/{where}", head + "".join(rows))

    def tool(self, name: str, script: str) -> Path:
        """Make a program; its arguments go to `NAME.args`, a line a call."""
        file = self.tools / name
        file.write_text(
            f'#!/bin/sh\necho "$*" >> {self.tools}/{name}.args\n{script}\n'
        )
        file.chmod(0o755)
        return file

    def calls(self, name: str) -> list[str]:
        file = self.tools / f"{name}.args"
        return file.read_text().splitlines() if file.exists() else []


def row(  # noqa: PLR0913 - a line has many fields, each with a default
    address: str,
    port: int,
    inode: int,
    *,
    uid: int = 1000,
    state: str = "0A",
    waiting: int = 0,
) -> str:
    """Return a line as the kernel writes it."""
    packed = ip_address(address).packed
    words = struct.unpack(f"={len(packed) // 4}I", packed)
    local = "".join(f"{word:08X}" for word in words)
    return (
        f"   0: {local}:{port:04X} {'0' * len(local)}:0000 {state} "
        f"00000000:{waiting:08X} 00:00000000 00000000"
        f"  {uid}        0 {inode} 1\n"
    )


SCRIPT = """\
import http.server
handler = http.server.BaseHTTPRequestHandler
server = http.server.HTTPServer(("127.0.0.1", 0), handler)
print(server.server_port, flush=True)
server.serve_forever()
"""


def real_server(folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    """Start a real Python that runs facefusion.py and listens."""
    (folder / "facefusion.py").write_text(SCRIPT)
    process = subprocess.Popen(
        [sys.executable, "facefusion.py", "run"],
        cwd=folder,
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    return process, int(process.stdout.readline())
