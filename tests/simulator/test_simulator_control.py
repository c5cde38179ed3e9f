"""Breaking and healing hosts with curl."""

from collections.abc import AsyncIterator

import httpx
import pytest

from monitor.simulator.faults import FAULTS
from monitor.simulator.fleet import DuplicateHost, Fleet
from monitor.simulator.host import SimulatedHost
from tests.simulator.visitor import NO_TLS, Visitor


@pytest.fixture
async def control(fleet: Fleet) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=fleet.control_url, verify=NO_TLS
    ) as client:
        yield client


async def test_the_front_page_lists_hosts_and_faults(
    control: httpx.AsyncClient, studio: SimulatedHost, attic: SimulatedHost
) -> None:
    page = await control.get("/")

    assert page.headers["content-type"].startswith("text/plain")
    for said in (*FAULTS, studio.url, attic.url, "curl -X PUT"):
        assert said in page.text


async def test_a_fault_is_switched_on_and_off(
    control: httpx.AsyncClient, studio: SimulatedHost, attic: SimulatedHost
) -> None:
    on = await control.put("/hosts/studio/faults/slow?value=10")
    active = studio.faults.active()
    off = await control.delete("/hosts/studio/faults/slow")

    assert "faults: slow=10" in on.text
    assert active == {"slow": 10.0}
    assert "faults: none" in off.text
    assert studio.faults.active() == attic.faults.active() == {}


async def test_a_closed_port_is_opened_again_from_here(
    control: httpx.AsyncClient, studio: SimulatedHost, visitor: Visitor
) -> None:
    await control.put("/hosts/studio/faults/refused")
    with pytest.raises(httpx.ConnectError):
        await visitor.status(studio)

    await control.delete("/hosts/studio/faults/refused")

    assert (await visitor.status(studio)).status_code == 200


async def test_the_states_are_there_for_programs(
    control: httpx.AsyncClient, studio: SimulatedHost
) -> None:
    studio.faults.switch_on("hang")

    states = (await control.get("/hosts")).json()

    assert states["studio"] == {
        "url": studio.url,
        "ssh": f"127.0.0.1:{studio.ssh_port}",
        "jobs": studio.jobs,
        "faults": {"hang": None},
    }
    assert states["attic"]["faults"] == {}


@pytest.mark.parametrize(
    ("path", "code", "says"),
    [
        ("/hosts/cellar/faults/hang", 404, "there are studio, attic"),
        ("/hosts/studio/faults/flood", 404, "cannot find the fault 'flood'"),
        ("/hosts/studio/faults/hang?value=1", 422, "it takes none"),
        ("/hosts/studio/faults/slow?value=-1", 422, "a positive number"),
        ("/hosts/studio/faults/slow?value=x", 422, "number"),
    ],
)
async def test_a_wrong_wish_changes_nothing_and_says_why(
    control: httpx.AsyncClient,
    studio: SimulatedHost,
    path: str,
    code: int,
    says: str,
) -> None:
    answer = await control.put(path)

    assert answer.status_code == code
    assert says in answer.text
    assert studio.faults.active() == {}


async def test_two_hosts_of_one_name_are_refused(
    studio: SimulatedHost,
) -> None:
    with pytest.raises(DuplicateHost, match="cannot simulate two hosts"):
        Fleet(studio, studio)
