"""From a fault to the pager, and from its end to *resolved*.

Run it: `.venv/bin/python tests/e2e/timeline.py [FAULT…]`, or `make e2e`.
Simulated hosts, one a fault, are watched by our daemon and by Debian's
blackbox_exporter at the same rate; one real Prometheus evaluates our rules
and the ordinary ones, and one real Alertmanager tells a pager. All faults are
switched on at once after all was well, and off at once after a while. A run
takes some 15 minutes.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench import blackbox
from tests.bench.blackbox import free_port
from tests.bench.fault_list import FAULTS, WELL, missing
from tests.bench.fault_town import (
    SLOW,
    SLOW_FOR,
    Scene,
    Town,
    target,
    town,
)
from tests.bench.fault_watch import OURS, PAGES_OF, THEIRS
from tests.bench.rounds import not_run, say
from tests.e2e.pager import Pager, Told, listening
from tests.servers import alertmanager, prometheus

WINDOW, HEALS_WITHIN = 400.0, 400.0
"""Seconds: the slowest ordinary rule, and our pages' two minutes and the
canaries that prove that jobs work again."""
GROUPS = {
    OURS: ["alertname", "host", "cause"],
    THEIRS: ["alertname", "target"],
}
"""Ours as in deploy/alertmanager."""
GROUP_WAIT, GROUP_INTERVAL = "1s", "5s"
BROKEN = [name for name, one in FAULTS.items() if one.cause != WELL]
_STEP = 0.5


@dataclass(kw_only=True)
class Line:
    """What one watcher's pager made of one fault; in seconds."""

    paged: float | None = None
    resolved: float | None = None
    causes: list[str] = field(default_factory=list)
    pages: set[str] = field(default_factory=set)
    over: set[str] = field(default_factory=set)

    def hears(self, told: Told, begun: float, mended: float | None) -> None:
        """Note an alert that the pager was told."""
        if told.is_over:
            self.over.add(told.which)
            if mended is not None and self.over >= self.pages:
                self.resolved = told.at - mended
            return
        if self.paged is None:
            self.paged = told.at - begun
        if told.which not in self.pages:
            self.resolved = None
        self.pages.add(told.which)
        cause = told.labels.get("cause", "")
        if cause and cause not in self.causes:
            self.causes.append(cause)


@dataclass(kw_only=True)
class Story:
    """What became of each fault, by watcher; when each server was well."""

    lines: dict[str, dict[str, Line]]
    well: dict[str, float] = field(default_factory=dict)
    heard: int = 0
    begun: float = 0.0
    mended: float | None = None

    def hear(self, pager: Pager) -> None:
        """Sort what is new at the pager by watcher and fault."""
        news = pager.told[self.heard :]
        self.heard += len(news)
        for told in news:
            who = PAGES_OF.get(told.labels["alertname"])
            if who is not None and told.at >= self.begun:
                line = self.lines[who][target(told.labels["target"])]
                line.hears(told, self.begun, self.mended)

    def is_over(self) -> bool:
        """Return whether all are well, and every page is resolved."""
        return len(self.well) == len(self.lines[OURS]) and all(
            line.pages <= line.over
            for lines in self.lines.values()
            for line in lines.values()
        )


async def play(place: Town, pager: Pager, window: float, most: float) -> Story:
    """Break everything, mend everything, and note what the pager hears."""
    names = [target(name) for name in place.fleet.hosts]
    story = Story(lines={w: {n: Line() for n in names} for w in GROUPS})
    story.begun = time.monotonic()
    place.break_all()
    await _listen(story, pager, story.begun + window, lambda: False)
    story.mended = time.monotonic()
    place.mend_all()
    end = story.mended + most
    watching = asyncio.create_task(_heal(story, place))
    try:
        await _listen(story, pager, end, story.is_over)
    finally:
        watching.cancel()
    return story


async def _listen(
    story: Story, pager: Pager, end: float, is_over: Callable[[], bool]
) -> None:
    while time.monotonic() < end and not is_over():
        story.hear(pager)
        await asyncio.sleep(_STEP)


async def _heal(story: Story, place: Town) -> None:
    """Note when each server's diagnosis is that nothing is wrong."""
    assert story.mended is not None
    while True:
        scrape = await place.daemon.scrape()
        for name in place.fleet.hosts:
            is_well = scrape.value(
                "facefusion_diagnosis", target=name, cause=WELL
            )
            if is_well == 1:
                after = time.monotonic() - story.mended
                story.well.setdefault(target(name), after)
            else:
                story.well.pop(target(name), None)
        await asyncio.sleep(1)


def routed(folder: Path, pager: Pager) -> Path:
    """Write Alertmanager's file: both sides to the pager, soon."""
    ours = [name for name, who in PAGES_OF.items() if who == OURS]
    theirs = [name for name, who in PAGES_OF.items() if who == THEIRS]
    settings = {
        "route": {
            "receiver": "nobody",
            "group_wait": GROUP_WAIT,
            "group_interval": GROUP_INTERVAL,
            "repeat_interval": "4h",
            "routes": [
                {
                    "matchers": [f'alertname=~"{"|".join(names)}"'],
                    "receiver": "pager",
                    "group_by": GROUPS[who],
                }
                for who, names in ((OURS, ours), (THEIRS, theirs))
            ],
        },
        "receivers": [
            {"name": "nobody"},
            {
                "name": "pager",
                "webhook_configs": [{"url": pager.url, "max_alerts": 0}],
            },
        ],
    }
    config = folder / "alertmanager.yml"
    config.write_text(yaml.safe_dump(settings))
    return config


async def told(
    scene: Scene, folder: Path, window: float, most: float
) -> Story:
    """Run everything, and play the story."""
    port, program = free_port(), alertmanager.path()
    assert program is not None
    with listening() as pager:
        config = routed(folder, pager)
        paged = Scene(**{**vars(scene), "pages": [f"127.0.0.1:{port}"]})
        async with (
            alertmanager.running(program, config, port),
            town(paged, folder) as place,
        ):
            await place.settle()
            return await play(place, pager, window, most)


def print_story(story: Story) -> None:
    """Print a line a fault."""
    head = f"{'page':>6}{'pages':>6}{'over':>6}"
    say(f"\n{'seconds':20}{OURS:49}{THEIRS}")
    say(f"{'fault':20}{'named':24}{'well':>6}{head}   {head}   named")
    for name, ours in story.lines[OURS].items():
        theirs = story.lines[THEIRS][name]
        named = ", ".join(ours.causes) or "-"
        say(
            f"{name:20}{named:24}{_seconds(story.well.get(name)):>6}"
            f"{_cells(ours)}   {_cells(theirs)}"
            f"   {'no' if theirs.pages else '-'}"
        )
    say(
        "\npage: from the fault to the pager. well, over: from its end to"
        " the diagnosis `none`, and to every page resolved. The other side"
        " names the probe that failed, and no cause.\n"
    )
    for who, lines in story.lines.items():
        _print_sum(who, list(lines.values()))
    right = [
        n
        for n, line in story.lines[OURS].items()
        if line.causes == [FAULTS[n].cause]
    ]
    say(f"cause named, and no other: {len(right)} of {len(story.well)} well")


def _print_sum(who: str, lines: Sequence[Line]) -> None:
    paged = [one.paged for one in lines if one.paged is not None]
    over = sum(bool(one.pages) and one.pages <= one.over for one in lines)
    median = f"{statistics.median(paged):.0f} s" if paged else "-"
    say(
        f"{who}: {len(paged)} of {len(lines)} paged, median {median},"
        f" {sum(len(one.pages) for one in lines)} pages, {over} resolved"
    )


def _cells(line: Line) -> str:
    return (
        f"{_seconds(line.paged):>6}{len(line.pages):>6}"
        f"{_seconds(line.resolved):>6}"
    )


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"


def print_conditions(scene: Scene) -> None:
    """Print what both sides had to go by."""
    say(
        f"status look, blackbox probe, scrape and evaluation: every"
        f" {scene.every}; two canaries every {scene.canaries}. Ordinary"
        f" rules: probe_success == 0 for: {scene.failed_for},"
        f" probe_duration_seconds > {SLOW:g} for: {SLOW_FOR}. Ours: no for:,"
        f" keep_firing_for: 2m. Alertmanager: group_wait {GROUP_WAIT},"
        f" group_interval {GROUP_INTERVAL}."
    )


def main() -> None:
    """Play the faults that are asked for, all by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("fault", nargs="*", choices=[[], *BROKEN])
    parser.add_argument("--window", type=float, default=WINDOW)
    asked = parser.parse_args()
    needed = (prometheus.path(), blackbox.path())
    if None in (*needed, alertmanager.path()):
        not_run(
            "the timeline",
            "prometheus, alertmanager or blackbox_exporter is not installed",
        )
        return
    for fault in missing():
        not_run(fault, "new")
    scene = Scene(names=asked.fault or BROKEN)
    print_conditions(scene)
    with tempfile.TemporaryDirectory() as scratch:
        work = told(scene, Path(scratch), asked.window, HEALS_WITHIN)
        print_story(asyncio.run(work))


if __name__ == "__main__":
    main()
