"""What a daemon knew, after it was killed without a word."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml

from monitor.simulator.configuration import write_configuration
from monitor.simulator.fleet import Fleet
from monitor.simulator.host import SimulatedHost
from tests.stories.daemon import Daemon, Scrape, running

NAME = "studio"


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[SimulatedHost]:
    one = SimulatedHost(
        NAME,
        workdir=tmp_path / NAME,
        durations={"gfpgan_1.4": 0.2, "swap": 0.2},
    )
    async with Fleet(one):
        path = write_configuration([one], tmp_path, listen="127.0.0.1:0")
        settings = yaml.safe_load(path.read_text())
        settings["defaults"] = {
            "status": {
                "interval": "20s",
                "timeout": "500ms",
                "confirm_interval": "300ms",
                "successes": 5,
            }
        }
        settings["log"] = {"format": "json"}
        settings["targets"][0]["canaries"] = [
            {"operation": "enhance", "model": "gfpgan_1.4", "interval": "1s"}
        ]
        path.write_text(yaml.safe_dump(settings))
        yield one


def _unhealthy(scrape: Scrape) -> bool:
    return scrape.health(NAME) == "unhealthy"


async def _history(daemon: Daemon) -> list[dict[str, object]]:
    url = f"/api/v1/targets/{NAME}/history"
    answer = await daemon.client.get(url, params={"limit": 200})
    entries: list[dict[str, object]] = answer.json()["entries"]
    return [{k: e[k] for k in e if k != "age_seconds"} for e in entries]


def _runs(history: list[dict[str, object]]) -> list[dict[str, object]]:
    return [entry for entry in history if entry.get("result")]


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_health_baselines_and_history_outlive_kill_nine(
    tmp_path: Path, host: SimulatedHost
) -> None:
    async with running(cwd=tmp_path) as daemon:
        await daemon.until(_has_baseline, within=60)
        await host.stop()
        await daemon.until(_unhealthy, within=40)
        before = await _history(daemon)
        await daemon.kill()
    await host.start()

    async with running(cwd=tmp_path) as daemon:
        scrape = await daemon.scrape()
        after = await _history(daemon)
        scrape_later = await daemon.until(_has_baseline, within=30)

    changes = [e for e in before if e.get("before") is not None]
    assert changes
    assert len(_runs(before)) >= 10
    assert all(entry in after for entry in before)
    assert scrape.health(NAME) == "unhealthy", "five good looks are needed"
    assert _baseline(scrape_later) == pytest.approx(0.2, abs=0.1)


def _baseline(scrape: Scrape) -> float | None:
    name = "facefusion_canary_baseline_seconds"
    return scrape.value(name, target=NAME)


def _has_baseline(scrape: Scrape) -> bool:
    return _baseline(scrape) is not None


@pytest.mark.timeout(60)
async def test_a_state_file_that_is_no_database_stops_the_start(
    tmp_path: Path,
) -> None:
    (tmp_path / "facefusion-monitor.yml").write_text(
        "server: {listen: '127.0.0.1:0'}\n"
        "state: {url: 'sqlite:///state.db'}\n"
        "targets: [{name: a, url: 'http://127.0.0.1:1'}]\n"
    )
    (tmp_path / "state.db").write_bytes(b"not a database" * 1000)

    with pytest.raises(AssertionError) as caught:
        async with running(cwd=tmp_path):
            await asyncio.sleep(0)

    assert "cannot" in str(caught.value)
    assert "Traceback" not in str(caught.value)
    assert (tmp_path / "state.db").read_bytes().startswith(b"not a database")
