"""A listening port that can be shut and opened again, always the same one.

A second, silent socket keeps the number reserved while the door is shut:
connections are refused by the kernel and nobody else is given the port.
"""

import socket
import threading
import time
from collections.abc import Callable

from monitor.domain.errors import CannotListen

ADDRESS = "127.0.0.1"
_BACKLOG = 128
_PAUSE = 0.05
"""Seconds to wait when the process has no file descriptor left."""
_JOIN = 2.0


class Door:
    """Accepts connections in a thread of its own and hands them over.

    Shutting and opening take effect before the call returns and may be done
    from any thread. `welcome` owns the socket it is given.
    """

    def __init__(
        self, name: str, port: int, welcome: Callable[[socket.socket], None]
    ) -> None:
        self.port = port
        self._name = name
        self._welcome = welcome
        self._lock = threading.Lock()
        self._reserved: socket.socket | None = None
        self._listening: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def reserve(self) -> None:
        """Take the port, still shut; `port` is then the real number.

        Raises `CannotListen` when it is taken.
        """
        taken = _bind(self.port)
        self._reserved = taken
        self.port = taken.getsockname()[1]

    def open(self) -> None:
        """Accept connections from now on."""
        with self._lock:
            if self._listening is not None or self._reserved is None:
                return
            self._listening = _bind(self.port)
            self._listening.listen(_BACKLOG)
            self._thread = threading.Thread(
                target=self._accept,
                args=(self._listening,),
                name=f"{self._name}-door",
                daemon=True,
            )
            self._thread.start()

    def shut(self) -> None:
        """Refuse connections from now on; those inside are not touched."""
        with self._lock:
            listening, self._listening = self._listening, None
        if listening is not None:
            listening.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        """Shut the door, give the port back and wait for the thread."""
        with self._lock:
            reserved, self._reserved = self._reserved, None
        self.shut()
        if self._thread is not None:
            self._thread.join(_JOIN)
        if reserved is not None:
            reserved.close()

    def _accept(self, listening: socket.socket) -> None:
        with listening:
            while self._listening is listening:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    time.sleep(_PAUSE * (self._listening is listening))
                    continue
                if self._listening is not listening:
                    connection.close()
                    return
                connection.setsockopt(
                    socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
                )
                self._welcome(connection)


def _bind(port: int) -> socket.socket:
    """Bind without listening: several may, only one can be connected to."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((ADDRESS, port))
    except (OSError, OverflowError) as error:
        bound.close()
        raise CannotListen(
            f"cannot listen on {ADDRESS}:{port}: {_reason(error)};"
            " choose another port, or 0 for any free one"
        ) from None
    return bound


def _reason(error: OSError | OverflowError) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
