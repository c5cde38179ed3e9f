"""Prints a checklist as it comes in, and what it means."""

from collections.abc import Iterator

from rich.console import Console

from monitor.cli.words import ago, coloured, plain
from monitor.daemon.diagnosing_once import Diagnosed
from monitor.domain.checklist.line import NOT_CONFIGURED, Layer, Line
from monitor.domain.diagnosis.diagnosis import Diagnosis
from monitor.domain.health import Health
from monitor.schemas.wire import utc
from monitor.web.telling.diagnosis import tell_diagnosis

_HEALTH = 10
_CHECK = 12
_INDENT = " " * (_HEALTH + 3)


def print_layer(screen: Console, layer: Layer) -> None:
    """Print one layer: a line a check, its facts below."""
    _print(screen, f"[bold]{layer.name}[/]")
    for line in layer.lines:
        _print(screen, _line(line))
        for fact in line.facts:
            _print(screen, f"{_INDENT}{plain(fact)}")


def print_diagnosis(screen: Console, seen: Diagnosed, now: float) -> None:
    """Print what it means, why, and what to do; `now` is Unix time."""
    found = seen.diagnosis
    head = f"[bold]diagnosis: {found.cause}[/]"
    _print(screen, "")
    _print(screen, f"{head} ({coloured(found.health)}, {found.severity})")
    _print(screen, f"  {plain(found.because)}")
    for title, lines in (
        ("evidence", tuple(_evidence(found, now))),
        ("not known", tuple(map(plain, found.unknown))),
        ("what to do", tuple(_to_do(seen.target, found))),
    ):
        if lines:
            _print(screen, f"[bold]{title}[/]")
        for line in lines:
            _print(screen, f"  {line}")


def as_data(seen: Diagnosed, now: float) -> dict[str, object]:
    """Return all of it as plain data; keys are only ever added."""
    told = tell_diagnosis(seen.diagnosis, now)
    return {
        "target": seen.target,
        "url": seen.url,
        "at": utc(seen.at).isoformat().replace("+00:00", "Z"),
        "layers": [
            {"name": layer.name, "checks": [_datum(o) for o in layer.lines]}
            for layer in seen.layers
        ],
        "diagnosis": told.model_dump(mode="json"),
    }


def _line(line: Line) -> str:
    health = coloured(line.health) + " " * (_HEALTH - len(line.health.value))
    if line.health is Health.UNKNOWN and line.reason == NOT_CONFIGURED:
        health = "-".ljust(_HEALTH)
    return f"  {health} {plain(line.check):{_CHECK}} {plain(line.because)}"


def _evidence(found: Diagnosis, now: float) -> Iterator[str]:
    for fact in found.facts:
        age = ago(max(0.0, now - fact.at))
        yield f"{age}, {plain(fact.key.label)}: {plain(fact.because)}"


def _to_do(target: str, found: Diagnosis) -> Iterator[str]:
    if found.is_well:
        return
    yield plain(found.advice)
    if found.remedies:
        yield f"what may help: {', '.join(found.remedies)}"
        yield from _how(target, found)
    if found.also:
        yield f"what is left then: {', '.join(found.also)}"
    yield f"runbook: {found.runbook}"


def _how(target: str, found: Diagnosis) -> Iterator[str]:
    """Yield how to do what may help; `recovery.allow` is the daemon's."""
    for remedy in found.remedies:
        asked = f'facefusion-monitor plan {remedy} {target} --reason "…"'
        yield (
            f"{remedy}: {plain(asked)} (where its recovery.allow holds"
            f" {remedy}; else by hand)"
        )


def _datum(line: Line) -> dict[str, object]:
    return {
        "check": line.check,
        "health": line.health.value,
        "because": line.because,
        "reason": line.reason,
        "seconds": round(line.seconds, 6),
        "facts": list(line.facts),
    }


def _print(screen: Console, markup: str) -> None:
    screen.print(markup, highlight=False, soft_wrap=True)
