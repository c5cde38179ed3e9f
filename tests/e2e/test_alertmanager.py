"""What a real Alertmanager sends is kept, acted on once, and answered."""

import asyncio
import signal
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.bench.blackbox import free_port
from tests.e2e.paged import LABELS, heals, outcomes, paged, until
from tests.stories.restart_town import Monitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
QUIET = 3.0
"""Seconds in which a group that is not known yet would come again."""


async def came(monitor: Monitor, wanted: Mapping[str, int]) -> None:
    async def is_so() -> bool:
        return await outcomes(monitor) == wanted

    await until(is_so)


async def test_a_page_restarts_the_server_once_however_often_it_comes(
    tmp_path: Path,
) -> None:
    """Also from an Alertmanager that was killed and forgot what it sent."""
    async with paged(tmp_path) as scene, scene.monitor() as monitor:
        began, port = await scene.sickens(monitor), free_port()
        async with scene.alertmanager(port=port) as pager:
            await pager.fires(began, **LABELS)
            await heals(monitor)
            await pager.kill()
        async with scene.alertmanager(port=port) as pager:
            await pager.fires(began, **LABELS)
            await came(monitor, {"applied": 1, "duplicate": 1})
            await pager.is_over(began, **LABELS)
            await came(monitor, {"applied": 1, "duplicate": 1, "resolved": 1})
        changes = (await monitor.get("changes"))["changes"]

    assert scene.starts.count == 1
    assert [(o["asked_by"], o["trigger"]) for o in changes] == [
        ("automation: alert FaceFusionPageCritical", "automation")
    ]


async def test_a_monitor_that_is_away_gets_it_when_it_is_back(
    tmp_path: Path,
) -> None:
    async with paged(tmp_path) as scene:
        async with scene.monitor() as monitor:
            began = await scene.sickens(monitor)
        async with scene.alertmanager() as pager:
            await pager.fires(began, **LABELS)

            async def has_tried() -> bool:
                return (await pager.alerts()) != []

            await until(has_tried)
            await asyncio.sleep(1)  # a try or two that nobody hears
            async with scene.monitor() as monitor:
                await heals(monitor)
                got = await outcomes(monitor)

    assert (got, scene.starts.count) == ({"applied": 1}, 1)


async def test_two_that_gossip_are_one(tmp_path: Path) -> None:
    first, second = free_port(), free_port()
    async with (
        paged(tmp_path) as scene,
        scene.monitor() as monitor,
        scene.alertmanager(cluster=first) as one,
        scene.alertmanager(cluster=second, peer=first) as other,
    ):
        began = await scene.sickens(monitor)
        await asyncio.gather(
            one.fires(began, **LABELS), other.fires(began, **LABELS)
        )
        await heals(monitor)
        await asyncio.sleep(QUIET)
        got = await outcomes(monitor)

    assert got.pop("duplicate", 0) <= 1  # it is sent at least once
    assert (got, scene.starts.count) == ({"applied": 1}, 1)


async def test_one_that_joins_a_group_is_told_from_those_that_were_in_it(
    tmp_path: Path,
) -> None:
    """The group comes again as a whole: what was in it is no news."""
    async with (
        paged(tmp_path) as scene,
        scene.monitor() as monitor,
        scene.alertmanager() as pager,
    ):
        began = await scene.sickens(monitor)
        await pager.fires(began, **LABELS, cause="process_down")
        await heals(monitor)
        await pager.fires(began, **LABELS, cause="hung")
        await came(monitor, {"applied": 1, "duplicate": 1, "refused": 1})

    assert scene.starts.count == 1


async def test_an_answer_that_is_too_late_does_nothing_twice(
    tmp_path: Path,
) -> None:
    """Alertmanager gives up after 10 s, as a stopped monitor shows."""
    async with (
        paged(tmp_path) as scene,
        scene.monitor() as monitor,
        scene.alertmanager() as pager,
    ):
        began = await scene.sickens(monitor)
        monitor.process.send_signal(signal.SIGSTOP)
        try:
            await pager.fires(began, **LABELS)

            async def has_given_up() -> bool:
                return (await pager.requests())["failed"] > 0

            await until(has_given_up)
        finally:
            monitor.process.send_signal(signal.SIGCONT)

        async def is_kept() -> bool:
            return (await outcomes(monitor)) != {}

        await until(is_kept)
        await asyncio.sleep(QUIET)
        got = await outcomes(monitor)

    assert got.pop("duplicate", 0) >= 1
    # Or its own loop was late, and nobody acts on what it sees then.
    assert got in ({"applied": 1}, {"refused": 1})
    assert scene.starts.count == got.get("applied", 0)


async def test_what_is_silenced_or_concerns_nobody_sets_nothing_off(
    tmp_path: Path,
) -> None:
    async with (
        paged(tmp_path) as scene,
        scene.monitor() as monitor,
        scene.alertmanager() as pager,
    ):
        began = await scene.sickens(monitor)
        await pager.silence(target="studio")
        await pager.fires(began, **LABELS)
        await pager.fires(began, **{**LABELS, "target": "$(reboot)"})
        await pager.fires(began, alertname="Other", target="attic")
        await pager.fires(began, alertname=LABELS["alertname"], site="x")
        await came(
            monitor, {"unknown_target": 1, "no_rule": 1, "no_target": 1}
        )
        await asyncio.sleep(QUIET)
        left = await outcomes(monitor)
        changes = (await monitor.get("changes"))["changes"]

    assert (len(left), changes, scene.starts.count) == (3, [], 0)


async def test_a_wrong_token_brings_nothing_in(tmp_path: Path) -> None:
    async with paged(tmp_path) as scene, scene.monitor() as monitor:
        (scene.folder / "pager").write_text("another-token-altogether\n")
        began = await scene.sickens(monitor)
        async with scene.alertmanager() as pager:
            await pager.fires(began, **LABELS)

            async def has_failed() -> bool:
                return (await pager.requests())["failed"] > 0

            await until(has_failed)
        got = await outcomes(monitor)

    assert (got, scene.starts.count) == ({}, 0)


async def test_what_cannot_be_kept_is_sent_again_until_it_is(
    tmp_path: Path,
) -> None:
    async with (
        paged(tmp_path) as scene,
        scene.monitor() as monitor,
        scene.alertmanager() as pager,
    ):
        began = await scene.sickens(monitor)
        with locked(tmp_path / "state.db"):
            await pager.fires(began, **LABELS)

            async def has_failed() -> bool:
                return (await pager.requests())["failed"] > 0

            await until(has_failed)

        async def is_kept() -> bool:
            return (await outcomes(monitor)) != {}

        await until(is_kept)
        await asyncio.sleep(QUIET)
        got = await outcomes(monitor)

    got.pop("duplicate", None)  # it was kept, and the answer was too late
    # The gates may not trust a monitor that could not write just now.
    assert got in ({"applied": 1}, {"refused": 1})


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Keep a database from being written, as a backup tool might."""
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        yield
        db.rollback()
