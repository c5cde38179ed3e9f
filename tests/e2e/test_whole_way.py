"""From a fault to healed and resolved, with nothing said by hand."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.bench.blackbox import free_port
from tests.conftest import component
from tests.e2e.paged import ALERT, Paged, heals, outcomes, paged, until
from tests.e2e.test_pages import KEPT, KEPT_HERE
from tests.servers import prometheus
from tests.servers.alertmanager import Alertmanager
from tests.servers.prometheus import RULES
from tests.stories.restart_town import Monitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(150)]
WITHIN = 60.0


def written(scene: Paged, monitor: Monitor, pager: Alertmanager) -> Path:
    """Write what Prometheus needs: who is scraped, our rules, who is told."""
    ours = scene.folder / "rules.yml"
    ours.write_text(RULES.read_text().replace(KEPT, KEPT_HERE))
    job = {
        "job_name": "facefusion",
        "authorization": {"credentials_file": str(scene.folder / "ann")},
        "static_configs": [{"targets": [monitor.url.removeprefix("http://")]}],
    }
    return prometheus.written(
        scene.folder,
        jobs=[job],
        rules=[ours],
        every="1s",
        patience="900ms",
        pages=[pager.address],
    )


async def test_a_fault_is_paged_restarted_healed_and_resolved(
    tmp_path: Path,
) -> None:
    program = component("prometheus")
    async with (
        paged(tmp_path) as scene,
        scene.monitor() as monitor,
        scene.alertmanager() as pager,
        prometheus.running(
            program, written(scene, monitor, pager), free_port()
        ),
    ):

        async def pages() -> list[Mapping[str, Any]]:
            every = await pager.alerts()
            return [
                one for one in every if one["labels"]["alertname"] == ALERT
            ]

        async def is_paged() -> bool:
            return (await pages()) != []

        async def is_resolved() -> bool:
            told = await outcomes(monitor)
            return (await pages()) == [] and told.get("resolved") == 1

        await scene.sickens(monitor)
        await until(is_paged, within=WITHIN)
        (page,) = await pages()
        await heals(monitor)
        await until(is_resolved, within=WITHIN)
        got = await outcomes(monitor)
        changes = (await monitor.get("changes"))["changes"]

    told = {key: page["labels"][key] for key in ("target", "cause", "host")}
    assert told == {
        "target": "studio",
        "cause": "process_down",
        "host": "studio-gpu",
    }
    assert (got["applied"], scene.starts.count) == (1, 1)
    assert [one["trigger"] for one in changes] == ["automation"]
