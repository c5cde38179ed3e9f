"""A server that is reached over https, and its certificate."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from monitor.domain.certificate import Certificate
from tests.stories.simulated.house import House
from tests.stories.simulated.settings import ADDRESS, Document

_DAY = 86_400.0


def over_https(settings: Document) -> Document:
    """Return settings with TLS; the backend asks over http, so without it."""
    target = settings["targets"][0]
    target["url"] = target["url"].replace("http:", "https:")
    del target["backend"]
    target["canaries"] = [
        one for one in target["canaries"] if one["operation"] != "batch"
    ]
    return settings


def certificate(
    house: House, *, days: float, address: str = ADDRESS
) -> Certificate:
    """Return one that ends in so many days."""
    now = house.clock.now()
    return Certificate(
        not_before=now - 300 * _DAY,
        not_after=now + days * _DAY,
        addresses=(address,),
    )


@asynccontextmanager
async def certified(settings: Document) -> AsyncIterator[House]:
    """Open a house whose server has a good certificate."""
    house = House(settings)
    house.server.server.certificate = certificate(house, days=60)
    await house.open()
    try:
        await house.pass_time(300)
        yield house
        assert not house.broke
    finally:
        await house.close()
