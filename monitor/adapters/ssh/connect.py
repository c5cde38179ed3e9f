"""From settings to a connection, hop by hop."""

import logging
import socket

import paramiko

from monitor.adapters.ssh import login_key
from monitor.adapters.ssh.connection import BROKEN, Connection, shut
from monitor.adapters.ssh.deadline import Deadline
from monitor.adapters.ssh.dial import Lifeline, dial
from monitor.adapters.ssh.handshake import agree, log_in
from monitor.adapters.ssh.packets import Packets
from monitor.adapters.ssh.settings import SshSettings
from monitor.adapters.ssh.trust import Trust
from monitor.domain.errors import CannotReach

KEEPALIVE = 15
"""Seconds of silence until we send something, so that a NAT remembers us
and TCP notices a machine that is gone."""

IDLE_WAIT = 2.0
"""Seconds that paramiko's thread waits at a time.

Its own 0.1 s costs 0.4 ms of CPU a second and connection
(facts/gpu.md §6).
"""

_PROHIBITED = 1  # SSH_OPEN_ADMINISTRATIVELY_PROHIBITED, RFC 4254 §5.1

# paramiko prints tracebacks about peers; what they mean is in our errors.
logging.getLogger("paramiko").setLevel(logging.CRITICAL)


def connect(
    name: str, settings: SshSettings, deadline: Deadline, lifeline: Lifeline
) -> Connection:
    """Log in to host `name`, through its jump hosts. Blocks.

    Raises `CannotReach`. `lifeline.cut()` ends the waiting, whatever it
    waits for, but a look-up of the name.
    """
    way = Way(deadline, lifeline)
    place = ""
    try:
        for hop in settings.hops:
            place = place_of(name, hop, is_jump=hop is not settings)
            way.go_on(hop, place)
    except BROKEN as error:
        way.give_up()
        raise _flaw(error, place, deadline) from error
    except BaseException:
        way.give_up()
        raise
    return Connection(place, way.transports, lifeline)


def place_of(name: str, hop: SshSettings, *, is_jump: bool) -> str:
    """Return what errors call a machine on the way to host `name`."""
    if is_jump:
        return f"jump host {hop.place} of host '{name}'"
    return f"host '{name}' ({hop.place})"


class Way:
    """The way to a host, as far as we have come."""

    def __init__(self, deadline: Deadline, lifeline: Lifeline) -> None:
        self.transports: list[paramiko.Transport] = []
        self._deadline = deadline
        self._lifeline = lifeline

    def go_on(self, hop: SshSettings, where: str) -> None:
        """Log in to the next machine, through the last."""
        trust = Trust(where, hop)
        key = login_key.load(hop.key_file, where)
        sock = self.reach(hop, where)
        transport = paramiko.Transport(sock, packetizer_class=Packets)
        self.transports.append(transport)
        agree(transport, trust, where, self._deadline)
        log_in(transport, hop, key, where, self._deadline)
        transport.set_keepalive(KEEPALIVE)
        sock.settimeout(IDLE_WAIT)

    def give_up(self) -> None:
        """Close what was opened."""
        self._lifeline.cut()
        shut(self.transports)

    def reach(
        self, hop: SshSettings, where: str
    ) -> socket.socket | paramiko.Channel:
        """Return a connection to the next machine, not logged in to."""
        if not self.transports:
            return dial(hop, where, self._deadline, self._lifeline)
        self._deadline.doing = "its jump host does not get through to it"
        try:
            return self.transports[-1].open_channel(
                "direct-tcpip",
                (hop.address, hop.port),
                ("127.0.0.1", 0),
                timeout=self._deadline.left(),
            )
        except paramiko.ChannelException as error:
            raise _closed_way(error, where) from error


def _closed_way(error: paramiko.ChannelException, where: str) -> CannotReach:
    if error.code == _PROHIBITED:
        return CannotReach(
            f"cannot reach {where}: its jump host forbids it; "
            "check AllowTcpForwarding and PermitOpen there",
            reason="failed",
        )
    return CannotReach(
        f"cannot reach {where}: its jump host cannot connect to it; "
        "check the address as seen from there, and that sshd runs",
        reason="unreachable",
    )


def _flaw(error: Exception, where: str, deadline: Deadline) -> CannotReach:
    if isinstance(error, TimeoutError) or not deadline.remaining():
        return CannotReach(
            f"cannot reach {where} within {deadline.within:g} s: "
            f"{deadline.doing}",
            reason="timeout",
        )
    return CannotReach(
        f"cannot reach {where}: the connection broke before the login was "
        "done; check sshd's log there",
        reason="closed",
    )
