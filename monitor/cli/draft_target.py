"""The target's part of the configuration that `init` writes."""

from collections.abc import Iterator

from monitor.cli.draft_words import comment, switched_off, value
from monitor.cli.notes import is_here
from monitor.config.sections.canaries import DEFAULT_INTERVALS
from monitor.config.sections.canary_files import DIRECTORY
from monitor.daemon.look_around import MachineSeen, Sights
from monitor.domain.canary.benchmark import judges

_IN = "    "
_CANARIES = (
    ("enhance-gfpgan_1.4", "operation: enhance, model: gfpgan_1.4"),
    ("enhance-codeformer", "operation: enhance, model: codeformer"),
    (
        "enhance-restoreformer_plus_plus",
        "operation: enhance, model: restoreformer_plus_plus",
    ),
    ("age", "operation: age, target_age: 45"),
    ("swap-inswapper_128", "operation: swap, model: inswapper_128"),
)
_WAY = f"canary_files: {{via: sftp, directory: {DIRECTORY}}}"


def target_lines(sights: Sights, name: str, host: str) -> Iterator[str]:
    """Yield the one entry of `targets`."""
    machine = sights.machine
    yield f"  - name: {value(name)}"
    yield f"{_IN}url: {value(sights.server.url)}"
    yield from _dialect(sights)
    there = [f"{_IN}host: {value(host)}"]
    reached = machine is not None and machine.reached
    yield from there if reached else switched_off(there)
    yield f"{_IN}#labels: {{site: studio}}"
    yield from _benchmark(machine)
    if machine is not None:
        way = [f"{_IN}{_WAY}"]
        yield from way if reached else switched_off(way)
    yield from _canaries(sights)
    yield from _more()


def _dialect(sights: Sights) -> Iterator[str]:
    known = sights.server.recognised
    if known.dialect:
        yield f"{_IN}dialect: {known.dialect}"
        return
    yield from comment(
        "Not recognised; rest is the API of the integration guide.", _IN
    )
    yield f"{_IN}dialect: rest"


def _benchmark(machine: MachineSeen | None) -> Iterator[str]:
    names = sorted({gpu.name for gpu in machine.gpus}) if machine else []
    others = [name for name in names if not judges(name, None)]
    if others:
        said = (
            f"{', '.join(others)}: no RTX 3090, so the benchmark shows a"
            " ratio and calls nothing slow until a factor says how it"
            " compares (2.0: may take twice as long)."
        )
    elif names:
        said = f"{', '.join(names)}: the benchmark judges as it is."
    else:
        said = (
            "Nobody saw the GPU: the benchmark takes it for an RTX 3090. On"
            " another set how it compares (2.0: may take twice as long)."
        )
    yield from comment(said, _IN)
    yield f"{_IN}#benchmark: {{factor: 1.0}}"


def _canaries(sights: Sights) -> Iterator[str]:
    """Yield the jobs, switched off where their files could not go there."""
    why_not = _why_not(sights)
    lines = list(_canary_lines())
    if why_not:
        yield from comment(f"Canaries are switched off: {why_not}", _IN)
        lines = list(switched_off(lines))
    yield from lines
    yield from comment(
        "Batch needs backend, with its character_id.", f"{_IN}  "
    )
    interval = DEFAULT_INTERVALS["batch"]
    yield f"{_IN}  #- {{operation: batch, interval: {interval}}}"


def _canary_lines() -> Iterator[str]:
    yield f"{_IN}canaries:"
    for name, job in _CANARIES:
        interval = DEFAULT_INTERVALS[name]
        yield f"{_IN}  - {{{job}, interval: {interval}}}"


def _why_not(sights: Sights) -> str:
    """Return why no canary would work, empty when they should."""
    machine, dialect = sights.machine, sights.server.recognised.dialect
    if dialect != "rest":
        return "they are jobs of the guide's API, and it was not seen."
    if machine is None:
        if is_here(sights.server.url):
            return ""
        return (
            "their images would have to be fetched from the monitor. Add a"
            " host above, or let the server reach the monitor: server.listen"
            " and server.external_url."
        )
    if not machine.reached:
        return "their images go by SSH, and nobody got in."
    if not machine.takes_files:
        return (
            f"{machine.settings.user} may not write where their images"
            " would go. Name a directory of its own that FaceFusion can"
            " read as canary_files.directory."
        )
    return ""


def _more() -> Iterator[str]:
    yield f"{_IN}#backend: {{url: http://localhost:8000}}"
    yield f"{_IN}#browser: {{origin: https://storycanvas.example}}"
