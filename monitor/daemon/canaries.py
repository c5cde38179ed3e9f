"""Wires a server's canaries: probes, lanes, and how often they repeat."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from monitor.config.sections.canaries import BatchCanary, Canary
from monitor.config.sections.targets import Target
from monitor.daemon.canary_images import (
    SingleCanary,
    below,
    files_for,
    inputs_for,
)
from monitor.daemon.canary_plans import plan_of
from monitor.daemon.tools import Tools
from monitor.domain.canary import batch
from monitor.domain.canary.bounds import longest_look
from monitor.domain.canary.plan import CanaryPlan, check_name
from monitor.domain.judgement import Patience
from monitor.domain.observation import CheckKey, Kind
from monitor.engine.check import Check, Probe
from monitor.ports import Backend, FaceFusion, Http
from monitor.probes.batch import BatchProbe
from monitor.probes.canary import CanaryProbe

AGAIN = 60.0
"""Seconds after which a slow or failed run is repeated (DESIGN §3.5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """What canaries may have beside a server and their tools.

    A batch goes through `backend`; its images are fetched there with
    `backend_http`, or from the server.
    """

    backend: Backend | None = None
    backend_http: Http | None = None


def checks(
    target: Target,
    facefusion: FaceFusion,
    http: Http,
    tools: Tools,
    extras: Extras | None = None,
) -> Iterator[Check]:
    """Return a target's canaries. Raises `ConfigurationError`.

    A batch without a backend, a character or an image there has no check;
    the daemon says so at start.
    """
    wiring = _Wiring(target, facefusion, http, tools, extras or Extras())
    for canary in target.canaries:
        plan = plan_of(target, canary)
        probe = wiring.probe(canary, plan)
        if probe is not None:
            yield _check(target, plan, probe, canary.interval)


def _check(
    target: Target, plan: CanaryPlan, probe: Probe, interval: float
) -> Check:
    return Check(
        key=_key(target, plan),
        kind="canary",
        probe=probe,
        interval=interval,
        timeout=plan.timeout,
        deadline=longest_look(plan) + AGAIN,
        patience=Patience(confirm_interval=min(AGAIN, interval)),
        lane=f"host {target.host}" if target.host else target.name,
        labels=(
            ("canary", plan.canary),
            ("operation", plan.operation.value),
            ("model", plan.model),
        ),
        benchmark=plan.benchmark,
    )


def _key(target: Target, plan: CanaryPlan) -> CheckKey:
    return CheckKey(
        kind=Kind.TARGET, subject=target.name, check=check_name(plan)
    )


@dataclass(frozen=True, slots=True)
class _Wiring:
    """The parts that every canary of one server is made of."""

    target: Target
    facefusion: FaceFusion
    http: Http
    tools: Tools
    extras: Extras

    def probe(self, canary: Canary, plan: CanaryPlan) -> Probe | None:
        """Return what runs it, None for a batch that goes nowhere."""
        if isinstance(canary, BatchCanary):
            return self._batch(plan)
        return self._single(canary, plan)

    def _single(self, canary: SingleCanary, plan: CanaryPlan) -> CanaryProbe:
        key, tools = _key(self.target, plan), self.tools
        return CanaryProbe(
            key=key,
            plan=plan,
            facefusion=self.facefusion,
            files=files_for(self.target, canary, self.http, tools),
            images=tools.images,
            clock=tools.clock,
            inputs=inputs_for(self.target, canary, plan),
            around=partial(tools.around, key, plan),
            on_step=tools.on_step,
        )

    def _batch(self, plan: CanaryPlan) -> BatchProbe | None:
        asked, extras = self.target.backend, self.extras
        if asked is None or not asked.character_id or not asked.image_url:
            return None
        if extras.backend is None or extras.backend_http is None:
            return None
        key, tools = _key(self.target, plan), self.tools
        return BatchProbe(
            key=key,
            plan=plan,
            job=batch.job_for(
                plan,
                character_id=asked.character_id,
                image_url=asked.image_url,
            ),
            backend=extras.backend,
            files=(
                below(asked.url, extras.backend_http, tools),
                below(self.target.url, self.http, tools),
            ),
            images=tools.images,
            clock=tools.clock,
            around=partial(tools.around, key, plan),
            on_step=tools.on_step,
        )
