"""SFTP on the real file system, confined to a host's own directory.

Paths are the real ones: the HTTP API is given the same.
"""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import paramiko
from paramiko import SFTPAttributes, SFTPHandle
from paramiko.sftp import SFTP_EOF, SFTP_OK
from typing_extensions import Buffer, override

_MODE = 0o600
_PERMISSIONS = 0o777
_T = TypeVar("_T")


class Handle(SFTPHandle):
    """An open file."""

    def __init__(self, descriptor: int, flags: int) -> None:
        super().__init__(flags)
        self._descriptor = descriptor

    @override
    def close(self) -> None:
        os.close(self._descriptor)

    @override
    def read(self, offset: int, length: int) -> bytes | int:
        data = _attempt(lambda: os.pread(self._descriptor, length, offset))
        return SFTP_EOF if data == b"" else data

    @override
    def write(self, offset: int, data: Buffer) -> int:
        return _do(lambda: os.pwrite(self._descriptor, data, offset))

    @override
    def stat(self) -> SFTPAttributes | int:
        return _attempt(
            lambda: SFTPAttributes.from_stat(os.fstat(self._descriptor))
        )

    @override
    def chattr(self, attr: SFTPAttributes) -> int:
        mode = attr.st_mode
        if mode is None:
            return SFTP_OK
        return _do(lambda: os.fchmod(self._descriptor, mode & _PERMISSIONS))


class Files(paramiko.SFTPServerInterface):
    """What an SFTP client may do; outside of `root` it may do nothing."""

    def __init__(self, server: paramiko.ServerInterface, root: Path) -> None:
        super().__init__(server)
        self._root = root

    @override
    def canonicalize(self, path: str) -> str:
        return os.path.normpath(self._root / path)

    @override
    def open(
        self, path: str, flags: int, attr: SFTPAttributes
    ) -> SFTPHandle | int:
        mode = (attr.st_mode or _MODE) & _PERMISSIONS
        return _attempt(
            lambda: Handle(os.open(self._inside(path), flags, mode), flags)
        )

    @override
    def list_folder(self, path: str) -> list[SFTPAttributes] | int:
        return _attempt(
            lambda: [
                SFTPAttributes.from_stat(entry.lstat(), entry.name)
                for entry in self._inside(path).iterdir()
            ]
        )

    @override
    def stat(self, path: str) -> SFTPAttributes | int:
        return _attempt(
            lambda: SFTPAttributes.from_stat(self._inside(path).stat())
        )

    @override
    def lstat(self, path: str) -> SFTPAttributes | int:
        return _attempt(
            lambda: SFTPAttributes.from_stat(self._entry(path).lstat())
        )

    @override
    def remove(self, path: str) -> int:
        return _do(lambda: self._entry(path).unlink())

    @override
    def rename(self, oldpath: str, newpath: str) -> int:
        def rename() -> None:
            old, new = self._entry(oldpath), self._entry(newpath)
            if new.exists():
                raise FileExistsError
            old.rename(new)

        return _do(rename)

    @override
    def posix_rename(self, oldpath: str, newpath: str) -> int:
        return _do(lambda: self._entry(oldpath).replace(self._entry(newpath)))

    @override
    def mkdir(self, path: str, attr: SFTPAttributes) -> int:
        return _do(lambda: self._entry(path).mkdir())

    @override
    def rmdir(self, path: str) -> int:
        return _do(lambda: self._entry(path).rmdir())

    @override
    def chattr(self, path: str, attr: SFTPAttributes) -> int:
        return _do(
            lambda: paramiko.SFTPServer.set_file_attr(self._inside(path), attr)
        )

    def _inside(self, path: str) -> Path:
        """Return what a path leads to, links followed."""
        return self._confined((self._root / path).resolve())

    def _entry(self, path: str) -> Path:
        """Return the directory entry itself, also when it is a link."""
        entry = self._root / path
        return self._confined(entry.parent.resolve() / entry.name)

    def _confined(self, path: Path) -> Path:
        if not path.is_relative_to(self._root):
            raise PermissionError(
                errno.EACCES, "outside of the simulated host"
            )
        return path


def _attempt(act: Callable[[], _T]) -> _T | int:
    """Return what `act` returns, or the SFTP code of its error."""
    try:
        return act()
    except OSError as error:
        return paramiko.SFTPServer.convert_errno(error.errno or 0)


def _do(act: Callable[[], object]) -> int:
    """Return the SFTP code of what `act` does; its result is dropped."""

    def done() -> int:
        act()
        return SFTP_OK

    return _attempt(done)
