"""Takes the address to serve on, or says why it cannot."""

import socket

from monitor.domain.errors import CannotListen

_BACKLOG = 128


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises `CannotListen`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(_BACKLOG)
    except OSError as error:
        sock.close()
        raise CannotListen(
            f"cannot listen on {place(host, port)}: {error.strerror};"
            " end the program that has it or choose another port"
            " (server.listen, or --port of the demo)"
        ) from None
    sock.settimeout(0)
    return sock


def place(host: str, port: int) -> str:
    """Return `127.0.0.1:10777` or `[::1]:10777`."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
