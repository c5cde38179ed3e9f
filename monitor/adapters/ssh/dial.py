"""A TCP connection with an end: names, both IP versions, no Nagle."""

import contextlib
import errno
import socket
import threading
from collections.abc import Sequence

from monitor.adapters.ssh.deadline import Deadline
from monitor.adapters.ssh.settings import SshSettings
from monitor.domain.errors import CannotReach

LOST_AFTER = 20_000
"""Milliseconds without any TCP answer until the kernel gives up.

Without it a host that lost its network looks connected for 15 minutes.
"""


class Lifeline:
    """Ends a connection from any thread, whatever paramiko waits for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._is_cut = False

    def hold(self, sock: socket.socket) -> None:
        """Remember a socket. Raises TimeoutError when cut before."""
        with self._lock:
            self._sockets.append(sock)
        if self._is_cut:
            self.cut()
            raise TimeoutError

    def cut(self) -> None:
        """Shut the sockets down: everybody who waits on them wakes up.

        Closing alone would not wake a thread that is inside recv.
        """
        self._is_cut = True
        with self._lock:
            sockets = tuple(self._sockets)
        for sock in sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


def dial(
    hop: SshSettings, where: str, deadline: Deadline, lifeline: Lifeline
) -> socket.socket:
    """Return a connected socket. Raises `CannotReach`.

    Every address of the name gets its share of the time.
    """
    addresses = _resolve(hop, where)
    failure: OSError | None = None
    for tried, (family, address) in enumerate(addresses):
        share = deadline.left() / (len(addresses) - tried)
        try:
            return _connect(family, address, share, lifeline)
        except OSError as error:
            failure = error
    raise _flaw(failure or OSError("no address"), where) from failure


def _resolve(
    hop: SshSettings, where: str
) -> Sequence[tuple[socket.AddressFamily, tuple[str | int | bytes, ...]]]:
    try:
        found = socket.getaddrinfo(
            hop.address, hop.port, type=socket.SOCK_STREAM
        )
    except (OSError, UnicodeError) as error:
        raise CannotReach(
            f"cannot reach {where}: the name is not known; "
            "check the address, or DNS on this machine",
            reason="resolve",
        ) from error
    return [(family, address) for family, _, _, _, address in found]


def _connect(
    family: socket.AddressFamily,
    address: tuple[str | int | bytes, ...],
    within: float,
    lifeline: Lifeline,
) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        # Nagle and delayed ACK cost 40 ms a command (facts/gpu.md §6).
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            sock.setsockopt(
                socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, LOST_AFTER
            )
        lifeline.hold(sock)
        sock.settimeout(within)
        sock.connect(address)
    except BaseException:
        sock.close()
        raise
    return sock


def _flaw(error: OSError, where: str) -> CannotReach:
    if isinstance(error, TimeoutError):
        reason, words = "timeout", "nothing answers there"
    elif error.errno == errno.ECONNREFUSED:
        reason, words = "refused", "connection refused"
    else:
        words = (error.strerror or str(error)).lower()
        reason = "unreachable"
    return CannotReach(
        f"cannot reach {where}: {words}; {_ADVICE[reason]}", reason=reason
    )


_ADVICE = {
    "timeout": "check that the machine is up, and firewalls on the way",
    "refused": "check that sshd runs there and listens on this port",
    "unreachable": "check the address, the network and firewalls",
}
