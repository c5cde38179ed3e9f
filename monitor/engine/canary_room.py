"""What is known about canaries while they are watched, in one place."""

from collections.abc import Callable, Iterable

from monitor.domain.canary.baseline import Same
from monitor.domain.canary.budget import Share
from monitor.domain.canary.circumstances import Circumstances
from monitor.domain.canary.plan import CanaryPlan
from monitor.domain.health import Health
from monitor.domain.observation import CheckKey
from monitor.engine.baselines import Baselines
from monitor.engine.board import Board
from monitor.engine.canary_gate import CanaryGate
from monitor.engine.check import never_planned
from monitor.engine.events import Event
from monitor.engine.warmth import Warmth
from monitor.ports import Clock


class CanaryRoom:
    """Baselines, cold starts and the gate, fed with the same events.

    `planned` says whether a check falls into maintenance.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        board: Board,
        warmth: Warmth,
        planned: Callable[[CheckKey], bool] = never_planned,
    ) -> None:
        self._clock = clock
        self._board = board
        self._warmth = warmth
        self._planned = planned
        self._shares: dict[str, Share] = {}
        self.baselines = Baselines()
        self.gate = CanaryGate(clock=clock, board=board)

    def furnish(self, shares: Iterable[Share]) -> None:
        """Take the servers of a configuration that is in force now."""
        self._shares = {share.target: share for share in shares}
        self.gate.furnish(self._shares.values())

    def heard(self, event: Event) -> None:
        """Tell everybody."""
        self.baselines.heard(event)
        self._warmth.heard(event)
        self.gate.heard(event)

    def around(self, key: CheckKey, plan: CanaryPlan) -> Circumstances:
        """Return what is known as a canary sets out."""
        target = key.subject
        server = self._board.server(target)
        gpu, version = self._gpu(target), server.version if server else ""
        same = Same(
            target=target,
            canary=plan.canary,
            operation=plan.operation,
            model=plan.model,
            gpu=gpu,
            version=version,
        )
        health = self._board.health(target, self._clock.now())
        return Circumstances(
            gpu=gpu,
            version=version,
            baseline=self.baselines.find(same),
            cold=self._warmth.is_cold(key),
            busy=self.gate.busy(key),
            frozen=health is Health.UNHEALTHY or self._planned(key),
        )

    def _gpu(self, target: str) -> str:
        """Return the model of the first GPU that a server uses."""
        share = self._shares.get(target)
        if share is None:
            return ""
        known = sorted(
            (card.gpu for card in self._board.gpus(share.host).values()),
            key=lambda gpu: gpu.index,
        )
        for gpu in known:
            if not share.gpus or {gpu.index, gpu.uuid} & set(share.gpus):
                return gpu.name
        return ""
