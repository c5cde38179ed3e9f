"""Series about the monitor itself."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from monitor.engine.board import Board
from monitor.outputs.metrics.sheet import Sheet

SSH_STATES = ("connected", "connecting", "down")


@dataclass(frozen=True, slots=True, kw_only=True)
class Self:
    """What the monitor knows of itself.

    `configured_at` is the Unix time in seconds of the last configuration
    that was accepted; `ssh_states` returns one word a host.
    """

    version: str
    configured_at: float
    ssh_states: Callable[[], Sequence[str]]


def write(sheet: Sheet, board: Board, me: Self) -> None:
    """Write what the monitor says of itself."""
    prefix = "facefusion_monitor_"
    sheet.put(f"{prefix}build_info", 1, {"version": me.version})
    sheet.put(f"{prefix}config_last_reload_successful", 1, {})
    sheet.put(
        f"{prefix}config_last_reload_success_timestamp_seconds",
        me.configured_at,
        {},
    )
    sheet.put(f"{prefix}owned_targets", len(board.targets), {})
    states = Counter(me.ssh_states())
    for state in SSH_STATES:
        sheet.put(f"{prefix}ssh_connections", states[state], {"state": state})
