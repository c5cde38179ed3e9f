"""A sick server is restarted on a real machine, and that is proved."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.machines.host import SystemdHost
from tests.machines.mischief import SETTINGS
from tests.stories.rescue import Rescue, rescued

pytestmark = [
    pytest.mark.machines,
    pytest.mark.slow,
    pytest.mark.usefixtures("place"),
    pytest.mark.timeout(240),
]
DROP_IN = "/run/systemd/system/facefusion.service.d/limit.conf"


@pytest.fixture
def host() -> Iterator[SystemdHost]:
    """One of its own: who installs there changes it."""
    with SystemdHost() as machine:
        yield machine


@pytest_asyncio.fixture
async def rescue(host: SystemdHost, tmp_path: Path) -> AsyncIterator[Rescue]:
    async with rescued(host, tmp_path) as town:
        yield town


async def test_a_hung_server_that_ignores_signals_serves_again(
    rescue: Rescue,
) -> None:
    """It hears neither SIGINT nor SIGTERM: systemd has to kill it."""
    before = rescue.host.facefusion_pid()
    rescue.host.turn(hang=before, stubborn=before)
    await rescue.is_diagnosed("hung", within=90)

    change = await rescue.restarts()

    assert change["outcome"] == "succeeded", change
    assert rescue.host.facefusion_pid() not in {0, before}
    assert rescue.starts() == 1
    await rescue.is_diagnosed("none")
    await rescue.audit_is_whole()


async def test_one_that_was_killed_is_started(rescue: Rescue) -> None:
    rescue.host.kill_facefusion()
    await rescue.is_diagnosed("process_down")

    change = await rescue.restarts()

    assert change["outcome"] == "succeeded", change
    assert rescue.starts() == 1


async def test_one_that_comes_back_on_another_port_has_failed(
    rescue: Rescue,
) -> None:
    rescue.host.kill_facefusion()
    rescue.host.path(SETTINGS).write_text("GRADIO_SERVER_PORT=7871\n")
    await rescue.is_diagnosed("process_down")

    change = await rescue.restarts()

    assert change["outcome"] == "failed", change
    assert "7871" in change["because"]
    assert rescue.starts() == 1


async def test_one_that_ends_after_each_start_has_failed(
    rescue: Rescue,
) -> None:
    rescue.host.kill_facefusion()
    rescue.host.turn(exit=1)
    path = rescue.host.path(DROP_IN)
    path.parent.mkdir(parents=True)
    path.write_text("[Service]\nRestart=always\nRestartSec=500ms\n")
    rescue.host.run("systemctl daemon-reload")
    await rescue.is_diagnosed("process_down")

    change = await rescue.restarts()

    assert change["outcome"] == "failed", change


async def test_one_that_is_slower_than_its_grace_has_failed(
    rescue: Rescue,
) -> None:
    rescue.host.kill_facefusion()
    rescue.host.turn(start_seconds=120)
    await rescue.is_diagnosed("process_down")

    change = await rescue.restarts(within=120)

    assert change["outcome"] == "failed", change


async def test_what_an_operator_stopped_is_left_alone(rescue: Rescue) -> None:
    rescue.host.systemctl("stop")
    await rescue.is_diagnosed("stopped_by_operator")

    answer = await rescue.tries_to_plan()

    assert answer.status_code == 409
    refused = [
        gate["gate"]
        for gate in answer.json()["gates"]
        if gate["word"] == "refused"
    ]
    assert "stopped" in refused
    assert rescue.starts() == 0
    (entry,) = await rescue.audit()
    assert (entry["what"], entry["outcome"]) == ("refused", "refused")
