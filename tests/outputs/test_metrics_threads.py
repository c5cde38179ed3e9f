"""The loop tells while a thread scrapes: neither sees the other's half."""

import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from threading import Event

import pytest
from prometheus_client.parser import text_string_to_metric_families
from typing_extensions import override

from monitor.domain.health import Health
from monitor.domain.status import StatusReading
from monitor.engine.check import Check
from monitor.outputs.metrics import Metrics
from tests.outputs.house import ATTIC, ME, STATUS, House

TURNS = 120
WHILE = 0.2
"""Seconds in which something that must not end could have ended."""
BOUND = 10.0
UP = re.compile(r'^facefusion_up\{target="studio"\} (.*)$', re.MULTILINE)
CODE = re.compile(
    r'^facefusion_status_code\{target="studio"\} (.*)$', re.MULTILINE
)


@pytest.fixture
def _threads_that_take_turns_often() -> Iterator[None]:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def see(house: House, *, up: bool) -> None:
    house.saw(
        STATUS,
        Health.HEALTHY if up else Health.UNHEALTHY,
        StatusReading(dialect="rest", code=200 if up else 500),
        at=house.clock.now(),
        reason="" if up else "status_code",
    )


@pytest.mark.usefixtures("_threads_that_take_turns_often")
def test_a_scrape_never_shows_half_a_look() -> None:
    house = House()
    house.fill()
    enough = Event()

    def look_on() -> None:
        while not enough.is_set():
            see(house, up=False)
            see(house, up=True)

    with ThreadPoolExecutor(1) as loop:
        looking = loop.submit(look_on)
        texts = [house.metrics.render().decode() for _ in range(TURNS)]
        enough.set()
        looking.result(BOUND)

    said = {(*UP.findall(t), *CODE.findall(t)) for t in texts}
    assert said <= {("1.0", "200.0"), ("0.0", "500.0")}


@pytest.mark.usefixtures("_threads_that_take_turns_often")
def test_scrapes_beside_looks_and_reloads_are_whole() -> None:
    house = House()
    house.fill()
    targets, attic = house.targets, house.checks[ATTIC]

    with ThreadPoolExecutor(1) as thread:
        for turn in range(TURNS):
            scraping = thread.submit(house.metrics.render)
            see(house, up=True)
            house.targets = targets[: 1 + turn % 2]
            house.checks.pop(ATTIC, None)
            if turn % 2:
                house.checks[ATTIC] = attic
            house.rewire()
            text = scraping.result(BOUND).decode()

            assert list(text_string_to_metric_families(text))
            lines = [x for x in text.splitlines() if not x.startswith("#")]
            series = [line.rsplit(" ", 1)[0] for line in lines]
            assert len(series) == len(set(series))

    last = house.metrics.render().decode()
    runs = 'facefusion_probe_runs_total{probe="status",target="studio"}'
    assert f"{runs} {TURNS + 1}.0" in last


class SlowToTell(StatusReading):
    """Lets others run while it is being written."""

    __slots__ = ("begun", "may")
    begun: Event
    may: Event

    @override
    def __getattribute__(self, name: str) -> object:
        if name == "code":
            object.__getattribute__(self, "begun").set()
            assert object.__getattribute__(self, "may").wait(BOUND)
        return object.__getattribute__(self, name)


def test_a_scrape_waits_while_a_look_is_written() -> None:
    house = House()
    house.fill()
    reading = SlowToTell(dialect="rest", code=201)
    object.__setattr__(reading, "begun", Event())
    object.__setattr__(reading, "may", Event())

    with ThreadPoolExecutor(2) as threads:
        telling = threads.submit(house.saw, STATUS, Health.HEALTHY, reading)
        assert reading.begun.wait(BOUND)
        scraping = threads.submit(house.metrics.render)
        with pytest.raises(TimeoutError):
            scraping.result(WHILE)
        reading.may.set()
        telling.result(BOUND)

    assert 'status_code{target="studio"} 201.0' in scraping.result().decode()


def test_two_scrapes_at_once_are_made_one_after_the_other() -> None:
    house, begun, may = House(), Event(), Event()

    def planned(_: str) -> bool:
        if not begun.is_set():
            begun.set()
            assert may.wait(BOUND)
        return False

    metrics = Metrics(
        house.board, house.clock, ME, planned=planned, process=False
    )
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(metrics.render)
        assert begun.wait(BOUND)
        second = threads.submit(metrics.render)
        with pytest.raises(TimeoutError):
            second.result(WHILE)
        may.set()

    assert first.result() == second.result()


def test_a_server_that_goes_while_its_state_is_asked_for_leaves_nothing() -> (
    None
):
    house = House()

    def planned(name: str) -> bool:
        if name == "attic" and ATTIC in house.checks:
            del house.checks[ATTIC]
            house.targets.pop()
            metrics.heard(
                house.board.rewire(
                    house.targets, house.hosts, house.checks.values()
                )
            )
        return False

    metrics = Metrics(
        house.board, house.clock, ME, planned=planned, process=False
    )

    assert "attic" not in metrics.render().decode()


@dataclass(frozen=True, kw_only=True)
class Sly(Check):
    """Is taken off the board while somebody asks how old it may grow."""

    house: House
    now: Event

    @property
    @override
    def stale_after(self) -> float:
        if not self.now.is_set():
            return 0.0
        if self.house.checks.pop(ATTIC, None):
            self.house.targets.pop()
            self.house.rewire()
        return 3600.0


def test_a_check_that_goes_while_its_age_is_asked_for_leaves_nothing() -> None:
    house, now = House(), Event()
    own = {f.name: getattr(house.checks[ATTIC], f.name) for f in fields(Check)}
    house.checks[ATTIC] = Sly(**own, house=house, now=now)
    house.rewire()
    house.saw(ATTIC, Health.HEALTHY, None)
    hidden = scrape(house)
    now.set()

    gone = scrape(house)

    assert 'facefusion_up{target="attic"}' not in hidden
    assert "attic" not in gone


def scrape(house: House) -> str:
    return house.metrics.render().decode()
