"""What a look at the CUDA side of a service shows."""

from dataclasses import dataclass

from monitor.domain.machine.reading import Gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """An installed Python package, by its normalised name."""

    name: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CudaReading:
    """One look; None means "not known", and then a gap says why.

    `nvcc` is the version of the CUDA compiler, empty without one, and
    `python` the interpreter that runs the service, empty where not known.
    `providers` are the GPU providers whose libraries lie beside onnxruntime,
    `loaded` the libraries that the process has in its maps, `devices` what
    it has open of the driver's.
    """

    nvcc: str = ""
    pid: int | None = None
    python: str = ""
    packages: tuple[Package, ...] | None = None
    providers: tuple[str, ...] | None = None
    loaded: tuple[str, ...] | None = None
    devices: tuple[str, ...] | None = None
    gaps: tuple[Gap, ...] = ()
