"""What the web application is given to answer with."""

import asyncio

from monitor.daemon.reload import InForce
from monitor.daemon.works import Works, tell_reload
from monitor.domain.health import Health
from monitor.domain.observation import CheckKey, Observation
from monitor.engine.events import Looked
from monitor.outputs import log
from monitor.outputs.metrics import CONTENT_TYPE
from monitor.schemas.reload import Reloaded
from monitor.schemas.wire import utc
from monitor.web.app import Api, Serves

PROBES_AT_ONCE = 200
"""Looks for `/probe` at the same time; others wait for their turn."""


class Answers:
    """Looks and reloads on behalf of those who ask over HTTP."""

    def __init__(self, works: Works) -> None:
        self._works = works
        self._room = asyncio.Semaphore(PROBES_AT_ONCE)

    def serves(self) -> Serves:
        """Return what the routes work with."""
        works = self._works
        return Serves(
            render=works.metrics.render,
            content_type=CONTENT_TYPE,
            unready=self.unready,
            shelf=works.house.shelf,
            tokens=works.tokens,
            broke=_broke,
            answered=_answered,
            api=Api(
                board=works.house.board,
                clock=works.clock,
                store=works.store,
                book=works.book,
                ward=works.diagnosing.ward,
                hub=works.hub,
                run=self.run,
                probe=self.probe,
                reload=self.reload,
                external_url=self._external_url,
                recovery=works.recovering.desk,
                alerts=works.automating.alerts,
            ),
        )

    def unready(self) -> str:
        """Return why not every server's status has been looked at yet."""
        waiting = [
            entry.check.key.label
            for entry in self._works.house.board.entries()
            if entry.check.kind == "status" and entry.seen is None
        ]
        if not waiting:
            return ""
        return f"{len(waiting)} status checks have not been looked at yet"

    def _external_url(self) -> str:
        """Return where people reach us, empty when that is not configured."""
        settings = self._works.reload.in_force
        if settings is None or settings.server.external_url is None:
            return ""
        return settings.server.external_url

    async def run(self, key: CheckKey) -> Looked | None:
        """Look now, out of schedule; None when a look is under way."""
        check = self._works.house.board.entry(key).check
        return await self._works.watch.turn(check)

    async def probe(self, key: CheckKey, within: float) -> Observation:
        """Look without moving anything, at most `within` seconds."""
        works = self._works
        probe = works.house.board.entry(key).check.probe
        at, begun = works.clock.now(), works.clock.monotonic()
        try:
            async with asyncio.timeout(within), self._room:
                return await probe.look()
        except TimeoutError:
            return Observation(
                key=key,
                probe=key.check,
                at=at,
                duration=works.clock.monotonic() - begun,
                health=Health.UNHEALTHY,
                because=f"cannot finish the look within {within:g} s",
                reason="timeout",
            )

    async def reload(self) -> Reloaded:
        """Put the file in force. Raises `ConfigurationError`."""
        done = await self._works.reload.from_file()
        tell_reload(done)
        return self._told(done)

    def _told(self, done: InForce) -> Reloaded:
        board = self._works.house.board
        return Reloaded(
            at=utc(done.at),
            targets=len(board.targets),
            hosts=len(board.hosts),
            checks=sum(1 for _ in board.entries()),
            added=done.added,
            changed=done.changed,
            removed=done.removed,
            warnings=done.warnings,
        )


def _broke(asked: str, error: BaseException) -> None:
    log.get().error(
        "an answer broke; please report this", asked=asked, exc_info=error
    )


def _answered(
    method: str, path: str, code: int, seconds: float, who: str
) -> None:
    log.get().debug(
        "answered",
        method=method,
        path=path,
        code=code,
        seconds=round(seconds, 4),
        who=who,
    )
