"""Series about the FaceFusion servers: up, health, what they say."""

from monitor.domain.fleet import Target
from monitor.domain.health import Health
from monitor.domain.observation import CheckKey, Kind
from monitor.domain.status import StatusReading
from monitor.engine.board import STATUS, Board
from monitor.outputs.metrics.sheet import Sheet


def write(sheet: Sheet, board: Board, now: float) -> None:
    """Write what is known about every server."""
    for target in board.targets.values():
        _info(sheet, board, target)
        _health(sheet, board, target, now)
        _status(sheet, board, target, now)


def _info(sheet: Sheet, board: Board, target: Target) -> None:
    labels = {
        "target": target.name,
        "host": target.host,
        "url": target.url,
        "dialect": target.dialect,
        **dict(target.labels),
    }
    sheet.put("facefusion_target_info", 1, labels)
    said = board.server(target.name)
    if said is not None:
        sheet.put(
            "facefusion_server_info",
            1,
            {
                "target": target.name,
                "version": said.version,
                "dialect": said.dialect,
            },
        )


def _health(sheet: Sheet, board: Board, target: Target, now: float) -> None:
    health = board.health(target.name, now)
    for state in Health:
        sheet.put(
            "facefusion_health",
            state is health,
            {"target": target.name, "state": state.value},
        )


def _status(sheet: Sheet, board: Board, target: Target, now: float) -> None:
    key = CheckKey(kind=Kind.TARGET, subject=target.name, check=STATUS)
    entry = board.find(key)
    seen = entry.fresh(now) if entry else None
    if seen is None:
        return
    labels = {"target": target.name}
    if seen.health is not Health.UNKNOWN:  # our own trouble is not theirs
        sheet.put("facefusion_up", seen.succeeded, labels)
    if isinstance(seen.reading, StatusReading):
        sheet.put("facefusion_status_code", seen.reading.code, labels)
        sheet.put("facefusion_queue_size", seen.reading.queue_size, labels)
