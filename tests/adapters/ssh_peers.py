"""Peers that no sshd would be: in-process SSH servers, and raw sockets."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh
from typing_extensions import override

from monitor.adapters.ssh.settings import SshSettings

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Process = asyncssh.SSHServerProcess[bytes]
Handle = Callable[[Process], Awaitable[None]]


@dataclass
class Login(asyncssh.SSHServer):
    """Lets everybody in, and remembers the keys that were offered."""

    offered: list[str] = field(default_factory=list)
    accepts: bool = True

    @override
    def begin_auth(self, username: str) -> bool | Awaitable[bool]:
        return True

    @override
    def public_key_auth_supported(self) -> bool:
        return True

    @override
    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        self.offered.append(key.get_fingerprint())
        return self.accepts


@contextlib.asynccontextmanager
async def talking(talk: Talk, directory: Path) -> AsyncIterator[SshSettings]:
    """Serve raw bytes: yields settings that lead there."""
    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        port: int = server.sockets[0].getsockname()[1]
        yield _settings(directory, port, "")


@contextlib.asynccontextmanager
async def serving(
    directory: Path,
    *,
    login: Login | None = None,
    handle: Handle | None = None,
    sftp: Callable[[asyncssh.SSHServerChannel[bytes]], asyncssh.SFTPServer]
    | None = None,
) -> AsyncIterator[SshSettings]:
    """Serve SSH in this process: yields settings that lead there."""
    host_key = asyncssh.generate_private_key("ssh-ed25519")
    server = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_host_keys=[host_key],
        server_factory=lambda: login or Login(),
        process_factory=handle,
        sftp_factory=sftp or False,
        encoding=None,
    )
    async with server:
        public = host_key.export_public_key().decode()
        yield _settings(directory, server.get_port(), public)


def _settings(directory: Path, port: int, host_key: str) -> SshSettings:
    key_file = directory / "client_key"
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(key_file)
    known_hosts = directory / "known_hosts"
    known_hosts.write_text(f"[127.0.0.1]:{port} {host_key}\n")
    return SshSettings(
        address="127.0.0.1",
        port=port,
        user="ffmon",
        key_file=key_file,
        known_hosts_file=known_hosts,
        connect_timeout=5,
    )
