"""What is known about a server when a canary sets out."""

from dataclasses import dataclass

from monitor.domain.canary.baseline import Baseline


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a run is judged by, beside its plan.

    `gpu` is the GPU's model and `version` the server's, empty when nobody
    knows. `baseline` is what the job usually takes there. `cold` says that
    the server has not done this job since it started: it loads the model
    first. `busy` says what else it does, empty when nothing is known.
    `frozen` keeps the run out of the baseline: planned work, or a server
    that is unhealthy.
    """

    gpu: str = ""
    version: str = ""
    baseline: Baseline | None = None
    cold: bool = False
    busy: str = ""
    frozen: bool = False


NOTHING_KNOWN = Circumstances()
