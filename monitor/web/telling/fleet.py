"""Targets and hosts on the wire."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from monitor.domain import fleet
from monitor.domain.observation import Kind
from monitor.engine.board import Board
from monitor.outputs.diagnoses import Diagnoses
from monitor.schemas import host as host_wire
from monitor.schemas import target as target_wire
from monitor.schemas.wire import maybe_utc, utc
from monitor.web.serves import Planned
from monitor.web.telling.checks import tell_check
from monitor.web.telling.diagnosis import (
    tell_of_target,
    tell_of_target_in_full,
)
from monitor.web.telling.overall import diagnosed, of_checks
from monitor.web.telling.windows import tell_window


def tell_target(
    target: fleet.Target,
    board: Board,
    book: Planned,
    ward: Diagnoses,
    now: float,
) -> target_wire.Target:
    """Return a target and how it is."""
    name = target.name
    diagnosis = ward.diagnosis(name)
    entries = board.checks_of(Kind.TARGET, name)
    overall = diagnosed(
        of_checks(entries, now, ward.health(name, now)), diagnosis
    )
    planned = book.planned(name)
    return target_wire.Target(
        name=target.name,
        url=target.url,
        dialect=target.dialect,
        host=target.host or None,
        labels=dict(target.labels),
        health=overall.health,
        since=maybe_utc(overall.since),
        because=overall.because,
        diagnosis=tell_of_target(diagnosis, ward.page(name)),
        seen_at=maybe_utc(overall.seen_at),
        age_seconds=overall.age,
        maintenance=tell_window(planned, now) if planned else None,
    )


def tell_target_in_full(
    target: fleet.Target,
    board: Board,
    book: Planned,
    ward: Diagnoses,
    now: float,
) -> target_wire.TargetInFull:
    """Return a target with every check and all evidence."""
    name = target.name
    entries = board.checks_of(Kind.TARGET, name)
    told = dict(tell_target(target, board, book, ward, now))
    told["diagnosis"] = tell_of_target_in_full(
        ward.diagnosis(name), ward.page(name), now
    )
    return target_wire.TargetInFull(
        **told,
        at=utc(now),
        checks=tuple(tell_check(entry, now) for entry in entries),
    )


def on_hosts(board: Board) -> Mapping[str, Sequence[str]]:
    """Return the names of the targets on every host."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for target in tuple(board.targets.values()):
        found[target.host].append(target.name)
    return found


def tell_host(
    host: fleet.Host, on_it: Sequence[str], board: Board, now: float
) -> host_wire.Host:
    """Return a host and how it is."""
    overall = of_checks(board.checks_of(Kind.HOST, host.name), now)
    return host_wire.Host(
        name=host.name,
        targets=tuple(on_it),
        health=overall.health,
        since=maybe_utc(overall.since),
        because=overall.because,
        seen_at=maybe_utc(overall.seen_at),
        age_seconds=overall.age,
    )


def tell_host_in_full(
    host: fleet.Host, on_it: Sequence[str], board: Board, now: float
) -> host_wire.HostInFull:
    """Return a host with every check."""
    entries = board.checks_of(Kind.HOST, host.name)
    return host_wire.HostInFull(
        **dict(tell_host(host, on_it, board, now)),
        at=utc(now),
        checks=tuple(tell_check(entry, now) for entry in entries),
    )
