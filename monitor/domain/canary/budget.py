"""What canaries may take of a GPU's time (`canary_budget`).

Counted over the last hour. So that a budget costs no verdict, these run
whatever was spent: a canary that did not run within the hour, one that is
changing its mind (unless it flaps), one that is bad and was skipped before
(or nobody would see it heal), and, where several servers share a GPU, those
of a server that used less than its part of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

WINDOW = 3600.0
"""Seconds over which the time is added up."""

UNANSWERED = 30.0
"""Seconds that a job counts which nobody answered. It may have used the GPU
until its deadline; a server that hangs used none of it."""

Gpus = tuple[int | str, ...]
"""Indexes and UUIDs of GPUs; empty for all of a host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one server may use of which GPUs.

    `host` is empty for a server on no machine that we know: its GPUs are
    then its own. `budget` is a share of their time, 0 to 1.
    """

    target: str
    host: str = ""
    gpus: Gpus = ()
    budget: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """GPU time in seconds that canaries took within the window.

    `own` is the server's, `others` that of the servers on the same GPUs,
    `servers` how many they are, this one included.
    """

    own: float
    others: float = 0.0
    servers: int = 1


def share_gpus(one: Share, other: Share) -> bool:
    """Return whether two servers use the same GPU, as far as we can tell.

    An index and a UUID may name the same one.
    """
    if one.target == other.target:
        return True
    if not one.host or one.host != other.host:
        return False
    if not one.gpus or not other.gpus:
        return True
    named_alike = len({type(gpu) for gpu in (*one.gpus, *other.gpus)}) == 1
    return not named_alike or bool(set(one.gpus) & set(other.gpus))


def together(share: Share, known: Iterable[Share]) -> tuple[Share, ...]:
    """Return the servers on the same GPUs, this one included."""
    return tuple(one for one in known if share_gpus(share, one))


def over(share: Share, spent: Spent) -> str:
    """Return why there is nothing left, empty when there is."""
    allowed = share.budget * WINDOW
    if spent.own >= allowed:
        return (
            f"canaries took {spent.own:.0f} s of the GPU's last hour, its "
            f"budget of {share.budget:.3g} is {allowed:.0f} s"
        )
    whole = spent.own + spent.others
    if whole >= allowed and spent.own >= allowed / spent.servers:
        return (
            f"canaries of {spent.servers} servers on the same GPU took "
            f"{whole:.0f} s of its last hour, the budget of "
            f"{share.budget:.3g} is {allowed:.0f} s"
        )
    return ""
