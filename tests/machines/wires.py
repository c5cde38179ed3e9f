"""A machine's cable to the bridge of the place it is in."""

from dataclasses import dataclass

from tests.machines.doing import ran
from tests.machines.land import BRIDGE, ip

FIRST = 10


@dataclass(frozen=True, slots=True)
class Wire:
    """The cable of the machine with this number, from 1."""

    number: int

    @property
    def address(self) -> str:
        return f"10.77.0.{FIRST + self.number}"

    @property
    def ours(self) -> str:
        """Return our end's name."""
        return f"machine{self.number}"

    @property
    def _mac(self) -> str:
        # Always the same: else a peer's ARP entry is wrong after a reboot.
        return f"02:ff:0a:4d:00:{FIRST + self.number:02x}"

    def lay(self, pid: int) -> None:
        """Connect the network namespace of a process."""
        self.cut()
        there = ("peer", "name", "eth0", "address", self._mac)
        ip(
            *("link", "add", self.ours, "type", "veth"),
            *(*there, "netns", str(pid)),
        )
        ip("link", "set", self.ours, "master", BRIDGE, "up")
        for words in (
            ("link", "set", "lo", "up"),
            ("addr", "add", f"{self.address}/24", "dev", "eth0"),
            ("link", "set", "eth0", "up"),
        ):
            ran("nsenter", "-t", str(pid), "-n", "ip", *words)

    def cut(self) -> None:
        """Remove the cable: the kernel would, but later than we can wait."""
        ran("ip", "link", "del", self.ours, check=False)

    def pull(self) -> None:
        """Take the cable out."""
        ip("link", "set", self.ours, "down")

    def plug(self) -> None:
        ip("link", "set", self.ours, "up")
