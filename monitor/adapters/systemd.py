"""What systemd is told of us: sd_notify(3) over its datagram socket."""

import socket
from collections.abc import MutableMapping
from contextlib import suppress

MICROSECONDS = 1_000_000


class ServiceManager:
    """The service manager that started us; without one all is silent.

    `environment` is where it says how to reach it. The names are taken out:
    a program that we start must not speak for us.
    """

    def __init__(
        self, environment: MutableMapping[str, str], *, pid: int
    ) -> None:
        self._address = _address(environment.pop("NOTIFY_SOCKET", ""))
        microseconds = environment.pop("WATCHDOG_USEC", "")
        whose = environment.pop("WATCHDOG_PID", "")
        ours = whose in ("", str(pid)) and microseconds.isdecimal()
        self.watchdog = int(microseconds) / MICROSECONDS if ours else 0.0

    @property
    def watches(self) -> bool:
        """Whether it ends us when it hears nothing for `watchdog` seconds."""
        return bool(self._address) and self.watchdog > 0

    def ready(self, status: str) -> None:
        """Say that we serve, and in a line what."""
        self._tell(f"READY=1\nSTATUS={_line(status)}")

    def reloading(self, monotonic: float) -> None:
        """Say that settings are read anew; `ready` ends that."""
        self._tell(
            f"RELOADING=1\nMONOTONIC_USEC={int(monotonic * MICROSECONDS)}"
        )

    def alive(self) -> None:
        """Feed the watchdog."""
        self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """Say that we end."""
        self._tell("STOPPING=1")

    def _tell(self, message: str) -> None:
        """Send one datagram; a manager that does not hear is its own fault."""
        if not self._address:
            return
        kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC
        with (
            suppress(OSError),
            socket.socket(socket.AF_UNIX, kind) as channel,
        ):
            channel.settimeout(0)
            channel.sendto(message.encode(), self._address)


def _address(named: str) -> str:
    """Return the address of a socket; `@` names an abstract one."""
    if named.startswith("@"):
        return f"\0{named[1:]}"
    return named if named.startswith("/") else ""


def _line(text: str) -> str:
    return " ".join(text.split())
