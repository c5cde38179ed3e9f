"""The way to a server: a certificate that clients refuse."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.stories.simulated.certified import (
    certificate,
    certified,
    over_https,
)
from tests.stories.simulated.house import House
from tests.stories.simulated.settings import ADDRESS, Document, one_server
from tests.stories.simulated.story import Story


@pytest.fixture
def settings() -> Document:
    return over_https(one_server())


@pytest_asyncio.fixture
async def house(settings: Document) -> AsyncIterator[House]:
    async with certified(settings) as house:
        yield house


@pytest.mark.parametrize(("days", "name"), [(-1, ADDRESS), (60, "10.9.9.9")])
async def test_a_certificate_that_clients_refuse_is_tls_invalid(
    house: House, days: float, name: str
) -> None:
    story = Story(house)
    server = house.server.server
    good = server.certificate
    server.certificate = certificate(house, days=days, address=name)
    await story.is_named("tls_invalid", within=60)

    server.certificate = good
    await story.is_over(within=60)

    assert story.causes == ["none", "tls_invalid", "none"]
    assert story.pages == ["critical"]
