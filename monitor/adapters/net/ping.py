"""ICMP echo by icmplib, as far as this process may send it.

First the unprivileged datagram socket (Linux lets it where
`net.ipv4.ping_group_range` holds one of our groups), then a raw one, which
takes CAP_NET_RAW.
"""

from collections.abc import Awaitable, Callable

import icmplib

from monitor.domain.errors import CannotReach
from monitor.domain.network import Pinged

Echo = Callable[..., Awaitable[icmplib.Host]]
"""Sends pings one after another, as `icmplib.async_ping` does."""
PAUSE = 0.02
"""Seconds between two pings, so that they are not one burst."""


async def ping(
    address: str, *, count: int, within: float, echo: Echo = icmplib.async_ping
) -> Pinged:
    """Return what came back of `count` pings to a literal address.

    Raises `CannotReach`, with reason `forbidden` where we may send none.
    """
    timeout = max(0.01, within / count - PAUSE)
    for privileged in (False, True):
        try:
            host = await echo(
                address,
                count=count,
                interval=PAUSE,
                timeout=timeout,
                privileged=privileged,
            )
        except icmplib.SocketPermissionError:
            continue
        except icmplib.ICMPLibError as error:
            raise CannotReach(
                f"cannot ping {address}: {error}; this machine is in trouble,"
                " not the server",
                reason="failed",
            ) from None
        return _pinged(host, count)
    raise CannotReach(
        f"cannot ping {address}: this process may not; give it CAP_NET_RAW,"
        " or put its group into net.ipv4.ping_group_range",
        reason="forbidden",
    )


def _pinged(host: icmplib.Host, count: int) -> Pinged:
    """Count what could not be sent as lost: there was no way to send it."""
    came = len(host.rtts)
    if not came:
        return Pinged(round_trip=None, loss=1.0)
    mean = max(0.0, sum(host.rtts) / came / 1000)
    return Pinged(round_trip=mean, loss=1 - came / count)
