"""The client at the daemon's own application: they agree on the wire."""

from collections.abc import AsyncIterator
from typing import NamedTuple

import httpx
import pytest

from monitor.client import Client, NotAllowed, Refused, Unknown
from monitor.domain.health import Health
from monitor.engine.recorder import page_record
from monitor.schemas.maintenance import NewMaintenance
from tests.fakes.ward import diagnosed, paged
from tests.web.api_house import ANN, READER, ApiHouse


class Visit(NamedTuple):
    house: ApiHouse
    ann: Client
    reader: Client


@pytest.fixture
async def visit() -> AsyncIterator[Visit]:
    house = ApiHouse(ANN, READER)
    async with (
        _client(house, "oncall-ann") as ann,
        _client(house, "reader") as reader,
    ):
        yield Visit(house, ann, reader)


def _client(house: ApiHouse, name: str) -> Client:
    return Client(
        "http://localhost:10777",
        token=f"{name}-secret",
        transport=httpx.ASGITransport(house.app, client=("127.0.0.1", 5)),
    )


async def test_what_was_seen_is_told(visit: Visit) -> None:
    visit.house.see(health=Health.UNHEALTHY, reason="timeout")

    fleet = await visit.reader.targets()
    one = await visit.reader.target("studio")

    assert [target.name for target in fleet.targets] == ["studio", "attic"]
    assert [check.name for check in one.checks] == ["status", "canary.swap"]
    assert one.checks[0].last is not None
    assert one.checks[0].last.reason == "timeout"


async def test_hosts_and_histories_are_told(visit: Visit) -> None:
    hosts = await visit.reader.hosts()
    host = await visit.reader.host("gpu1")
    past = await visit.reader.history("studio", since=0.5, limit=10)

    assert [one.name for one in hosts.hosts] == ["gpu1"]
    assert [check.name for check in host.checks] == ["gpu"]
    assert past.target == "studio"


async def test_what_is_wrong_and_who_was_woken_are_told(
    visit: Visit,
) -> None:
    ward, store = visit.house.ward, visit.house.store
    ward.diagnoses["studio"] = diagnosed("hung")
    ward.pages["studio"] = paged("hung")
    await store.keep_page(page_record(ward.pages["studio"]))

    fleet = await visit.reader.targets()
    one = await visit.reader.target("studio")
    pages = await visit.reader.pages(since=0.0, target="studio")

    assert fleet.targets[0].diagnosis.cause == "hung"
    assert one.diagnosis.runbook == "deploy/runbooks/hung.md"
    assert [page.cause for page in pages.pages] == ["hung"]


async def test_a_look_is_taken_when_asked_for(visit: Visit) -> None:
    told = await visit.ann.run_check("studio", "status")

    assert [key.check for key in visit.house.ran] == ["status"]
    assert told.observation.health is Health.HEALTHY


async def test_maintenance_begins_holds_and_ends(visit: Visit) -> None:
    asked = NewMaintenance(
        reason="driver", duration_seconds=3600.0, targets=("studio",)
    )

    started = await visit.ann.start_maintenance(asked)
    during = await visit.reader.target("studio")
    listed = await visit.reader.maintenance()
    ended = await visit.ann.end_maintenance(started.id)

    assert during.maintenance is not None
    assert during.maintenance.id == started.id
    assert [work.id for work in listed.maintenance] == [started.id]
    assert (started.active, ended.active) == (True, False)


async def test_a_reload_is_asked_for(visit: Visit) -> None:
    await visit.ann.reload()

    assert visit.house.reloads == 1


async def test_refusals_come_as_errors_of_their_own(visit: Visit) -> None:
    visit.house.held_back = "busy"

    with pytest.raises(Unknown, match="cannot find this target"):
        await visit.reader.target("stranger")
    with pytest.raises(NotAllowed, match=r"operate.*--token-file"):
        await visit.reader.run_check("studio", "status")
    with pytest.raises(Refused, match="held back: busy"):
        await visit.ann.run_check("studio", "status")


async def test_without_a_token_its_file_is_named(visit: Visit) -> None:
    transport = httpx.ASGITransport(visit.house.app, client=("127.0.0.1", 5))

    async with Client("http://localhost:10777", transport=transport) as client:
        with pytest.raises(NotAllowed, match="--token-file"):
            await client.targets()
