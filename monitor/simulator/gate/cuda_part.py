"""The part `cuda`: what FaceFusion has here to use a GPU with."""

from collections.abc import Callable, Mapping

from monitor.simulator.gate.site import Answer, Question, Site
from monitor.simulator.gate.watching import is_there
from monitor.simulator.machine.world import DIRECTORY

PYTHON = f"{DIRECTORY}/venv/bin/python"
_NVCC = "12.8.93"
_PACKAGES = {
    "nvidia-cublas-cu12": "12.8.4.1",
    "nvidia-cudnn-cu12": "9.10.2.21",
    "onnxruntime-gpu": "1.24.4",
}
_ON_CPU = {"onnxruntime": "1.24.4"}
"""A build without CUDA: why FaceFusion works on the CPU."""
_PROVIDERS = ["cuda", "tensorrt"]
_HIDDEN = (("loaded", "has loaded"), ("devices", "has open"))


def cuda(
    site: Site, question: Question, gap: Callable[[str, str], None]
) -> Answer:
    """Return it as somebody else than FaceFusion's user may see it."""
    is_ours = is_there(question)
    process = site.world.service.process if is_ours else None
    if process is not None:
        for what, does in _HIDDEN:
            gap(
                what,
                f"cannot see what process {process.pid} {does}: that is for"
                " its own user and root",
            )
    if not is_ours:
        gap("python", "cannot tell which Python runs it: it is not here")
    on_cpu = site.faults.is_on("cpu_fallback")
    installed = _ON_CPU if on_cpu else _PACKAGES
    return {
        "nvcc": _NVCC,
        "pid": process.pid if process else None,
        "python": PYTHON if is_ours else None,
        "packages": _told(installed) if is_ours else None,
        "providers": ([] if on_cpu else _PROVIDERS) if is_ours else None,
        "loaded": None,
        "devices": None,
    }


def _told(installed: Mapping[str, str]) -> list[Answer]:
    return [{"name": one, "version": of} for one, of in installed.items()]
