"""What a peer may send before paramiko has a word with it."""

import contextlib

import paramiko
from paramiko.packet import Packetizer
from typing_extensions import override

GREETING = 16_384
"""Bytes of a greeting; RFC 4253 §4.2 has short lines before `SSH-2.0-`."""

PACKET = 262_144
"""Bytes of one packet, the bound that OpenSSH keeps to."""


class Packets(Packetizer):
    """Reads packets of a bounded length only.

    paramiko itself would collect an endless first line, or a packet of
    4 GB, in memory.
    """

    _greeted = 0

    @override
    def read_all(self, n: int, check_rekey: bool = False) -> bytes:
        """Read `n` bytes. Raises SSHException for more than `PACKET`."""
        if n > PACKET:
            raise paramiko.SSHException(f"a packet of {n} bytes")
        return super().read_all(n, check_rekey)

    @override
    def close(self) -> None:
        """Close the socket, which may be a channel of a dead jump host."""
        with contextlib.suppress(EOFError, OSError):
            super().close()

    def _read_timeout(self, timeout: float) -> bytes:
        data: bytes = super()._read_timeout(timeout)  # type: ignore[misc]  # left out of the stubs
        self._greeted += len(data)
        if self._greeted > GREETING:
            raise paramiko.SSHException(": too long")
        return data
