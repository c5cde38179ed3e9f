"""Settings become parts: what did not change is the same object."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from monitor.adapters.gate import RemoteGate
from monitor.adapters.gate.acting import RemoteHand
from monitor.adapters.ssh.host import SshHost
from monitor.config import Settings
from monitor.config.sections.hosts import Host
from monitor.config.sections.targets import Target
from monitor.config.values.address import Reachable
from monitor.daemon import hands, machines, networks, servers
from monitor.daemon.tools import Reached, Tools
from monitor.engine.check import Check
from monitor.probes.host_notes import HostNotes


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A host: its settings, the files behind them, and what looks at it.

    `hand` is None where no key may act, `reboot_hand` where none may reboot
    it.
    """

    settings: Host
    files: bytes
    shell: SshHost
    gate: RemoteGate
    hand: RemoteHand | None
    notes: HostNotes
    checks: tuple[Check, ...]
    reboot_hand: RemoteHand | None = None

    @property
    def reached(self) -> Reached:
        """The machine as the servers on it see it."""
        return Reached(
            shell=self.shell,
            gate=self.gate,
            notes=self.notes,
            interval=self.settings.host.interval,
        )

    async def close(self) -> None:
        """End its lines and connections; what runs on them fails."""
        for hand in (self.hand, self.reboot_hand):
            if hand is not None:
                await hand.close()
        await self.gate.close()
        await self.shell.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A target, and the machine and the address it was wired with."""

    settings: Target
    reached: Reached | None
    public_url: str
    wired: servers.Wired


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """A look at ourselves, and what it was wired with."""

    addresses: tuple[Reachable, ...]
    check: Check


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """All that is watched, by name."""

    machines: Mapping[str, Machine] = field(default_factory=dict)
    servers: Mapping[str, Server] = field(default_factory=dict)
    ours: tuple[Ours, ...] = ()

    def checks(self) -> Iterator[Check]:
        """Yield every check, machines first."""
        yield from (one.check for one in self.ours)
        for machine in self.machines.values():
            yield from machine.checks
        for server in self.servers.values():
            yield from server.wired.checks


def wire(settings: Settings, tools: Tools, held: Parts) -> Parts:
    """Return the parts of these settings, keeping those that still fit.

    Nothing is sent and nothing of `held` changes. Raises
    `ConfigurationError`.
    """
    known = {h.name: _machine(h, tools, held) for h in settings.hosts}
    reached = {name: machine.reached for name, machine in known.items()}
    mine = replace(tools, hosts=reached)
    return Parts(
        machines=known,
        servers={
            t.name: _server(t, mine, reached.get(t.host or ""), held)
            for t in settings.targets
        },
        ours=_ours(settings, tools, held),
    )


def _ours(settings: Settings, tools: Tools, held: Parts) -> tuple[Ours, ...]:
    """Return the looks at ourselves: at the control addresses."""
    addresses = settings.control_addresses
    if held.ours and held.ours[0].addresses == addresses:
        return held.ours
    check = networks.control_check(settings, tools.clock, tools.net)
    return () if check is None else (Ours(addresses=addresses, check=check),)


def _machine(host: Host, tools: Tools, held: Parts) -> Machine:
    files = _contents(host)
    old = held.machines.get(host.name)
    if old and (old.settings, old.files) == (host, files):
        return old
    if old and (old.settings.ssh, old.files) == (host.ssh, files):
        shell, gate, notes = old.shell, old.gate, old.notes
        hand, reboot_hand = old.hand, old.reboot_hand
    else:
        shell = machines.ssh_host(host, tools.clock)
        gate, notes = machines.gate(shell, tools.clock), HostNotes()
        hand = hands.hand(host, tools.clock)
        reboot_hand = hands.hand(host, tools.clock, hands.REBOOTS)
    smi = machines.nvidia_smi(shell, gate)
    return Machine(
        settings=host,
        files=files,
        shell=shell,
        gate=gate,
        hand=hand,
        reboot_hand=reboot_hand,
        notes=notes,
        checks=(
            machines.gpu_check(host, smi, notes, tools.clock),
            machines.host_check(host, gate, notes, tools.clock),
        ),
    )


def _server(
    target: Target, tools: Tools, reached: Reached | None, held: Parts
) -> Server:
    old = held.servers.get(target.name)
    if (
        old
        and old.settings == target
        and old.reached == reached
        and old.public_url == tools.public_url
    ):
        return old
    return Server(
        settings=target,
        reached=reached,
        public_url=tools.public_url,
        wired=servers.wire(target, tools),
    )


def _contents(host: Host) -> bytes:
    """Return a digest of a host's keys: a new one means a new connection."""
    paths = [host.ssh.key_file, host.ssh.known_hosts_file]
    acting = (host.ssh.act_key_file, host.ssh.reboot_key_file)
    paths += [one for one in acting if one is not None]
    if (jump := host.ssh.jump) is not None:
        paths += [jump.key_file, jump.known_hosts_file]
    return b"".join(map(_digest, paths))


def _digest(path: Path) -> bytes:
    try:
        return sha256(path.read_bytes()).digest()
    except OSError:
        return b""  # the next connection says what is wrong with it
