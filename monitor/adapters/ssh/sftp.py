"""SFTP requests that end in time and say what went wrong."""

import contextlib
import errno
import stat
from collections.abc import Iterator
from dataclasses import dataclass

import paramiko

from monitor.adapters.ssh.connection import MALFORMED
from monitor.adapters.ssh.deadline import Deadline
from monitor.domain.errors import CannotTouch
from monitor.domain.quote import quote

CHUNK = 32_768
"""Bytes of one request: what every SFTP server takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the server says about a path, links not followed.

    `mode` is 0 and `mtime` (Unix seconds, by the server's clock) too where
    the server does not tell.
    """

    name: str
    mode: int
    size: int
    mtime: int

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file."""
        return stat.S_ISREG(self.mode)

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link."""
        return stat.S_ISLNK(self.mode)

    @property
    def is_directory(self) -> bool:
        """Whether it is a directory."""
        return stat.S_ISDIR(self.mode)


class Sftp:
    """An SFTP session on a channel, for one errand.

    Every method blocks and raises `CannotTouch` when the server refuses,
    TimeoutError when the time is up, and paramiko's errors when the
    connection breaks. `where` and `user` name the other side in errors.
    """

    def __init__(
        self,
        channel: paramiko.Channel,
        deadline: Deadline,
        where: str,
        user: str,
    ) -> None:
        self._channel = channel
        self._deadline = deadline
        self._where = where
        self._user = user
        self._client = self._begun()

    def lstat(self, path: str) -> Entry | None:
        """Return what is at `path`, None when nothing is."""
        with self._asking("look at", path):
            try:
                return _entry(path, self._client.lstat(path))
            except FileNotFoundError:
                return None

    def real_path(self, path: str) -> str:
        """Return `path` without links, as the server resolves it."""
        with self._asking("resolve", path):
            return self._client.normalize(path)

    def make_directory(self, path: str, mode: int) -> None:
        """Make a directory with exactly this mode, whatever the umask."""
        with self._asking("make the directory", path):
            self._client.mkdir(path, mode)
        with self._asking("open up the directory", path):
            self._client.chmod(path, mode)

    def write_new(self, path: str, data: bytes, mode: int) -> Entry:
        """Write a file that must not exist yet, link or not."""
        with self._asking("write", path):
            new = self._client.open(path, "wx")
            for start in range(0, len(data), CHUNK):
                self._limit()
                new.write(data[start : start + CHUNK])
            new.chmod(mode)
            entry = _entry(path, new.stat())
            new.close()  # after a failure it would wait for an answer again
            return entry

    def rename(self, old: str, new: str) -> None:
        """Rename; refused when `new` exists."""
        with self._asking("rename", old):
            self._client.rename(old, new)

    def read(self, path: str, limit: int) -> tuple[Entry, bytes]:
        """Return a file and what it is, at most `limit` + 1 bytes of it."""
        with self._asking("read", path):
            opened = self._client.open(path)
            entry = _entry(path, opened.stat())
            data = bytearray()
            while len(data) <= limit:
                self._limit()
                chunk = opened.read(CHUNK)
                if not chunk:
                    break
                data += chunk
            opened.close()
            return entry, bytes(data[: limit + 1])

    def remove(self, path: str) -> None:
        """Remove a file; one that is gone already is no error."""
        with (
            self._asking("remove", path),
            contextlib.suppress(FileNotFoundError),
        ):
            self._client.remove(path)

    def entries(self, directory: str, limit: int) -> Iterator[Entry]:
        """Yield at most `limit` entries of a directory."""
        with self._asking("list", directory):
            listed = self._client.listdir_iter(directory, read_aheads=1)
            for _, found in zip(range(limit), listed, strict=False):
                self._limit()
                yield _entry(found.filename, found)

    def _begun(self) -> paramiko.SFTPClient:
        self._deadline.doing = "sshd does not start SFTP; it may be frozen"
        try:
            self._limit()
            self._channel.invoke_subsystem("sftp")
            client = paramiko.SFTPClient(self._channel)
        except (
            paramiko.SFTPError,
            paramiko.SSHException,
            *MALFORMED,
        ) as error:
            if self._is_lost:
                raise
            raise CannotTouch(
                f"cannot use SFTP on {self._where}: {quote(str(error))}; sshd "
                "needs `Subsystem sftp internal-sftp`, and the key of "
                f"'{self._user}' no forced command"
            ) from error
        self._deadline.doing = "the files were not done with"
        return client

    @property
    def _is_lost(self) -> bool:
        return not self._channel.get_transport().is_active()

    def _limit(self) -> None:
        self._channel.settimeout(self._deadline.left())

    @contextlib.contextmanager
    def _asking(self, what: str, path: str) -> Iterator[None]:
        self._limit()
        try:
            yield
        except TimeoutError:
            raise
        except (OSError, EOFError, paramiko.SFTPError, *MALFORMED) as error:
            if self._is_lost:
                raise
            raise CannotTouch(
                f"cannot {what} {quote(path)} on {self._where}: "
                f"{_said(error)}; {_advice(error, self._user)}"
            ) from error


def _entry(name: str, found: paramiko.SFTPAttributes) -> Entry:
    return Entry(
        name=name,
        mode=found.st_mode or 0,
        size=found.st_size or 0,
        mtime=int(found.st_mtime or 0),
    )


def _said(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error)
    return quote(text).lower() or "the answer makes no sense"


def _advice(error: Exception, user: str) -> str:
    match getattr(error, "errno", None):
        case errno.EACCES:
            return (
                f"give the user '{user}' access there, or set "
                "canary_files.directory to one that it has"
            )
        case errno.ENOENT:
            return "check that its directory exists there"
        case _:
            return "check the free space, and sshd's log there"
