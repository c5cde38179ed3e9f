"""A whole application over a board that a test fills."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI

from monitor.domain.answer import Phases
from monitor.domain.fleet import Host, Target
from monitor.domain.health import Health
from monitor.domain.judgement import judge
from monitor.domain.observation import CheckKey, Kind, Observation, Reading
from monitor.domain.status import StatusReading
from monitor.engine.board import Board
from monitor.engine.check import Check
from monitor.engine.events import Looked, Skipped
from monitor.engine.maintenance import Book
from monitor.engine.recovery.asked import Recovery
from monitor.outputs.events import Hub
from monitor.schemas.reload import Reloaded
from monitor.schemas.wire import utc
from monitor.web.app import Api, Serves, create_app
from monitor.web.auth import Token, Tokens, digest_of
from monitor.web.limits import Rates
from monitor.web.serves import Takes
from tests.fakes.clock import FakeClock
from tests.fakes.probe import FakeProbe
from tests.fakes.store import FakeStore
from tests.fakes.ward import FakeWard

STATUS = CheckKey(kind=Kind.TARGET, subject="studio", check="status")
CANARY = CheckKey(kind=Kind.TARGET, subject="studio", check="canary.swap")
GPU = CheckKey(kind=Kind.HOST, subject="gpu1", check="gpu")
READING = StatusReading(
    dialect="rest",
    code=200,
    version="3.5.0",
    phases=Phases(connect=0.001, processing=0.004),
)


class NoShelf:
    def get(self, name: str) -> bytes | None:
        return None if name else b""


def token(name: str, *scopes: str, person: str = "") -> Token:
    """Return a token whose secret is `NAME-secret`."""
    return Token(
        name=name,
        digest=digest_of(f"{name}-secret".encode()),
        scopes=frozenset(scopes),
        person=person,
    )


def bearer(name: str) -> dict[str, str]:
    """Return the header that presents a token."""
    return {"Authorization": f"Bearer {name}-secret"}


ANN = token("oncall-ann", "read", "operate", "maintain", person="ann")
READER = token("reader", "read")
PROMETHEUS = token("prometheus", "metrics")
ALL = token(
    "everybody",
    "read",
    "operate",
    "approve",
    "maintain",
    "metrics",
    person="eve",
)
EVERYBODY = (ANN, READER, PROMETHEUS, ALL)


class ApiHouse:
    """One server `studio` on `gpu1`, one `attic` on nothing we know."""

    def __init__(
        self,
        *tokens: Token,
        rates: Rates | None = None,
        external_url: str = "",
        seats: int = 3,
        recovery: Callable[[FakeClock], Recovery] | None = None,
        alerts: Callable[[FakeClock], Takes] | None = None,
    ) -> None:
        self.clock = FakeClock()
        self.store = FakeStore()
        self.tokens = Tokens(tokens)
        self.checks = {
            key: _check(key, self.clock) for key in (STATUS, CANARY, GPU)
        }
        self.board = Board(
            [
                Target(
                    name="studio",
                    url="http://192.0.2.1:9002",
                    dialect="rest",
                    host="gpu1",
                    labels=(("site", "studio"),),
                ),
                Target(name="attic", url="http://192.0.2.2", dialect="v4"),
            ],
            [Host(name="gpu1")],
            self.checks.values(),
        )
        self.hub = Hub(self.clock, name="run1", seats=seats, keep=20)
        self.book = Book(
            clock=self.clock,
            store=self.store,
            targets=lambda: self.board.targets,
            hosts=lambda: self.board.hosts,
        )
        self.ward = FakeWard(self.board)
        self.broken: list[tuple[str, BaseException]] = []
        self.answered: list[tuple[str, str, int, float, str]] = []
        self.external_url = external_url
        self.ran: list[CheckKey] = []
        self.probed: list[tuple[CheckKey, float]] = []
        self.reloads = 0
        self.held_back = ""
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked = asyncio.Event()
        self.fails: Exception | None = None
        desk = recovery(self.clock) if recovery else None
        takes = alerts(self.clock) if alerts else None
        self.app = self._app(rates or Rates(), desk, takes)

    def hear_broken(self, asked: str, error: BaseException) -> None:
        self.broken.append((asked, error))

    def hear_answered(
        self, method: str, path: str, code: int, seconds: float, who: str
    ) -> None:
        self.answered.append((method, path, code, seconds, who))

    def _app(
        self, rates: Rates, recovery: Recovery | None, alerts: Takes | None
    ) -> FastAPI:
        return create_app(
            Serves(
                render=lambda: b"facefusion_up 1\n",
                content_type="text/plain; version=0.0.4; charset=utf-8",
                unready=lambda: "",
                shelf=NoShelf(),
                tokens=self.tokens,
                broke=self.hear_broken,
                answered=self.hear_answered,
                api=Api(
                    board=self.board,
                    clock=self.clock,
                    store=self.store,
                    book=self.book,
                    ward=self.ward,
                    hub=self.hub,
                    run=self.run,
                    probe=self.probe,
                    reload=self.reload,
                    external_url=lambda: self.external_url,
                    rates=rates,
                    recovery=recovery,
                    alerts=alerts,
                ),
            )
        )

    @asynccontextmanager
    async def client(
        self, name: str = "", **more: str
    ) -> AsyncIterator[httpx.AsyncClient]:
        """Talk to the application, with a token if one is named."""
        transport = httpx.ASGITransport(
            self.app, raise_app_exceptions=False, client=("127.0.0.1", 5)
        )
        async with httpx.AsyncClient(
            transport=transport,
            base_url="http://localhost:10777",
            headers={**(bearer(name) if name else {}), **more},
        ) as client:
            yield client

    def see(
        self,
        key: CheckKey = STATUS,
        health: Health = Health.HEALTHY,
        reading: Reading | None = READING,
        *,
        reason: str = "",
    ) -> Looked:
        """Look, judge, post and tell, as the watch does."""
        check = self.checks[key]
        seen = Observation(
            key=key,
            probe=check.kind,
            at=self.clock.now(),
            duration=0.012,
            health=health,
            because=f"it is {health.value}",
            reason=reason,
            reading=reading,
        )
        track, changed = judge(
            self.board.entry(key).track, seen, check.patience
        )
        self.board.post(check, seen, track)
        looked = Looked(check=check, seen=seen, track=track, changed=changed)
        self.hub.heard(looked)
        return looked

    async def run(self, key: CheckKey) -> Looked | None:
        await self.gate.wait()
        if self.fails:
            raise self.fails
        if self.held_back:
            skipped = Skipped(
                check=self.checks[key],
                reason=self.held_back,
                because=f"held back: {self.held_back}",
                at=self.clock.now(),
            )
            self.board.skip(skipped)
            return None
        self.ran.append(key)
        return self.see(key)

    async def probe(self, key: CheckKey, within: float) -> Observation:
        self.asked.set()
        await self.gate.wait()
        self.probed.append((key, within))
        if self.fails:
            raise self.fails
        return Observation(
            key=key,
            probe=self.checks[key].kind,
            at=self.clock.now(),
            duration=0.025,
            health=Health.HEALTHY,
            because="answered 200 in 0.025 s",
            reading=READING,
        )

    async def reload(self) -> Reloaded:
        await self.gate.wait()
        if self.fails:
            raise self.fails
        self.reloads += 1
        return Reloaded(
            at=utc(self.clock.now()),
            targets=2,
            hosts=1,
            checks=3,
            added=(),
            changed=("studio",),
            removed=(),
        )


def _check(key: CheckKey, clock: FakeClock) -> Check:
    kind = key.check.partition(".")[0]
    return Check(
        key=key,
        kind=kind,
        probe=FakeProbe(clock, key),
        interval=30.0,
        timeout=5.0,
        deadline=7.0,
    )
