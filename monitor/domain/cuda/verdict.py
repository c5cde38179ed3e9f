"""Whether a service can use a GPU at all, by what is installed for it."""

from monitor.domain.cuda.reading import CudaReading, Package
from monitor.domain.health import Health
from monitor.domain.machine.finding import Verdict
from monitor.domain.machine.words import gap_notes

_RUNTIME = "onnxruntime"
_GPU_BUILD = "onnxruntime-gpu"
_CUDA = "cuda"
_NEEDED = ("packages", "python", "")
"""What of the part cuda must be known for a verdict."""


def judge_cuda(reading: CudaReading) -> Verdict:
    """Return the verdict on one look.

    Reasons: no_onnxruntime, no_gpu_build, no_cuda_provider (degraded: a
    server without them works on the CPU), unseen (unknown). A process that
    has no GPU open is told and is no fault: models are loaded with the
    first job.
    """
    if reading.packages is None:
        return Verdict(
            health=Health.UNKNOWN,
            because=_why_unseen(reading),
            reason="unseen",
        )
    runtimes = [one for one in reading.packages if _is_runtime(one)]
    if not runtimes:
        return _degraded(
            "no_onnxruntime",
            f"no onnxruntime is installed in {reading.python}",
        )
    if [one.name for one in runtimes] == [_RUNTIME]:
        return _degraded(
            "no_gpu_build",
            f"onnxruntime without GPU build ({_named(runtimes[0])}): install"
            " onnxruntime-gpu in its place",
        )
    has_cuda_build = any(one.name == _GPU_BUILD for one in runtimes)
    providers = reading.providers
    if has_cuda_build and providers is not None and _CUDA not in providers:
        return _degraded(
            "no_cuda_provider",
            "no CUDA provider library lies beside onnxruntime: install"
            " onnxruntime-gpu again",
        )
    named = ", ".join(map(_named, runtimes))
    return Verdict(health=Health.HEALTHY, because=f"{named} is installed")


def _is_runtime(package: Package) -> bool:
    return package.name.split("-", 1)[0] == _RUNTIME


def _why_unseen(reading: CudaReading) -> str:
    notes = gap_notes(
        tuple(gap for gap in reading.gaps if gap.what in _NEEDED)
    )
    return "; ".join(notes) or "cannot tell which packages it uses"


def _named(package: Package) -> str:
    return f"{package.name} {package.version}"


def _degraded(reason: str, because: str) -> Verdict:
    return Verdict(health=Health.DEGRADED, because=because, reason=reason)
