"""A machine's own firewall: nftables, in its own network namespace.

What it refuses comes back as an administrator's rule would let it: `reject`
resets TCP, `forbid` answers ICMP "administratively prohibited" (firewalld's
way), `drop` says nothing.
"""

from tests.machines.console import Console

_TABLE = "inet machine"
_CHAIN = "input { type filter hook input priority 0; }"


class Firewall:
    """Closed for ports until opened; a second rule adds to the first."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def drop(self, *ports: int) -> None:
        """Let packets to these ports vanish, those of open connections too."""
        for port in ports:
            self._rule(f"tcp dport {port} drop")

    def reject(self, port: int) -> None:
        """Refuse connections as if nobody listened."""
        self._rule(f"tcp dport {port} reject with tcp reset")

    def forbid(self, port: int) -> None:
        """Refuse them with the word of an administrator."""
        self._rule(f"tcp dport {port} reject with icmpx admin-prohibited")

    def drop_all(self) -> None:
        """Let everything from outside vanish, as without power."""
        self._rule('iifname != "lo" drop')

    def open(self) -> None:
        """Remove every rule."""
        # Added first, for what is not there cannot be removed.
        self._nft(f"add table {_TABLE}; delete table {_TABLE}")

    def _rule(self, rule: str) -> None:
        self._nft(
            f"add table {_TABLE}; add chain {_TABLE} {_CHAIN};"
            f" add rule {_TABLE} input {rule}"
        )

    def _nft(self, words: str) -> None:
        self._console.run(f"nft '{words}'")
