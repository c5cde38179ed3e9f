"""What a line of FaceFusion's log means, by the words it holds.

The texts are those of FaceFusion 2.x to 3.8, of the libraries below it and
of systemd (facts/facefusion.md §3.5, §3.6, §4). No expressions are matched,
only words looked for in their order, whatever their case: a line of any
content takes a bounded time. Python's tracebacks span lines; `traceback`
decides about those.
"""

from dataclasses import dataclass

LINE_LIMIT = 2000
"""Characters of a line that are looked at; the gate cuts there too."""
TRACEBACK = "traceback"
"""An exception that nobody handled, and that no other kind explains."""

Words = tuple[str, ...]
"""Texts that a line holds one after the other, in lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogKind:
    """One meaning that a line may have.

    `bad` tells of trouble that needs no user's mistake to explain it.
    `suggests` is the cause of DESIGN §4.6 that it is evidence for, empty
    for none. `texts` are the alternatives by which it is recognised and
    `source` where they are written down.
    """

    word: str
    bad: bool
    suggests: str
    source: str
    texts: tuple[Words, ...]


def _kind(
    word: str,
    suggests: str,
    source: str,
    *texts: str | Words,
    bad: bool = True,
) -> LogKind:
    return LogKind(
        word=word,
        bad=bad,
        suggests=suggests,
        source=source,
        texts=tuple((t,) if isinstance(t, str) else t for t in texts),
    )


_HARMLESS: tuple[Words, ...] = (
    ("pthread_setaffinity_np failed",),
    ("gpu device discovery failed",),
    ('"', " http/", '" '),
)
"""ONNX Runtime calls the first errors in most containers; nothing is wrong.
The last is a line of an access log: strangers choose what they ask for."""

KINDS: tuple[LogKind, ...] = (
    _kind(
        "oom_killed",
        "oom_killed",
        "systemd.service(5), Result=",
        "failed with result 'oom-kill'",
        "killed by the oom killer",
    ),
    _kind(
        "out_of_memory",
        "gpu_memory_exhausted",
        "§3.5 CUDA OOM; §4 no. 5",
        "cuda failure 2:",
        "failed to allocate memory for requested buffer",
        "bfc_arena.cc",
        "cublas_status_alloc_failed",
        "cudnn_status_alloc_failed",
        "cuda_error_out_of_memory",
        "cudaerrormemoryallocation",
        "outofmemoryerror",
        "error code 2: outofmemory",
        ("cuda", "out of memory"),
    ),
    _kind(
        "host_memory_exhausted",
        "host_overloaded",
        "Python, numpy, libstdc++",
        "memoryerror",
        "std::bad_alloc",
        "cannot allocate memory",
        ("unable to allocate", "for an array"),
    ),
    _kind(
        # a new process cannot use the GPU either: no case for a restart
        "cuda_unavailable",
        "driver_mismatch",
        "CUDA runtime API, cudaError; facts/gpu.md §2",
        "cuda failure 35:",
        "cuda failure 100:",
        "cuda failure 101:",
        "cuda failure 802:",
        "cuda failure 803:",
        "cuda failure 804:",
        "no cuda-capable device",
        "cuda driver version is insufficient",
        "failed to initialize nvml",
    ),
    _kind(
        "cuda_fault",
        "cuda_fault",
        "§3.5 CUDA fatal; §4 no. 4 and 17",
        "cuda failure ",
        "cudnn failure ",
        "cublas failure ",
        "illegal memory access",
        "illegal instruction was encountered",
        "unspecified launch failure",
        "device-side assert",
        "misaligned address",
        "named symbol not found",
        "cuda error:",
        "cuda_error_",
        "cudnn_status_",
        "cublas_status_",
    ),
    _kind(
        "tensorrt_fallback",
        "",
        "§3.5 silent fallback: from TensorRT to CUDA",
        ("falling back to", "cudaexecutionprovider"),
        "libonnxruntime_providers_tensorrt",
        "trygetproviderinfo_tensorrt",
        "failed to create tensorrtexecutionprovider",
        bad=False,
    ),
    _kind(
        "cpu_fallback",
        "cpu_fallback",
        "§3.5 silent CPU fallback; §4 no. 1 and 2",
        ("falling back to", "cpuexecutionprovider"),
        "trygetproviderinfo_cuda",
        "failed to load library libonnxruntime_providers",
        "failed to create cudaexecutionprovider",
    ),
    _kind(
        "model_files_corrupt",
        "model_files_corrupt",
        "§3.5 hash and download; §4 no. 8",
        ("validating hash for", "failed"),
        ("validating source for", "failed"),
        "deleting corrupt source for",
        "file of the model is not present",
        "invalid_protobuf",
        "protobuf parsing failed",
        "no_suchfile",
    ),
    _kind(
        # FaceFusion ends itself then; memory or a broken file, or both
        "model_load_failed",
        "process_down",
        "§3.5 model load, 3.4 and later",
        ("loading model", "failed"),
        ("load model from", "failed"),
    ),
    _kind(
        "dependency_missing",
        "dependency_missing",
        "§3.4; §4 no. 2, 3 and 10",
        "ffmpeg is not installed",
        "ffprobe is not installed",
        "curl is not installed",
        "no such file or directory: 'ffmpeg'",
        "no such file or directory: 'ffprobe'",
        "conda is not activated",
        "python version is not supported",
        "cannot open shared object file",
        "modulenotfounderror",
        "importerror",
        ("processor", "could not be loaded"),
        "invalid choice: 'cuda'",
        "invalid choice: 'tensorrt'",
    ),
    _kind(
        "settings_invalid",
        "crash_loop",
        "§0, §1.3, §3.4: argparse, exit code 2",
        "unrecognized arguments",
        "invalid choice",
        ("error: argument ", "invalid"),
        ("ui layout", "could not be loaded"),
    ),
    _kind(
        "port_in_use",
        "port_drift",
        "§1.3; §4 no. 14",
        "cannot find empty port",
        "address already in use",
    ),
    _kind(
        "localhost_blocked",
        "queue_stuck",
        "§4 no. 15",
        "localhost is not accessible",
    ),
    _kind(
        "disk_full",
        "disk_full",
        "§4 no. 11 and 12; ENOSPC, EDQUOT",
        "no space left on device",
        "disk quota exceeded",
    ),
    _kind(
        "download_failed",
        "not_listening",
        "§3.6 a; §4 no. 9; curl(1)",
        "download of the model is not done",
        "curl: (",
        "could not resolve host",
        "temporary failure in name resolution",
        "max retries exceeded with url",
        "<urlopen error",
    ),
    _kind(
        "crashed",
        "process_down",
        "CPython, glibc, systemd.service(5)",
        "fatal python error",
        "segmentation fault",
        "terminate called after throwing",
        "core dumped",
        "failed with result '",
    ),
    _kind(
        "no_face",
        "",
        "§3.5 missing source",
        "no source face detected",
        bad=False,
    ),
    _kind(
        "input_rejected",
        "",
        "§3.5 missing source or target; 2.x says select",
        ("choose a", "for the source"),
        ("choose a", "for the target"),
        ("select a", "for source path"),
        ("select a", "for target path"),
        "match the target and output extension",
        "specify the output image or video",
        bad=False,
    ),
    _kind(
        "job_succeeded",
        "",
        "§3.3 success line; succeed up to 3.4",
        ("processing to ", " succeed"),
        bad=False,
    ),
    _kind(
        "job_failed",
        "processing_failed",
        "§3.3",
        ("processing to ", " failed"),
        bad=False,
    ),
    _kind(
        # beside `job_failed`, which it may follow for the same work
        "queued_job_failed",
        "processing_failed",
        "§3.2 jobs",
        ("processing of ", "job", " failed"),
        bad=False,
    ),
    _kind(
        "media_failed",
        "processing_failed",
        "§4 no. 11",
        "temporary frames not found",
        "extracting frames failed",
        "spawning frames failed",
        "merging video failed",
        "copying image failed",
        "compressing image failed",
        bad=False,
    ),
    _kind("job_stopped", "", "§3.8", "processing stopped", bad=False),
    _kind(
        "client_gone",
        "",
        "Gradio, h11: users who close their browser",
        "clientdisconnect",
        "too little data for declared content-length",
        "connectionreseterror",
        "brokenpipeerror",
        "cancellederror",
        "keyboardinterrupt",
        bad=False,
    ),
    _kind(
        "gradio_error",
        "",
        "Gradio: what it shows to a user",
        "gradio.exceptions.",
        bad=False,
    ),
    _kind(
        # one odd picture is enough for it, and for a traceback
        "onnxruntime_error",
        "processing_failed",
        "§3.3 severity ERROR",
        "[onnxruntimeerror]",
        "[e:onnxruntime",
        bad=False,
    ),
    _kind(
        "server_started",
        "",
        "§3.8; v4 says API",
        "running on local url",
        "started api on",
        bad=False,
    ),
    _kind(TRACEBACK, "processing_failed", "CPython", bad=False),
)
"""Every kind of line, the first that fits counts."""

WORDS: tuple[str, ...] = tuple(kind.word for kind in KINDS)
"""The words of all kinds, for counters that start at 0."""
_BY_WORD = {kind.word: kind for kind in KINDS}
_IN_ORDER = (
    *((words[0], words[1:], "") for words in _HARMLESS),
    *(
        (words[0], words[1:], kind.word)
        for kind in KINDS
        for words in kind.texts
    ),
)
"""(first words, the others, kind): flat, for lines come by the thousand."""


def classify(line: str) -> str:
    """Return the word of a line's kind, empty for a line of no meaning."""
    text = line[:LINE_LIMIT].casefold()
    for first, rest, kind in _IN_ORDER:
        if first in text and (not rest or _holds(text, (first, *rest))):
            return kind
    return ""


def is_bad(word: str) -> bool:
    """Return whether a kind tells of trouble; False for unknown words."""
    kind = _BY_WORD.get(word)
    return kind is not None and kind.bad


def suggested(word: str) -> str:
    """Return the cause that a kind is evidence for, empty for none."""
    kind = _BY_WORD.get(word)
    return kind.suggests if kind is not None else ""


def _holds(text: str, words: Words) -> bool:
    place = 0
    for word in words:
        found = text.find(word, place)
        if found < 0:
            return False
        place = found + len(word)
    return True
