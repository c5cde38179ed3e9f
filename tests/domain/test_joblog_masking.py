"""Evidence tells what broke, and nothing that belongs to users."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.domain.joblog.masking import EVIDENCE_LIMIT, mask

HOME = "/opt/facefusion"
ORT = (
    "[E:onnxruntime:Default, provider_bridge_ort.cc:2195"
    " TryGetProviderInfo_CUDA]"
)


@pytest.mark.parametrize(
    "line",
    [
        "[FACEFUSION.CORE] processing to image succeeded in 1.2 seconds",
        'File "/opt/facefusion/facefusion/core.py", line 3, in main',
        "[FACEFUSION.DOWNLOAD] validating hash for gfpgan_1.4 failed",
        "cannot load /opt/facefusion/.assets/models/gfpgan_1.4.onnx",
        (
            f"{ORT} Failed to load library libonnxruntime_providers_cuda.so"
            " with error: libcublasLt.so.12: cannot open shared object file"
        ),
        "Failed to load /usr/lib/x86_64-linux-gnu/libcuda.so.1",
        "/dev/nvidia0: Permission denied",
        "Running on local URL: http://127.0.0.1:7860",
        "see http://127.0.0.1:7860/ and http://a/api/v1/status",
        'INFO: 10.0.0.1:4 - "POST /api/v1/enhance-face HTTP/1.1" 500',
        "processing of job ui-2026-11-22-11-09-32 failed",
        "read/write of N/A, 24/25 and/or more",
        "in /opt/facefusion: no such thing",
        "",
    ],
)
def test_what_helps_on_call_stays(line: str) -> None:
    assert mask(line, HOME) == line


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "No such file: '/tmp/gradio/ab/Ann Smith.jpg'",
            "No such file: '***.jpg'",
        ),
        ('"/srv/Ann\'s day.png" is broken', '"***.png" is broken'),
        ("'/home/ann/My Pho", "'***"),
        ("/home/ann/My Photos/Ann, Smith.JPG: bad", "***.JPG: bad"),
        (
            "[FACEFUSION.CORE] Ann (2).mp4 failed",
            "[FACEFUSION.CORE] ***.mp4 failed",
        ),
        ("output/ann smith/x.webp", "***.webp"),
        ("~/pictures/ann", "***"),
        ("../ann/x.png", "***.png"),
        (r"C:\Users\ann\My x.jpg", "***.jpg"),
        ("/opt/facefusion/out/ann.png", "/opt/facefusion/***.png"),
        ("/opt/facefusion/out/ann", "/opt/facefusion/***"),
        ("/opt/facefusionist/ann", "***"),
        ("/usr/share/ann.png", "***.png"),
        ("/home/ann/.ssh/id", "***"),
        (
            'File "/home/ann/venv/site-packages/ort/x.py", line 3',
            'File "***/site-packages/ort/x.py", line 3',
        ),
        ('File "/home/ann/x.py", line 3', 'File "***/x.py", line 3'),
        ("at /home/ann/ff/gfpgan_1.4.onnx", "at ***/gfpgan_1.4.onnx"),
        ("cp a.png b.png", "***.png***.png"),
        ("write to ann@example.org now", "write to ***@*** now"),
        ("http://u:p@h:80/a/b.jpg?x=1", "http://***@h:80/***.jpg"),
        ("https://h/x/gfpgan.onnx#top", "https://h/***/gfpgan.onnx"),
        ("file:///home/ann", "file:///***"),
        ("http://h?token=1", "http://h"),
        ("got hf_abcdefghijklmnopqrst", "got ***"),
        ("as eyJhbGciOiJIUzI1NiJ9.eyJzdWI.sss", "as ***"),
        (f"id {'a1' * 16} x", "id *** x"),
        ("password=hunter2 x", "password=*** x"),
        ("Ann.mpeg, Ann.mxf, Ann.dfm", "***.mpeg***.mxf***.dfm"),
        ("No space: '/dev/shm/facefusion/ann'", "No space: '***'"),
        ("/usr/home/ann/x", "***"),
        ("see /proc/12/root/home/ann/x", "see ***"),
        ("/etc/../home/ann and /opt/facefusion/../ann/x.py", "*** and ***"),
        ("cannot open '/mnt/ann/o'brien/x' now", "cannot open '***' now"),
        ("/home/ann smith/My files/x done", "*** done"),
        ("file:///srv/ann smith/x", "file:///***"),
        ("~ann/pics, source!/home/ann", "***, ***"),
        ("/home/ann(1)/b, /home/ann,b/c;", "***, ***;"),
        ("loading model custom/ann failed", "loading model custom/*** failed"),
        ("/srv/core/bfc_arena.cc:376 void*", "***/bfc_arena.cc:376 void*"),
        ("\x1b[31mred\x1b[0m\ttext", "red text"),
    ],
)
def test_what_belongs_to_users_is_masked(line: str, told: str) -> None:
    assert mask(line, HOME) == told


def test_without_an_installation_no_path_is_ours() -> None:
    line = "/opt/facefusion/out/ann.png and /opt/facefusion/core/x.py"

    assert mask(line) == "***.png and ***/x.py"
    assert mask("/opt/facefusion/core/x.py", f"{HOME}/") == (
        "/opt/facefusion/core/x.py"
    )


NAMES = st.lists(
    st.text("abcdefgäéßЖ日XYZ0189_-", min_size=2, max_size=8),
    min_size=1,
    max_size=4,
)
SHAPES = st.sampled_from(
    [
        "{}",
        "[FACEFUSION.CORE] reading {} failed",
        "/home/u/{}: Invalid data found",
        "reading '/home/u/{}' failed",
        'FileNotFoundError: [Errno 2] No such file: "{}"',
        "in/{}, out.png",
        "file:///srv/{}",
        "-i {} -o x",
        r"C:\u\{} x",
    ]
)


@given(
    names=NAMES,
    shape=SHAPES,
    glue=st.sampled_from([" ", ", ", " (", "/", ""]),
    extension=st.sampled_from(["png", "JPG", "mp4", "json", "webm"]),
)
@example(names=["a-", "b"], shape="{}", glue="/", extension="png")
@example(names=["Ann", "1)"], shape="{}", glue=" (", extension="png")
def test_no_part_of_a_users_file_name_is_ever_told(
    names: list[str], shape: str, glue: str, extension: str
) -> None:
    secret = [f"zq{name}" for name in names]
    line = shape.format(f"{glue.join(secret)}.{extension}")

    told = mask(line, HOME)

    assert not [part for part in secret if part in told]
    assert f".{extension}" in told


@given(
    line=st.text(st.characters(exclude_categories=()), max_size=300),
    home=st.sampled_from(["", "/", HOME, "relative"]),
)
def test_any_line_becomes_one_short_printable_line(
    line: str, home: str
) -> None:
    told = mask(line, home)

    assert len(told) <= EVIDENCE_LIMIT
    assert told.isprintable()
    assert told == told.strip()


def test_a_long_line_is_cut() -> None:
    assert len(mask("word " * 10_000)) == EVIDENCE_LIMIT


@pytest.mark.parametrize(
    "piece",
    [
        *("/", "a@", "a", "a.jpg", "'/", "'", "a-1", "://", "ht://", "] "),
        *("~/a ", "~a", "!a/", "/a b/", "/a HTTP/", "(/", "custom/", "/a:b"),
    ],
)
def test_a_long_line_takes_no_long_time(piece: str) -> None:
    line = piece * 1_000_000

    begun = time.process_time()
    for _ in range(10):
        mask(line)

    assert time.process_time() - begun < 1
