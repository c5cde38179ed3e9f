"""Looking once, without a daemon: what `check`, `canary`, `gpu` do."""

import asyncio
from collections.abc import Callable, Collection, Iterable

from fastapi import FastAPI

from monitor.config import Settings
from monitor.daemon.house import House, build
from monitor.daemon.listen import listen, place
from monitor.daemon.server import serving
from monitor.domain.errors import NotConfigured
from monitor.domain.health import Health
from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.engine.board import STATUS
from monitor.engine.check import Check
from monitor.web.routes import canary_files

_AFTER_OTHERS = ("logs", "jobs")
"""Looks that need to know since when the server runs."""
AT_ONCE = 32
"""Looks under way at the same time."""


async def look_once(
    settings: Settings, targets: Collection[str]
) -> list[Observation]:
    """Look at servers and the machines they are on, canaries left out.

    Raises `NotConfigured` for a name that is no target.
    """
    house = build(settings)
    try:
        for name in targets:
            known("target", name, house.board.targets)
        seen = await _look_at(_wanted(house, targets))
        return [*seen, *_not_looked_at(house, targets)]
    finally:
        await house.close()


async def look_at_gpus(settings: Settings, host: str) -> Observation:
    """Collect nvidia-smi from a host now. Raises `NotConfigured`."""
    house = build(settings)
    try:
        known("host", host, house.board.hosts)
        key = CheckKey(kind=Kind.HOST, subject=host, check="gpu")
        return await house.board.entry(key).check.probe.look()
    finally:
        await house.close()


async def run_canaries(
    settings: Settings,
    target: str,
    canary: str | None,
    on_step: Callable[[str], None],
) -> list[Observation]:
    """Run a server's canaries one after another. Raises `NotConfigured`.

    Images that go by URL are served from a free port of `server.listen`'s
    address meanwhile: a daemon may have the configured one.
    """
    address, _ = settings.server.listen
    sock = listen(address, 0)
    url = f"http://{place(address, sock.getsockname()[1])}"
    house = build(settings, public_url=url, on_step=on_step)
    try:
        chosen = _chosen(house, target, canary)
        async with serving(images_only(house), sock):
            return [await check.probe.look() for check in chosen]
    finally:
        await house.close()
        sock.close()


def images_only(house: House) -> FastAPI:
    """Return an app that serves the canaries' images and nothing else."""
    app = FastAPI(openapi_url=None)
    app.include_router(canary_files.router(house.shelf))
    return app


def _chosen(house: House, target: str, canary: str | None) -> list[Check]:
    known("target", target, house.board.targets)
    canaries = {
        c.key.check.removeprefix("canary."): c
        for c in house.checks
        if c.kind == "canary" and c.key.subject == target
    }
    if not canaries:
        raise NotConfigured(
            f"cannot run canaries on {target}: it has none; add some under"
            " targets[].canaries"
        )
    if canary is None:
        return list(canaries.values())
    known(f"canary of {target}", canary, canaries)
    return [canaries[canary]]


def _not_looked_at(
    house: House, targets: Collection[str]
) -> Iterable[Observation]:
    """Return an unknown for every server that has no check: not an OK."""
    for name in targets or house.board.targets:
        key = CheckKey(kind=Kind.TARGET, subject=name, check=STATUS)
        if house.board.find(key) is None:
            dialect = house.board.targets[name].dialect
            yield Observation(
                key=key,
                probe=STATUS,
                at=house.clock.now(),
                duration=0.0,
                health=Health.UNKNOWN,
                because=f"cannot look: dialect {dialect} is not spoken yet",
                reason="dialect",
            )


def _wanted(house: House, targets: Collection[str]) -> Iterable[Check]:
    facts = house.board.targets
    names = set(targets or facts)
    hosts = {facts[name].host for name in names}
    if not targets:
        hosts |= set(house.board.hosts)
    for check in house.checks:
        wanted = names if check.key.kind is Kind.TARGET else hosts
        if check.kind != "canary" and check.key.subject in wanted:
            yield check


async def _look_at(checks: Iterable[Check]) -> list[Observation]:
    room = asyncio.Semaphore(AT_ONCE)

    async def look(check: Check) -> Observation:
        async with room:
            return await check.probe.look()

    chosen = list(checks)
    first = [check for check in chosen if check.kind not in _AFTER_OTHERS]
    later = [check for check in chosen if check.kind in _AFTER_OTHERS]
    seen = dict(
        zip(first, await asyncio.gather(*map(look, first)), strict=True)
    )
    seen |= zip(later, await asyncio.gather(*map(look, later)), strict=True)
    return [seen[check] for check in chosen]


def known(what: str, name: str, names: Collection[str]) -> None:
    """Raise `NotConfigured` for a name that is none of these."""
    if name in names:
        return
    listed = ", ".join(sorted(names)) or "none"
    raise NotConfigured(f"cannot find {what} {name!r}; configured: {listed}")
