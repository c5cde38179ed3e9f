"""Lists of targets that are fetched over HTTP (Prometheus' http_sd)."""

import asyncio
from collections.abc import Iterable

from monitor.adapters.http.client import HttpClient
from monitor.config import Found, Listed
from monitor.domain.errors import CannotReach

WITHIN = 10.0
"""Seconds that an inventory gets to answer."""
LIMIT = 1024 * 1024
"""Bytes; as for a file."""
AT_ONCE = 8
"""Inventories asked at the same time."""
_OK = 200


async def fetch_all(sources: Iterable[str]) -> list[Found]:
    """Return what each address answers, or why it is no list."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(source: str) -> Found:
        async with room:
            return await _fetch(source)

    return list(await asyncio.gather(*map(one, sources)))


async def _fetch(url: str) -> Found:
    """Ask one address; its query never gets into a message."""
    name = url.partition("?")[0]
    client = HttpClient()
    try:
        answer = await client.get(url, within=WITHIN, limit=LIMIT)
    except CannotReach as error:
        return _nothing(url, name, _without_query(str(error), url, name))
    finally:
        await client.close()
    if answer.code != _OK:
        return _nothing(
            url,
            name,
            f"cannot use {name}: it answered {answer.code} instead of 200;"
            " see targets_from",
        )
    return Found(source=url, lists=(Listed(name=name, data=answer.body),))


def _without_query(text: str, url: str, name: str) -> str:
    return text.replace(url, name)


def _nothing(url: str, name: str, because: str) -> Found:
    return Found(source=url, problems={name: because})
