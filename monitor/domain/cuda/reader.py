"""What a gate's answer says about CUDA, as far as it can be read."""

from monitor.domain.cuda.reading import CudaReading, Package
from monitor.domain.machine.answered import Answered
from monitor.domain.wire import Part

_PACKAGES = 64
_WORDS = 64
_WORD_LIMIT = 128
_PATH_LIMIT = 4096


def read_cuda(told: Answered) -> CudaReading:
    """Return what the part cuda says; never raises."""
    part = told.part("cuda")
    if part is None:
        return CudaReading(gaps=told.gaps)
    return CudaReading(
        nvcc=_text(told, part, "nvcc", _WORD_LIMIT),
        pid=told.kept(part.name, "pid", lambda: part.maybe_whole("pid")),
        python=_text(told, part, "python", _PATH_LIMIT),
        packages=told.each(part, "packages", _package, most=_PACKAGES),
        providers=_words(told, part, "providers"),
        loaded=_words(told, part, "loaded"),
        devices=_words(told, part, "devices"),
        gaps=told.gaps,
    )


def _text(told: Answered, part: Part, key: str, limit: int) -> str:
    found = told.kept(
        part.name, key, lambda: part.maybe_text(key, limit=limit)
    )
    return found or ""


def _words(told: Answered, part: Part, key: str) -> tuple[str, ...] | None:
    return told.kept(
        part.name,
        key,
        lambda: part.maybe_texts(key, limit=_WORD_LIMIT, most=_WORDS),
    )


def _package(part: Part) -> Package:
    return Package(
        name=part.text("name", limit=_WORD_LIMIT),
        version=part.text("version", limit=_WORD_LIMIT),
    )
