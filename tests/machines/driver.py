"""A stand-in for the GPU driver: a device whose reads may never return.

A FUSE file, so the process that reads it waits in the kernel: once it was
signalled it is in D state and not even SIGKILL ends it, as with a driver
that is wedged. Let go, or closed, every waiting process goes on.
"""

import contextlib
import os
import struct
import threading
from pathlib import Path

from tests.machines.doing import ran

_DEVICE = Path("/dev/fuse")
_HEAD = struct.Struct("<IIQQIIIHH")
_REPLY = struct.Struct("<IiQ")
_ATTR = struct.Struct("<6Q10I")
_INIT = struct.Struct("<IIIIHHIIHHI28x")
_ENTRY = struct.Struct("<QQQQII")
_LOOKUP, _FORGET, _GETATTR, _OPEN, _READ = 1, 2, 3, 14, 15
_RELEASE, _FLUSH, _INIT_OP, _INTERRUPT, _FORGETS = 18, 25, 26, 36, 42
_ROOT = 1
_NODES = {b"nvidia": 2, b"compute": 3}
"""What nvidia-smi reads, and what a process that computes does."""
_DIRECT_IO = 1
_ENOSYS, _ENOENT = 38, 2
_ANSWER = b"ok\n"


class Driver:
    """Serves two files in `mount` until closed; frozen reads just wait."""

    def __init__(self, mount: Path) -> None:
        self.mount = mount
        self._frozen: set[int] = set()
        self._held: list[int] = []
        self._lock = threading.Lock()
        self._fd = os.open(_DEVICE, os.O_RDWR | os.O_CLOEXEC)
        mount.mkdir()
        options = (
            f"fd={self._fd},rootmode=40755,user_id=0,group_id=0,allow_other"
        )
        ran(
            *("mount", "-i", "-t", "fuse", "-o", options, "driver", mount),
            pass_fds=(self._fd,),
        )
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def freeze(self, name: str = "nvidia") -> None:
        """Let no read of a file return any more."""
        with self._lock:
            self._frozen.add(_NODES[name.encode()])

    def thaw(self) -> None:
        """Answer reads, those that wait first."""
        with self._lock:
            self._frozen.clear()
            held, self._held = self._held, []
        for unique in held:
            self._send(unique, _ANSWER)

    def close(self) -> None:
        """End the file system; who waits for it gets an error."""
        self.thaw()
        ran("umount", "-l", self.mount)
        self._thread.join(5)
        os.close(self._fd)

    def _serve(self) -> None:
        """Answer the kernel until it says that nothing is mounted."""
        while True:
            try:
                request = os.read(self._fd, 1 << 18)
            except OSError:
                return
            _, code, unique, node, *_ = _HEAD.unpack_from(request)
            self._answer(code, unique, node, request[_HEAD.size :])

    def _answer(self, code: int, unique: int, node: int, body: bytes) -> None:
        match code:
            case c if c in {_FORGET, _FORGETS}:
                return
            case c if c == _INIT_OP:
                self._send(
                    unique, _INIT.pack(7, 31, 0, 0, 8, 6, 65536, 1, 1, 0, 0)
                )
            case c if c == _LOOKUP and (name := body.rstrip(b"\0")) in _NODES:
                file = _NODES[name]
                entry = _ENTRY.pack(file, 0, 3600, 3600, 0, 0)
                self._send(unique, entry + _attributes(file))
            case c if c == _LOOKUP:
                self._send(unique, error=_ENOENT)
            case c if c == _GETATTR:
                head = struct.pack("<QII", 3600, 0, 0)
                self._send(unique, head + _attributes(node))
            case c if c == _OPEN:
                self._send(unique, struct.pack("<QII", 0, _DIRECT_IO, 0))
            case c if c == _READ:
                self._read(unique, node, body)
            case c if c in {_FLUSH, _RELEASE}:
                self._send(unique)
            case _:
                self._send(unique, error=_ENOSYS)

    def _read(self, unique: int, node: int, body: bytes) -> None:
        offset = struct.unpack_from("<QQ", body)[1]
        with self._lock:
            if node in self._frozen:
                self._held.append(unique)
                return
        self._send(unique, _ANSWER[offset:])

    def _send(self, unique: int, body: bytes = b"", *, error: int = 0) -> None:
        head = _REPLY.pack(_REPLY.size + len(body), -error, unique)
        with contextlib.suppress(OSError):  # nobody waits for it any more
            os.write(self._fd, head + body)


def _attributes(node: int) -> bytes:
    mode = 0o040755 if node == _ROOT else 0o100666
    size = 0 if node == _ROOT else len(_ANSWER)
    numbers = (node, size, 0, 0, 0, 0)
    return _ATTR.pack(*numbers, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)
