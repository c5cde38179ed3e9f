"""The host keys that a machine shows, believed by nobody yet.

Nothing is logged in to but jump hosts that are trusted already. What is
shown is for comparing with a fingerprint that somebody read on the machine.
"""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import paramiko

from monitor.adapters.ssh.connect import Way, place_of
from monitor.adapters.ssh.connection import BROKEN
from monitor.adapters.ssh.deadline import Deadline
from monitor.adapters.ssh.dial import Lifeline
from monitor.adapters.ssh.handshake import MARGIN
from monitor.adapters.ssh.known_hosts import fingerprint
from monitor.adapters.ssh.packets import Packets
from monitor.adapters.ssh.settings import SshSettings
from monitor.domain.errors import CannotReach

KINDS: Mapping[str, tuple[str, ...]] = {
    "ssh-ed25519": ("ssh-ed25519",),
    "ecdsa": (
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
    ),
    "ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256"),
}
"""What sshd usually has one key of each, in the order it is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostKey:
    """A key that a machine showed: its kind as in known_hosts, and itself."""

    kind: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """Return it as `ssh-keygen -l` prints it."""
        return fingerprint(self.blob)


def shown_keys(
    name: str, settings: SshSettings, within: float
) -> Iterator[HostKey]:
    """Yield the keys of a machine, one connection each. Blocks.

    `within` is in seconds, for each of them. A kind that it does not have
    is left out. Raises `CannotReach` when it shows no key at all.
    """
    failure: CannotReach | None = None
    found = False
    for algorithms in KINDS.values():
        try:
            yield _shown(name, settings, algorithms, Deadline(within))
            found = True
        except CannotReach as error:
            if error.reason not in {"protocol", "closed"}:
                raise
            failure = failure or error
    if failure and not found:
        raise failure


def _shown(
    name: str,
    settings: SshSettings,
    algorithms: tuple[str, ...],
    deadline: Deadline,
) -> HostKey:
    way = Way(deadline, Lifeline())
    place = place_of(name, settings, is_jump=False)
    try:
        *jumps, last = settings.hops
        for hop in jumps:
            place = place_of(name, hop, is_jump=True)
            way.go_on(hop, place)
        place = place_of(name, last, is_jump=False)
        transport = paramiko.Transport(
            way.reach(last, place), packetizer_class=Packets
        )
        way.transports.append(transport)
        return _key_of(transport, algorithms, place, deadline)
    except BROKEN as error:
        raise CannotReach(
            f"cannot see a host key of {place} within {deadline.within:g} s:"
            " the connection broke; check that this port belongs to sshd",
            reason="closed",
        ) from error
    finally:
        way.give_up()


def _key_of(
    transport: paramiko.Transport,
    algorithms: tuple[str, ...],
    place: str,
    deadline: Deadline,
) -> HostKey:
    transport.get_security_options().key_types = algorithms
    transport.banner_timeout = deadline.left() + MARGIN
    transport.handshake_timeout = deadline.left() + MARGIN
    agreed = threading.Event()
    transport.start_client(event=agreed)
    if not agreed.wait(deadline.left()):
        raise CannotReach(
            f"cannot see a host key of {place} within {deadline.within:g} s:"
            " it accepts connections, but sshd says nothing",
            reason="timeout",
        )
    key = transport.host_key
    if key is None or not transport.is_active():
        raise CannotReach(
            f"cannot see a host key of {place}: it has none of the kinds"
            f" {', '.join(algorithms)}; check that this port belongs to sshd",
            reason="protocol",
        )
    return HostKey(kind=key.get_name(), blob=key.asbytes())
