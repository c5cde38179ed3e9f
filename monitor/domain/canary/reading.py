"""What one canary run showed."""

from dataclasses import dataclass
from enum import StrEnum


class Operation(StrEnum):
    """What FaceFusion is asked to do."""

    ENHANCE = "enhance"
    AGE = "age"
    SWAP = "swap"
    BATCH = "batch"


class Result(StrEnum):
    """How a run ended: label `result` of `facefusion_canary_runs_total`."""

    OK = "ok"
    COLD = "cold"
    SLOW = "slow"
    UNVERIFIED = "unverified"
    INVALID_OUTPUT = "invalid_output"
    DECLINED = "declined"
    ERROR = "error"
    TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryReading:
    """One canary run.

    `canary` is the configured name without the `canary.` of its check.
    `model` is empty for age and batch. `duration` is the seconds between
    sending the job and its whole answer, None when no answer came.
    `output_valid` is None when the output image could not be fetched.
    `benchmark` is the (low, high) seconds it is compared with, None where
    there is no benchmark; `ratio` is duration / high. `gpu` and `version`
    are the GPU model and the server version it ran on, empty when nobody
    knew. `baseline` is the median in seconds of the runs before on the same,
    None while there are too few; `counted` says that this run is one of
    those that the next ones are compared with.
    """

    canary: str
    operation: Operation
    model: str
    result: Result
    duration: float | None = None
    output_valid: bool | None = None
    benchmark: tuple[float, float] | None = None
    ratio: float | None = None
    gpu: str = ""
    version: str = ""
    baseline: float | None = None
    counted: bool = False
