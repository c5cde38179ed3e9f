"""What a line of FaceFusion's log means: texts of every version."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.joblog.kinds import (
    KINDS,
    WORDS,
    LogKind,
    classify,
    is_bad,
    suggested,
)

ORT = "[E:onnxruntime:Default, provider_bridge_ort.cc:2195 "
LINES = [
    (
        "oom_killed",
        "facefusion.service: Failed with result 'oom-kill'.",
    ),
    (
        "oom_killed",
        (
            "facefusion.service: A process of this unit has been killed by the"
            " OOM killer."
        ),
    ),
    (
        "out_of_memory",
        (
            "[E:onnxruntime:, sequential_executor.cc:516 ExecuteKernel]"
            " Non-zero status code returned while running Conv node."
            " bfc_arena.cc:376 Failed to allocate memory for requested"
            " buffer of size 75497472"
        ),
    ),
    (
        "out_of_memory",
        (
            "CUDA failure 2: out of memory ; GPU=0 ; hostname=box ;"
            " file=/onnxruntime_src/cuda_allocator.cc ; line=45 ;"
        ),
    ),
    (
        "out_of_memory",
        "CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0",
    ),
    ("out_of_memory", "torch.cuda.OutOfMemoryError: no more"),
    ("host_memory_exhausted", "MemoryError"),
    (
        "host_memory_exhausted",
        "numpy: Unable to allocate 24.9 MiB for an array with shape (3,)",
    ),
    (
        "host_memory_exhausted",
        "terminate called after throwing an instance of 'std::bad_alloc'",
    ),
    (
        "cuda_unavailable",
        "CUDA failure 35: CUDA driver version is insufficient for runtime",
    ),
    ("cuda_unavailable", "CUDA failure 100: no CUDA-capable device found"),
    (
        "cuda_unavailable",
        "Failed to initialize NVML: Driver/library version mismatch",
    ),
    (
        "cuda_fault",
        "CUDA failure 700: an illegal memory access was encountered ; GPU=0",
    ),
    ("cuda_fault", "CUDA failure 500: named symbol not found ; GPU=0"),
    ("cuda_fault", "CUDNN failure 4: CUDNN_STATUS_INTERNAL_ERROR ; GPU=0"),
    (
        "tensorrt_fallback",
        (
            "Falling back to ['CUDAExecutionProvider', 'CPUExecutionProvider']"
            " and retrying."
        ),
    ),
    (
        "tensorrt_fallback",
        (
            f"{ORT}TryGetProviderInfo_TensorRT] Failed to load library"
            " libonnxruntime_providers_tensorrt.so"
        ),
    ),
    (
        "cpu_fallback",
        "Falling back to ['CPUExecutionProvider'] and retrying.",
    ),
    (
        "cpu_fallback",
        (
            f"{ORT}TryGetProviderInfo_CUDA] [ONNXRuntimeError] : 1 : FAIL :"
            " Failed to load library libonnxruntime_providers_cuda.so with"
            " error: libcublasLt.so.12: cannot open shared object file"
        ),
    ),
    (
        "cpu_fallback",
        (
            "[W:onnxruntime:Default, state.cc:870] Failed to create"
            " CUDAExecutionProvider. Require cuDNN 9.* and CUDA 12.*"
        ),
    ),
    (
        "model_files_corrupt",
        "[FACEFUSION.DOWNLOAD] validating hash for gfpgan_1.4 failed",
    ),
    (
        "model_files_corrupt",
        "[FACEFUSION.DOWNLOAD] Validating source for inswapper_128 failed",
    ),
    (
        "model_files_corrupt",
        "[FACEFUSION.DOWNLOAD] deleting corrupt source for inswapper_128",
    ),
    (
        "model_files_corrupt",
        (
            "[FACEFUSION.FRAME.PROCESSORS.FACE_SWAPPER] File of the model"
            " is not present!"
        ),
    ),
    (
        "model_files_corrupt",
        (
            "[ONNXRuntimeError] : 7 : INVALID_PROTOBUF : Load model from"
            " x.onnx failed:Protobuf parsing failed."
        ),
    ),
    (
        "model_load_failed",
        "[FACEFUSION.INFERENCE_MANAGER] loading model gfpgan_1.4 failed",
    ),
    (
        "model_load_failed",
        (
            "[ONNXRuntimeError] : 1 : FAIL : Load model from x.onnx failed:"
            "Unsupported model IR version: 10"
        ),
    ),
    (
        "dependency_missing",
        "[FACEFUSION.CORE] ffmpeg is not installed",
    ),
    ("dependency_missing", "[FACEFUSION.CORE] FFMpeg is not installed!"),
    ("dependency_missing", "[FACEFUSION.CORE] cURL is not installed"),
    ("dependency_missing", "ModuleNotFoundError: No module named 'cv2'"),
    (
        "dependency_missing",
        "ImportError: libGL.so.1: cannot open shared object file",
    ),
    (
        "dependency_missing",
        (
            "facefusion.py run: error: argument --execution-providers: invalid"
            " choice: 'cuda' (choose from 'cpu')"
        ),
    ),
    (
        "settings_invalid",
        "facefusion.py: error: unrecognized arguments: --web-server-port",
    ),
    (
        "settings_invalid",
        "error: argument --face-enhancer-blend: invalid int value: '1.0'",
    ),
    (
        "port_in_use",
        "OSError: Cannot find empty port in range: 7860-7860. You can",
    ),
    ("port_in_use", "[Errno 98] error while: address already in use"),
    (
        "localhost_blocked",
        "ValueError: When localhost is not accessible, a shareable link",
    ),
    ("disk_full", "OSError: [Errno 28] No space left on device"),
    ("download_failed", "curl: (6) Could not resolve host: github.com"),
    (
        "download_failed",
        (
            "[FACEFUSION.FRAME.PROCESSORS.FACE_ENHANCER] Download of the"
            " model is not done!"
        ),
    ),
    ("crashed", "facefusion.service: Failed with result 'signal'."),
    ("crashed", "Fatal Python error: Segmentation fault"),
    ("no_face", "[FACEFUSION.FACE_SWAPPER] no source face detected!"),
    ("no_face", "[FACEFUSION.FACE_SWAPPER] No source face detected"),
    (
        "input_rejected",
        "[FACEFUSION.FACE_SWAPPER] choose an image for the source!",
    ),
    (
        "input_rejected",
        "[FACEFUSION.CORE] Choose a image or video for the target",
    ),
    (
        "input_rejected",
        "[FACEFUSION.FACE_SWAPPER] Select a image for source path!",
    ),
    (
        "input_rejected",
        "[FACEFUSION.CORE] match the target and output extension!",
    ),
    (
        "job_succeeded",
        (
            "[FACEFUSION.IMAGE_TO_IMAGE] processing to image succeeded in 1.23"
            " seconds"
        ),
    ),
    (
        "job_succeeded",
        "[FACEFUSION.TO_IMAGE] processing to image succeeded in 2 seconds",
    ),
    (
        "job_succeeded",
        "[FACEFUSION.CORE] Processing to video succeed in 61.20 seconds",
    ),
    ("job_failed", "[FACEFUSION.CORE] Processing to image failed"),
    ("job_failed", "[FACEFUSION.IMAGE_TO_VIDEO] processing to video failed"),
    (
        "queued_job_failed",
        "[FACEFUSION.CORE] processing of job ui-2026-01-01-10-00-00 failed",
    ),
    ("queued_job_failed", "[FACEFUSION.CORE] Processing of all jobs failed"),
    ("media_failed", "[FACEFUSION.CORE] Temporary frames not found"),
    ("media_failed", "[FACEFUSION.FFMPEG] merging video failed"),
    ("job_stopped", "[FACEFUSION.CORE] processing stopped"),
    (
        "client_gone",
        (
            "h11._util.LocalProtocolError: Too little data for declared"
            " Content-Length"
        ),
    ),
    ("client_gone", "starlette.requests.ClientDisconnect"),
    ("gradio_error", "gradio.exceptions.Error: 'Value is not in the list'"),
    (
        "onnxruntime_error",
        "[E:onnxruntime:, sequential_executor.cc:516] Non-zero status code",
    ),
    (
        "onnxruntime_error",
        "[ONNXRuntimeError] : 2 : INVALID_ARGUMENT : Got invalid dimensions",
    ),
    ("server_started", "* Running on local URL:  http://127.0.0.1:7860"),
    ("server_started", "[FACEFUSION.API] started API on 127.0.0.1:8000"),
    ("", ""),
    ("", "[FACEFUSION.DOWNLOAD] validating hash for gfpgan_1.4 succeeded"),
    ("", "[FACEFUSION.INFERENCE_MANAGER] loading model x succeeded in 2 s"),
    ("", "[FACEFUSION.CORE] processing of job ui-1 succeeded"),
    ("", "processing:  45%|####  | 45/100 [00:01<00:02, 30frame/s]"),
    (
        "",
        (
            "[E:onnxruntime:Default, env.cc:254] pthread_setaffinity_np failed"
            " for thread: 123"
        ),
    ),
    ("", "*************** EP Error ***************"),
]


@pytest.mark.parametrize(("kind", "line"), LINES)
def test_a_line_means_what_the_facts_say(kind: str, line: str) -> None:
    assert classify(line) == kind
    assert classify(line.upper()) == kind


def test_every_kind_with_texts_has_a_line_here() -> None:
    shown = {kind for kind, _ in LINES}

    assert {k.word for k in KINDS if k.texts} == shown - {""}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.word)
def test_every_text_of_a_kind_is_recognised_as_it_or_a_kind_before(
    kind: LogKind,
) -> None:
    place = WORDS.index(kind.word)

    for words in kind.texts:
        found = classify(" x ".join(words))

        assert WORDS.index(found) <= place
        assert "".join(words) == "".join(words).casefold()


def test_words_are_fit_for_labels_and_each_its_own() -> None:
    assert len(set(WORDS)) == len(WORDS)
    assert all(word.isascii() and word.isidentifier() for word in WORDS)


@pytest.mark.parametrize(
    ("kind", "bad", "suggests"),
    [
        ("out_of_memory", True, "gpu_memory_exhausted"),
        ("cuda_unavailable", True, "driver_mismatch"),
        ("model_files_corrupt", True, "model_files_corrupt"),
        ("traceback", False, "processing_failed"),
        ("onnxruntime_error", False, "processing_failed"),
        ("job_failed", False, "processing_failed"),
        ("no_face", False, ""),
        ("job_succeeded", False, ""),
        ("never heard of", False, ""),
    ],
)
def test_a_kind_says_whether_it_is_bad_and_what_it_suggests(
    kind: str, *, bad: bool, suggests: str
) -> None:
    assert is_bad(kind) is bad
    assert suggested(kind) == suggests


@pytest.mark.parametrize(
    "line",
    [
        'INFO: 192.0.2.7:5 - "GET /MemoryError HTTP/1.1" 404 Not Found',
        '192.0.2.7 - - [x] "GET /bfc_arena.cc HTTP/2.0" 404 9 "-" "curl: ("',
    ],
)
def test_what_a_stranger_asks_for_is_no_trouble(line: str) -> None:
    assert classify(line) == ""


def test_the_words_of_a_text_must_come_in_their_order() -> None:
    assert classify("failed: the loading model") == ""


@given(line=st.text(st.characters(exclude_categories=())))
def test_any_line_is_of_a_kind_or_of_none(line: str) -> None:
    assert classify(line) in {"", *WORDS}


@pytest.mark.parametrize(
    "piece",
    ["a", " ", "processing to ", "loading model ", "choose a", "İ", "\udc80"],
)
def test_a_long_line_takes_no_long_time(piece: str) -> None:
    line = piece * 2_000_000

    begun = time.process_time()
    for _ in range(10):
        classify(line)

    assert time.process_time() - begun < 0.5


def test_what_comes_after_two_thousand_characters_is_not_looked_at() -> None:
    full = "disk quota exceeded"

    assert classify("x" * (2000 - len(full)) + full) == "disk_full"
    assert classify("x" * (2001 - len(full)) + full) == ""
