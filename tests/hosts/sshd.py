"""A real OpenSSH server on loopback, for the user who runs the tests."""

import contextlib
import getpass
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import asyncssh
import pytest

from monitor.adapters.ssh.settings import SshSettings

SSHD = Path("/usr/sbin/sshd")
BOUND = 10.0


def need_sshd() -> None:
    if SSHD.exists():
        return
    if os.environ.get("CI") == "true":
        pytest.fail("openssh-server is not installed, and CI=true needs it")
    pytest.skip("openssh-server is not installed")


@dataclass(frozen=True, kw_only=True)
class Sshd:
    """A running sshd: how to reach it, and how to hurt it."""

    directory: Path
    port: int
    pid: int

    @property
    def home(self) -> Path:
        return self.directory / "home"

    @property
    def host_key(self) -> str:
        return (self.directory / "host_key.pub").read_text().strip()

    @property
    def settings(self) -> SshSettings:
        return SshSettings(
            address="127.0.0.1",
            port=self.port,
            user=getpass.getuser(),
            key_file=self.directory / "client_key",
            known_hosts_file=self.directory / "known_hosts",
            connect_timeout=BOUND,
        )

    def through(self, jump: "Sshd") -> SshSettings:
        return replace(self.settings, jump=jump.settings)

    def know(self, *lines: str) -> None:
        text = "".join(f"{line}\n" for line in lines)
        (self.directory / "known_hosts").write_text(text)

    def sessions(self) -> list[int]:
        """Return the processes of sshd that serve a connection."""
        return [pid for pid in _descendants(self.pid) if _is_sshd(pid)]

    def children(self) -> list[int]:
        """Return every process that came of a connection."""
        return _descendants(self.pid)

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def kill_sessions(self) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        sessions = self.sessions()
        assert sessions, "nobody is connected"
        for pid in sessions:
            os.kill(pid, number)


@contextlib.contextmanager
def sshd(directory: Path, *options: str) -> Iterator[Sshd]:
    """Run an sshd with everything of its own below `directory`.

    `options` are lines of sshd_config, stronger than ours. The client's
    key is authorized and the host key is in known_hosts. HOME is an empty
    directory, so that login files are those that a test writes.
    """
    need_sshd()
    (directory / "home").mkdir(parents=True)
    make_key(directory / "host_key")
    public = make_key(directory / "client_key")
    (directory / "authorized_keys").write_text(public)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    port = _free_port()
    process = _start(directory, port, options)
    server = Sshd(directory=directory, port=port, pid=process.pid)
    server.know(f"[127.0.0.1]:{port} {server.host_key}")
    try:
        _await_port(process, port, directory)
        yield server
    finally:
        _stop(server, process)


def make_key(
    file: Path, kind: str = "ssh-ed25519", passphrase: str | None = None
) -> str:
    """Make a key pair and return its public half."""
    key = asyncssh.generate_private_key(kind)
    file.touch(mode=0o600)
    key.write_private_key(file, passphrase=passphrase)
    key.write_public_key(f"{file}.pub")
    return key.export_public_key().decode()


def _start(
    directory: Path, port: int, options: tuple[str, ...]
) -> subprocess.Popen[bytes]:
    config = directory / "sshd_config"
    lines = (
        *options,
        f"Port {port}",
        "ListenAddress 127.0.0.1",
        f"HostKey {directory}/host_key",
        f"PidFile {directory}/sshd.pid",
        f"AuthorizedKeysFile {directory}/authorized_keys",
        "StrictModes no",
        "UsePAM no",
        "UseDNS no",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "PrintMotd no",
        f"SetEnv HOME={directory}/home",
    )
    if not any(option.startswith("Subsystem") for option in options):
        lines += ("Subsystem sftp internal-sftp",)
    if not any(option.startswith("MaxStartups") for option in options):
        lines += ("MaxStartups 100",)  # of two, sshd takes the last
    config.write_text("".join(f"{line}\n" for line in lines))
    with (directory / "sshd.log").open("wb") as log:
        return subprocess.Popen(  # noqa: S603  an sshd and a file of our own
            [SSHD, "-D", "-e", "-f", config],
            stdin=subprocess.DEVNULL,
            stderr=log,
            stdout=log,
        )


def _stop(server: Sshd, process: subprocess.Popen[bytes]) -> None:
    """End the listener and whatever it has started, frozen or not."""
    started = _descendants(server.pid)
    for pid in (server.pid, *started):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait(BOUND)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await_port(
    process: subprocess.Popen[bytes], port: int, directory: Path
) -> None:
    end = time.monotonic() + BOUND
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
    pytest.fail(f"sshd did not start: {(directory / 'sshd.log').read_text()}")


def _descendants(pid: int) -> list[int]:
    children = [child for child, parent in _parents() if parent == pid]
    return [p for child in children for p in (child, *_descendants(child))]


def _parents() -> list[tuple[int, int]]:
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            stat = (entry / "stat").read_text().rpartition(")")[2].split()
            found.append((int(entry.name), int(stat[1])))
    return found


def _is_sshd(pid: int) -> bool:
    with contextlib.suppress(OSError):
        comm = Path(f"/proc/{pid}/comm").read_text().strip()
        return comm in {"sshd", "sshd-session"}
    return False
