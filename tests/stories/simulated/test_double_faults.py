"""Two faults at once: the deeper is named, and the other when it is healed."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from monitor.domain.maintenance import Selector, Window
from tests.stories.simulated.certified import (
    certificate,
    certified,
    over_https,
)
from tests.stories.simulated.house import House
from tests.stories.simulated.settings import (
    ADDRESS,
    Document,
    one_server,
    two_on_a_host,
)
from tests.stories.simulated.story import Story
from tests.stories.simulated.street import CONTROL

PORT = 9002
RUNS = 10 * 60.0
"""Seconds within which all canaries have run."""
SOON = 75.0


@dataclass(frozen=True, kw_only=True)
class Both:
    """Two faults of the simulator, the deeper first, and their causes.

    Each cause is there within so many seconds of what made it so. `starting`
    may come before a cause.
    """

    deeper: str
    other: str
    causes: tuple[str, str]
    within: tuple[float, float, float] = (SOON, SOON, SOON)


DOUBLES = {
    "a lost GPU, and the server killed": Both(
        deeper="gpu_lost",
        other="process_killed",
        causes=("gpu_lost", "process_down"),
    ),
    "a full disk, and jobs that fail": Both(
        deeper="disk_full",
        other="null_result",
        causes=("disk_full", "processing_failed"),
        within=(SOON, RUNS, RUNS),
    ),
    "a changed driver, and each start fails": Both(
        deeper="driver_mismatch",
        other="crash_loop",
        causes=("driver_mismatch", "crash_loop"),
        within=(SOON, SOON, 150),
    ),
    "a GPU that is hot, and others' work on it": Both(
        deeper="thermal_throttle",
        other="second_user",
        causes=("thermal_throttling", "gpu_busy"),
        within=(RUNS, 3 * RUNS, RUNS),
    ),
    "a server that is gone, and sshd with it": Both(
        deeper="refused",
        other="ssh_down",
        causes=("process_down", "ssh_unavailable"),
        within=(SOON, 150, 100),
    ),
    "a video that takes long, and jobs that fail": Both(
        deeper="video",
        other="null_result",
        causes=("busy", "processing_failed"),
        within=(SOON, RUNS, RUNS),
    ),
    "a CUDA error, and jobs without a result": Both(
        deeper="cuda_fault",
        other="null_result",
        causes=("cuda_fault", "processing_failed"),
        within=(SOON, RUNS, RUNS),
    ),
    "an nvidia-smi that waits, and a server suspended": Both(
        deeper="nvidia_smi_hang",
        other="suspended",
        causes=("gpu_wedged", "hung"),
    ),
    "a broken model, and errors before that": Both(
        deeper="model_corrupt",
        other="cors",
        causes=("model_files_corrupt", "cors_blocked"),
        within=(SOON, 240, 90),
    ),
}


@pytest.mark.parametrize("name", DOUBLES)
async def test_the_deeper_is_named_and_then_the_other(
    house: House, name: str
) -> None:
    both = DOUBLES[name]
    story = Story(house)
    deeper, other = both.causes

    story.breaks(both.other)
    story.breaks(both.deeper)
    await house.until(deeper, within=both.within[0])
    await house.pass_time(600)
    assert house.cause == deeper

    story.heals(both.deeper)
    await house.until(other, within=both.within[1])
    await house.pass_time(60)
    assert house.cause == other

    story.heals(both.other)
    await story.is_over(within=both.within[2])


async def test_an_unreachable_machine_hides_its_lost_gpu(
    house: House,
) -> None:
    story = Story(house)
    story.breaks("gpu_lost")
    await house.until("gpu_lost", within=SOON)
    house.street.pull_cable(ADDRESS)
    await house.until("host_unreachable", within=SOON)
    await house.pass_time(600)

    house.street.plug_cable(ADDRESS)
    await house.until("gpu_lost", within=150)
    story.heals("gpu_lost")
    await story.is_over(within=SOON)

    assert "process_down" not in story.causes
    assert "ssh_unavailable" not in story.causes


async def test_a_network_of_ours_that_is_gone_hides_a_silent_server(
    house: House,
) -> None:
    story = Story(house)
    house.street.control.clear()
    story.breaks("hang")
    await story.is_named("monitor_blind", within=SOON, health="unknown")

    house.street.control.add(CONTROL)
    await house.until("hung", within=SOON)
    story.heals("hang")
    await story.is_over(within=SOON)

    assert story.causes == ["none", "monitor_blind", "hung", "none"]
    assert story.pages == ["critical"]


async def test_a_hung_server_comes_before_a_backend_that_is_offline(
    house: House,
) -> None:
    story = Story(house)
    house.backend.faults.switch_on("backend_offline_body")
    story.breaks("hang")
    await story.is_named("hung", within=SOON, remedies=["restart"])

    story.heals("hang")
    await house.until("backend_disagrees", within=SOON)
    house.backend.faults.switch_off("backend_offline_body")
    await story.is_over(within=120)

    assert story.causes == ["none", "hung", "backend_disagrees", "none"]
    assert story.pages == ["critical", "warning"]


async def test_a_backend_that_is_offline_comes_before_browsers(
    house: House,
) -> None:
    story = Story(house)
    house.backend.faults.switch_on("backend_offline_body")
    story.breaks("cors")
    await house.until("backend_disagrees", within=90)
    await house.pass_time(300)
    assert house.cause == "backend_disagrees"

    house.backend.faults.switch_off("backend_offline_body")
    await house.until("cors_blocked", within=90)
    story.heals("cors")
    await story.is_over(within=90)


async def test_a_crash_loop_comes_before_how_one_of_its_starts_ended(
    house: House,
) -> None:
    story = Story(house)
    story.breaks("crash_loop")
    await house.until("crash_loop", within=SOON)
    story.breaks("oom_killed")
    await house.pass_time(120)
    assert house.cause == "crash_loop"

    story.heals("crash_loop")
    await house.until("oom_killed", within=700)
    story.heals("oom_killed")
    await story.is_over(within=SOON)


async def test_a_firewall_comes_before_a_server_that_hangs_behind_it(
    house: House,
) -> None:
    story = Story(house)
    house.street.firewall(ADDRESS, PORT)
    story.breaks("hang")
    await story.is_named("network_blocked", within=SOON)

    house.street.no_firewall(ADDRESS, PORT)
    await house.until("hung", within=SOON)
    story.heals("hang")
    await story.is_over(within=SOON)

    assert story.causes == ["none", "network_blocked", "hung", "none"]


async def test_a_kill_in_planned_work_is_named_and_pages_nobody(
    house: House,
) -> None:
    now = house.clock.now()
    window = Window(
        id="w1",
        starts_at=now,
        ends_at=now + 1800,
        selector=Selector(targets=(house.name,)),
        reason="new cards",
        by="ada",
        created_at=now,
    )
    await house.book.start(window)
    story = Story(house)
    story.breaks("process_killed")
    await house.until("process_down", within=SOON)
    await house.pass_time(600)
    assert story.pages == []
    assert house.pages[-1].withheld == "maintenance"

    await house.book.end("w1", house.clock.now())
    await house.pass_time(30)
    assert story.pages == ["critical"]  # it is still down
    story.heals("process_killed")
    await story.is_over(within=SOON)


class TestTwoOnAHost:
    """Two servers on one machine."""

    @pytest.fixture
    def settings(self) -> Document:
        return two_on_a_host()

    async def test_their_machine_that_is_away_is_one_page(
        self, house: House
    ) -> None:
        studio, other = Story(house), Story(house, "studio-b")
        house.street.pull_cable(ADDRESS)
        await studio.is_named("host_unreachable", within=SOON)
        await other.is_named("host_unreachable", within=SOON)

        house.street.plug_cable(ADDRESS)
        await studio.is_over(within=100)
        await other.is_over(within=100)

        assert studio.causes == ["none", "host_unreachable", "none"]
        assert other.causes == ["none", "host_unreachable", "none"]
        assert sorted([*studio.pages, *other.pages]) == ["critical"]


class TestOverHttps:
    """A server with a certificate."""

    @pytest.fixture
    def settings(self) -> Document:
        return over_https(one_server())

    @pytest_asyncio.fixture
    async def house(self, settings: Document) -> AsyncIterator[House]:
        async with certified(settings) as house:
            yield house

    async def test_a_certificate_comes_before_errors_behind_it(
        self, house: House
    ) -> None:
        story = Story(house)
        house.server.server.certificate = certificate(house, days=-1)
        story.breaks("error_500")
        await story.is_named("tls_invalid", within=SOON)

        house.server.server.certificate = certificate(house, days=60)
        await house.until("server_error", within=90)
        story.heals("error_500")
        await story.is_over(within=SOON)

        assert story.causes == ["none", "tls_invalid", "server_error", "none"]
