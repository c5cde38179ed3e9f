"""A running daemon gets another configuration."""

import signal
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from tests.stories.counting_server import CountingServer, counting
from tests.stories.daemon import Daemon, Scrape, running

MANY = 500
INTERVAL = 4.0
OF_MANY = 12.0
"""Seconds between two looks at one of many; each may take most of them, so
that a machine which does something else beside puts few in doubt."""
WRITTEN = "facefusion_monitor_config_last_reload_success_timestamp_seconds"


def write(
    folder: Path,
    targets: Sequence[Mapping[str, object]],
    *,
    every: float = INTERVAL,
    **more: object,
) -> None:
    settings = {
        "server": {"listen": "127.0.0.1:0"},
        "log": {"format": "json"},
        "defaults": {
            "status": {
                "interval": f"{every:g}s",
                "timeout": f"{every * 0.75:g}s",
                "confirm_interval": "500ms",
            }
        },
        "targets": list(targets),
        **more,
    }
    text = yaml.safe_dump(settings)
    (folder / "facefusion-monitor.yml").write_text(text)


def fleet(server: CountingServer, number: int) -> list[dict[str, object]]:
    names = [f"t{n}" for n in range(number)]
    return [{"name": name, "url": server.url(name)} for name in names]


def in_doubt(scrape: Scrape) -> set[str]:
    """Return the servers of which a look failed, as on a busy machine.

    They are looked at more often, to be sure.
    """
    name = "facefusion_probe_failures_total"
    return {
        sample.labels["target"]
        for sample in scrape.samples
        if sample.name == name and sample.value and "target" in sample.labels
    }


async def hang_up(daemon: Daemon) -> float:
    """Reload by SIGHUP and return when that was over."""
    before = (await daemon.scrape()).value(WRITTEN)
    daemon.process.send_signal(signal.SIGHUP)
    await daemon.until(lambda s: s.value(WRITTEN) != before, within=20)
    return time.monotonic()


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_of_five_hundred_targets_one_changed_and_no_look_was_lost(
    tmp_path: Path,
) -> None:
    async with counting() as server:
        targets = fleet(server, MANY)
        server.sick.add("t7")
        write(tmp_path, targets, every=OF_MANY)
        async with running(cwd=tmp_path) as daemon:
            await daemon.until(
                lambda s: (
                    s.total("facefusion_up") == MANY - 1
                    and s.health("t7") == "unhealthy"
                ),
                within=60,
            )
            before = await daemon.scrape()

            targets[3] = {**targets[3], "labels": {"site": "attic"}}
            write(tmp_path, targets, every=OF_MANY)
            at = await hang_up(daemon)
            after = await daemon.scrape()
            told = await daemon.client.get("/api/v1/targets")
            await wait_for_looks(server, since=at)
            doubted = in_doubt(await daemon.scrape())

    assert after.health("t7") == "unhealthy"
    unseen = [t["name"] for t in told.json()["targets"] if not t["seen_at"]]
    assert set(unseen) <= {"t3"}, "what was seen of the others is kept"
    assert all(
        after.value("facefusion_up", target=f"t{n}")
        == before.value("facefusion_up", target=f"t{n}")
        for n in range(MANY)
        if n != 3 and f"t{n}" not in doubted
    )
    info = after.value("facefusion_target_info", target="t3", site="attic")
    assert info == 1
    for number in range(MANY):
        if number not in (3, 7):
            gaps = _gaps(server.looks[f"t{number}"][1:])
            assert max(gaps) < 1.9 * OF_MANY, f"t{number} was not looked at"
            sure = f"t{number}" not in doubted
            assert not sure or min(gaps) > 0.3 * OF_MANY, f"t{number} twice"
    assert len(doubted) < MANY / 10


async def wait_for_looks(server: CountingServer, *, since: float) -> None:
    """Wait until every server was looked at twice since then."""

    def done() -> bool:
        return all(
            sum(look > since for look in server.looks[f"t{n}"]) >= 2
            for n in range(MANY)
        )

    await server.until(done, within=6 * OF_MANY)


def _gaps(looks: list[float]) -> list[float]:
    return [b - a for a, b in pairwise(looks)]


@pytest.mark.timeout(120)
async def test_one_error_among_five_hundred_targets_changes_nothing(
    tmp_path: Path,
) -> None:
    async with counting() as server:
        secret = tmp_path / "ann"
        secret.touch(0o600)
        secret.write_text("hunter2hunter2")
        token: Mapping[str, object] = {
            "name": "ann",
            "person": "ann",
            "token_file": "ann",
            "scopes": ["read", "operate", "metrics"],
        }
        access = {"tokens": [token]}
        targets = fleet(server, MANY)
        write(tmp_path, targets, every=OF_MANY, access=access)
        async with running(cwd=tmp_path) as daemon:
            daemon.client.headers["Authorization"] = "Bearer hunter2hunter2"
            await daemon.until(
                lambda s: s.value("facefusion_up", target="t499") == 1,
                within=30,
            )
            targets[321] = {**targets[321], "statsu": {}}
            targets.pop()
            write(tmp_path, targets, every=OF_MANY, access=access)

            answer = await daemon.client.post("/-/reload")

            scrape = await daemon.scrape()
            assert answer.status_code in {400, 409}
            said = answer.text
            assert "targets[321].statsu" in said
            assert "did you mean status" in said
            assert scrape.value("facefusion_up", target="t499") is not None
            name = "facefusion_monitor_config_last_reload_successful"
            assert scrape.value(name) == 0

            secret.write_text("another-secret-of-ann")
            write(tmp_path, targets[:-200], every=OF_MANY, access=access)
            answer = await daemon.client.post("/-/reload")
            assert answer.status_code == 200, answer.text
            refused = await daemon.client.get("/metrics")
            assert refused.status_code == 401
            daemon.client.headers["Authorization"] = (
                "Bearer another-secret-of-ann"
            )
            scrape = await daemon.scrape()
            assert scrape.value(name) == 1
            assert scrape.value("facefusion_up", target="t499") is None


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_a_list_of_targets_is_followed_and_its_last_good_one_kept(
    tmp_path: Path,
) -> None:
    async with counting() as server:
        lists = tmp_path / "fleet"
        lists.mkdir()
        (lists / "a.yml").write_text(_list(server, "one"))
        write(tmp_path, [], targets_from=[{"file": "fleet/*.yml"}])
        async with running(cwd=tmp_path) as daemon:
            await daemon.until(_up("one"), within=10)

            (lists / "a.yml").write_text(_list(server, "one", "two"))
            await daemon.until(_up("two"), within=45)
            (lists / "a.yml").write_text("[]")
            scrape = await daemon.until(
                lambda s: (
                    s.value("facefusion_monitor_config_last_reload_successful")
                    == 0
                ),
                within=45,
            )

    assert scrape.value("facefusion_up", target="one") == 1
    assert scrape.value("facefusion_up", target="two") == 1


def _list(server: CountingServer, *names: str) -> str:
    return yaml.safe_dump(
        [{"targets": [{"name": n, "url": server.url(n)} for n in names]}]
    )


def _up(name: str) -> Callable[[Scrape], bool]:
    return lambda scrape: scrape.value("facefusion_up", target=name) == 1
