"""An inbox in memory, that can fail."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from monitor.domain.alerts.alert import Alert, Outcome, Received, Settled
from monitor.domain.alerts.rules import REFUSED_FOR
from monitor.domain.errors import CannotStore


@dataclass
class Row:
    received: Received
    settled: Settled | None = None


@dataclass
class FakeInbox:
    """While `fails` every method does; what was kept stays."""

    fails: bool = False
    rows: dict[tuple[str, str, str], Row] = field(default_factory=dict)

    async def keep(
        self, alerts: Sequence[Alert], *, at: float
    ) -> Sequence[Outcome | None]:
        self._check()
        return [self._keep(one, at) for one in alerts]

    async def pending(self, *, limit: int) -> Sequence[Received]:
        self._check()
        rows = [row for row in self.rows.values() if row.settled is None]
        return [row.received for row in rows][:limit]

    async def settle(self, settled: Sequence[Settled]) -> None:
        self._check()
        by_number = {row.received.number: row for row in self.rows.values()}
        for one in settled:
            by_number[one.number].settled = one

    def _keep(self, alert: Alert, at: float) -> Outcome | None:
        key = (alert.receiver, alert.fingerprint, alert.started)
        before = self.rows.get(key)
        said = before.settled if before is not None else None
        if before is not None and said is not None:
            refused = said.outcome is Outcome.REFUSED
            if said.outcome is Outcome.STALE or (
                refused and at - before.received.at >= REFUSED_FOR
            ):
                before = None
        if alert.is_firing and before is not None:
            return Outcome.DUPLICATE
        if before is None:
            number = len(self.rows) + 1
            one = Received(number=number, alert=alert, at=at)
            before = self.rows[key] = Row(one)
        if alert.is_firing:
            return None
        if before.settled is None:
            before.settled = Settled(
                number=before.received.number,
                outcome=Outcome.RESOLVED,
                because="it is over",
            )
        return Outcome.RESOLVED

    def _check(self) -> None:
        if self.fails:
            raise CannotStore("cannot write the state database: it is full")
