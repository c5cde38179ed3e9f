"""The scrape configurations that we ship, in a real Prometheus."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from monitor.simulator.configuration import write_configuration
from monitor.simulator.fleet import Fleet
from monitor.simulator.host import SimulatedHost
from tests.bench.blackbox import free_port
from tests.conftest import component
from tests.servers import prometheus
from tests.servers.prometheus import Prometheus
from tests.stories.daemon import running

PLACE = Path(__file__).parents[2] / "deploy" / "prometheus" / "scrape"
EXAMPLES = sorted(PLACE.glob("*.yml"))
NAMES = ("studio", "attic", "cellar", "barn", "loft")
"""Enough that each of two shards gets some, as hashmod deals them."""
SITE = "north"
ADDRESS = "127.0.0.1:10777"
TOKEN_FILE = "/etc/prometheus/secrets/facefusion"  # noqa: S105 - a path
WITHIN = 30.0
_STEP = 0.2

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@dataclass(frozen=True)
class Place:
    """A monitor, and where a Prometheus of its own may write."""

    folder: Path
    address: str
    program: str

    @asynccontextmanager
    async def scraped(
        self, example: str, others: Mapping[str, str] | None = None
    ) -> AsyncIterator[Prometheus]:
        """Run Prometheus with the example, on this monitor and faster."""
        text, port = (PLACE / f"{example}.yml").read_text(), free_port()
        wanted = {
            ADDRESS: self.address,
            TOKEN_FILE: str(self.folder / "ann"),
            "scrape_interval: 15s": "scrape_interval: 1s",
            "scrape_interval: 30s": "scrape_interval: 1s",
            "scrape_timeout: 6s": "scrape_timeout: 1s",
            **(others or {}),
        }
        for there, instead in wanted.items():
            text = text.replace(there, instead)
        config = self.folder / f"prometheus-{port}" / f"{example}.yml"
        config.parent.mkdir()
        config.write_text(text)
        async with prometheus.running(self.program, config, port) as found:
            yield found


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    program = component("prometheus")
    hosts = [SimulatedHost(n, workdir=tmp_path / n) for n in NAMES]
    async with Fleet(*hosts):
        config = write_configuration(
            hosts, tmp_path, listen="127.0.0.1:0", people=["ann"]
        )
        settings = yaml.safe_load(config.read_text())
        for target in settings["targets"]:
            target["labels"] = {"site": SITE}
            target["canaries"] = []
        config.write_text(yaml.safe_dump(settings))
        async with running("--config", str(config), cwd=tmp_path) as daemon:
            address = daemon.url.removeprefix("http://")
            yield Place(tmp_path, address, program)


async def found(
    beside: Prometheus, expression: str, wanted: list[str]
) -> list[str]:
    """Return the instances with a result, once they are as wanted."""
    end = time.monotonic() + WITHIN
    while True:
        told = await beside.query(expression)
        seen = sorted(one["instance"] for one in told)
        if seen == wanted or time.monotonic() > end:
            return seen
        await asyncio.sleep(_STEP)


PROBED = 'facefusion_probe_success{probe="status"} == 1'


async def test_the_usual_one_knows_every_server(place: Place) -> None:
    async with place.scraped("static") as beside:
        scraped = await found(beside, "up == 1", [place.address])
        told = await found(beside, PROBED, [place.address] * len(NAMES))

    assert scraped == [place.address]
    assert len(told) == len(NAMES)


async def test_the_discovered_ones_are_looked_at_one_by_one(
    place: Place,
) -> None:
    wanted = sorted(NAMES)
    async with place.scraped("service-discovery") as beside:
        up = await found(beside, "up == 1", wanted)
        told = await found(beside, PROBED, wanted)
        with_site = await found(
            beside, f'up{{site="{SITE}",gpu_host=~".+-gpu"}}', wanted
        )

    assert up == told == with_site == wanted


async def test_named_ones_are_asked_for_another_module(place: Place) -> None:
    network = 'facefusion_probe_success{probe="network"} == 1'
    async with place.scraped("multi-target") as beside:
        told = await found(beside, network, ["attic", "studio"])

    assert told == ["attic", "studio"]


async def test_two_shards_share_the_servers_out(place: Place) -> None:
    async def shard(number: str) -> list[str]:
        others = {"regex: '0'": f"regex: '{number}'"}
        async with place.scraped("shards", others) as beside:
            return await discovered(beside)

    first, second = await shard("0"), await shard("1")

    assert first
    assert second
    assert sorted(first + second) == sorted(NAMES)


async def discovered(beside: Prometheus) -> list[str]:
    """Return whom Prometheus scrapes, once it has asked for them."""
    end = time.monotonic() + WITHIN
    while not (told := await beside.query("up == 1")):
        assert time.monotonic() < end, "nobody is scraped"
        await asyncio.sleep(_STEP)
    # All of one answer are scraped within an interval, of 1 s here.
    await asyncio.sleep(3)
    told = await beside.query("up == 1")
    return [one["instance"] for one in told]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_explained_and_tried(example: Path) -> None:
    readme = (PLACE.parent / "README.md").read_text()

    assert f"(scrape/{example.name})" in readme
    assert f'place.scraped("{example.stem}"' in Path(__file__).read_text()
