"""The daemon's works: everything that runs, put together once."""

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence

from monitor import __version__
from monitor.adapters.loop import LoopLag
from monitor.adapters.scheduler import ApScheduler
from monitor.adapters.store import SqliteStore
from monitor.config import Settings
from monitor.daemon.automating import Automating
from monitor.daemon.configuration import Configuration
from monitor.daemon.diagnosing import Diagnosing
from monitor.daemon.following import INTERVAL, follow
from monitor.daemon.house import House
from monitor.daemon.prepare import follow_log, follow_tokens, warn
from monitor.daemon.pushing import Followers
from monitor.daemon.recovering import Recovering
from monitor.daemon.reload import InForce, Prepare, Reload, Remind
from monitor.domain.errors import MonitorError
from monitor.domain.observation import CheckKey
from monitor.engine.check import Check, Rules
from monitor.engine.events import Event
from monitor.engine.maintenance import Book
from monitor.engine.recovery.holding import Holding
from monitor.engine.reported import Reports
from monitor.engine.schedule import Schedule
from monitor.engine.watch import Watch
from monitor.outputs import log
from monitor.outputs.events import Hub
from monitor.outputs.metrics import Metrics
from monitor.outputs.metrics.monitor import Self
from monitor.web.auth import Tokens

DRAIN = 5.0
"""Seconds that looks under way get to end, and then to clean up."""
DEFAULT_STATE = "sqlite:///facefusion-monitor.db"
_RUNS = 200
"""Runs of a canary that its baseline may be made of again."""


class Works:
    """What runs while the daemon serves, not yet started.

    `url` is our own; `more` are other things that follow a reload. Raises
    `CannotStore`.
    """

    def __init__(
        self,
        configuration: Configuration,
        base: Settings,
        url: str,
        more: Sequence[Prepare] = (),
    ) -> None:
        self.house = House(planned=self._planned)
        self.clock = self.house.clock
        self.store = SqliteStore(_state(base), self.clock)
        self.tokens = Tokens()
        self.hub = Hub(self.clock, name=secrets.token_hex(4))
        self.lag = LoopLag()
        self.book = self._book()
        holding = Holding()
        self.watch = self._watch(holding)
        self.scheduler = ApScheduler()
        schedule = Schedule(self.scheduler, self.clock, self.watch)
        self.followers = Followers(
            Reports(schedule, self.house.board, self.tell)
        )
        self.diagnosing = self._diagnosing(schedule)
        self.recovering = self._recovering(holding)
        self.automating = self._automating()
        self.reload = Reload(
            configuration=configuration,
            house=self.house,
            schedule=schedule,
            public_url=lambda s: s.server.external_url or url,
            prepare=(*self._prepares(base), *more),
            tell=self.tell,
            recall=self._recall,
        )
        self.metrics = self._metrics()

    def tell(self, event: Event) -> None:
        """Tell everybody who listens what happened, then what it means."""
        self.house.canaries.heard(event)
        self.metrics.heard(event)
        self.hub.heard(event)
        log.heard(event)
        self.diagnosing.heard(event)
        self.recovering.heard(event)

    async def start(self) -> InForce:
        """Put the configuration in force, remember, and begin to look.

        Raises `ConfigurationError` and `CannotStore`; nothing was sent then
        but questions for lists of targets.
        """
        await self.book.restore()
        in_force = await self.reload.from_file()
        await self.diagnosing.start(self.scheduler)
        await self.recovering.start(self.scheduler, self.clock.now())
        self.automating.start(self.scheduler, self.clock.now())
        self.lag.start()
        self.scheduler.start()
        follow(
            self.reload,
            self.scheduler,
            first=self.clock.now() + INTERVAL,
            changed=_tell_lists,
        )
        return in_force

    async def stop(self) -> None:
        """Begin nothing more, let looks end, and write what is left."""
        log.get().info("ending")
        self.hub.close()
        self.lag.stop()
        self.scheduler.stop()
        await self.recovering.close(DRAIN)
        await self.followers.close()
        await self.reload.schedule.drain(DRAIN)
        await self.reload.close(DRAIN)
        await self.diagnosing.close(DRAIN)
        await self.house.close()
        try:
            await asyncio.to_thread(self.store.close)
        except MonitorError as error:
            log.get().error("not stored", because=str(error))

    def _book(self) -> Book:
        """Wire planned work."""
        board = self.house.board
        return Book(
            clock=self.clock,
            store=self.store,
            targets=lambda: board.targets,
            hosts=lambda: board.hosts,
        )

    def _watch(self, holding: Holding) -> Watch:
        """Wire the turns of checks, held back where a change goes on."""
        return Watch(
            clock=self.clock,
            board=self.house.board,
            store=self.store,
            tell=self.tell,
            rules=Rules(
                hold=holding.before(self.house.canaries.gate),
                planned=self._planned,
            ),
        )

    def _diagnosing(self, schedule: Schedule) -> Diagnosing:
        """Wire what makes diagnoses and pages of what was seen."""
        return Diagnosing(
            clock=self.clock,
            board=self.house.board,
            store=self.store,
            book=self.book,
            tell=self.tell,
            soon=schedule.soon,
            lag=self.lag.seconds,
            changing=self._changing,
        )

    def _recovering(self, holding: Holding) -> Recovering:
        """Wire what acts; it asks for the settings in force later."""
        return Recovering(
            house=self.house,
            watch=self.watch,
            ward=self.diagnosing.ward,
            book=self.book,
            journal=self.store.journal,
            holding=holding,
            tell=self.tell,
            in_force=lambda: self.reload.in_force,
            tokens=self.tokens,
        )

    def _automating(self) -> Automating:
        """Wire what alerts and diagnoses set off, at the same desk."""
        return Automating(
            house=self.house,
            inbox=self.store.inbox,
            desk=self.recovering.desk,
            ward=self.diagnosing.ward,
            changing=self._changing,
            in_force=lambda: self.reload.in_force,
            tell=self.tell,
        )

    def _prepares(self, base: Settings) -> Sequence[Prepare]:
        """Return what of ours follows a reload, in this order."""
        return (
            follow_tokens(self.tokens),
            follow_log(),
            warn(base),
            self._follow_hosts,
        )

    def _metrics(self) -> Metrics:
        """Wire what is rendered of all of it."""
        return Metrics(
            self.house.board,
            self.clock,
            self._self(),
            planned=lambda target: self.book.planned(target) is not None,
            ward=self.diagnosing.ward,
            standing=self.recovering.standings,
        )

    async def _recall(
        self, checks: Sequence[Check], urls: Mapping[str, str]
    ) -> Remind:
        """Look up what was known of checks before they were ours."""
        if not checks:
            return lambda: None
        keys = {check.key for check in checks}
        kept = [k for k in await self.store.kept() if k.key in keys]
        runs = [
            await self.store.canary_history(
                check.key, limit=_RUNS, url=urls.get(check.key.subject)
            )
            for check in checks
            if check.kind == "canary"
        ]

        def remind() -> None:
            for one in kept:
                self.house.board.restore(one)
            for newest_first in runs:
                self.house.canaries.baselines.restore(newest_first)

        return remind

    def _follow_hosts(self, _: Settings) -> Callable[[], Sequence[str]]:
        """Hear what the hosts of the house report, once it stands."""

        def put() -> Sequence[str]:
            self.followers.put(self.house.parts)
            return ()

        return put

    def _changing(self, target: str) -> str:
        """Return why a page is our own doing: not while a change waits."""
        return self.recovering.runner.changing(target)

    def _planned(self, key: CheckKey) -> bool:
        return self.book.covers(key)

    def _self(self) -> Self:
        last = self.reload.last
        return Self(
            version=__version__,
            ssh_states=lambda: [host.state for host in self.house.hosts],
            reloaded=lambda: (last.successful, last.succeeded_at),
            loop_lag=self.lag.seconds,
        )


def _state(settings: Settings) -> str:
    """Return where the state is. PostgreSQL is accepted and not used yet."""
    url = settings.state.url
    return url if url.startswith("sqlite:") else DEFAULT_STATE


def tell_reload(done: InForce) -> None:
    """Log what a new configuration changed."""
    log.get().info(
        "configuration in force",
        added=list(done.added),
        changed=list(done.changed),
        removed=list(done.removed),
    )
    for warning in done.warnings:
        log.get().warning("accepted, but", because=warning)


def _tell_lists(done: InForce | MonitorError) -> None:
    if isinstance(done, InForce):
        tell_reload(done)
    else:
        log.get().error("lists not in force", because=str(done))
