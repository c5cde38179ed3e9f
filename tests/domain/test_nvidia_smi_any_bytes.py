"""Whatever a host prints: a reading or one named refusal, and soon."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from monitor.domain.errors import Unreadable
from monitor.domain.gpu.faults import complete
from monitor.domain.gpu.inventory import learn
from monitor.domain.gpu.reading import GpuReading
from monitor.domain.gpu.verdict import judge
from monitor.domain.nvidia_smi import interpret, read
from monitor.domain.nvidia_smi.text import LIMIT

CAPTURES = Path(__file__).parents[1] / "captures" / "nvidia_smi"
OWN = [path.read_bytes() for path in sorted(CAPTURES.iterdir())]
BOUNDED = settings(deadline=timedelta(seconds=2))

SCRAPS = st.sampled_from(
    [
        b"<nvidia_smi_log>",
        b"</nvidia_smi_log>",
        b"<gpu>",
        b'<gpu id="0000:01:00.0">',
        b"</gpu>",
        b"<uuid>GPU-1</uuid>",
        b"<uuid>",
        b"<supported_clocks>",
        b"</supported_clocks>",
        b"<process_name>",
        b"</process_name>",
        b"<processes><process_info><pid>1</pid>",
        b"</process_info></processes>",
        b"<fan_speed>[Unknown Error]</fan_speed>",
        b"<attached_gpus>3</attached_gpus>",
        b"<!ENTITY a 'b'>",
        b"<!DOCTYPE x [",
        b"]>",
        b"&a;",
        b"&",
        b"\n",
        b", ",
        b"uuid, name, memory.used [MiB]\n",
        b"gpu_uuid, pid, process_name\n",
        b"GPU-1",
        b"[N/A]",
        b"Unable to determine the device handle for GPU 0000:05:00.0: x\n",
        b"No devices were found\n",
        b"\x00",
        b"\xff",
        b"9" * 5000,
    ]
)


def is_read_or_refused(text: bytes) -> bool:
    try:
        return isinstance(read(text), GpuReading)
    except Unreadable as refused:
        return str(refused).startswith("cannot read nvidia-smi output: ")


@BOUNDED
@given(st.binary())
@example(b"\xef\xbb\xbf")
def test_any_bytes_give_a_reading_or_a_named_refusal(text: bytes) -> None:
    assert is_read_or_refused(text)


@BOUNDED
@given(st.lists(SCRAPS, max_size=30).map(b"".join))
def test_any_jumble_of_its_own_words_is_read_or_refused(text: bytes) -> None:
    assert is_read_or_refused(text)


@BOUNDED
@given(st.sampled_from(OWN), st.data())
def test_any_damage_to_a_capture_is_read_or_refused(
    capture: bytes, data: st.DataObject
) -> None:
    assert is_read_or_refused(damaged(capture, data))


@settings(
    deadline=timedelta(seconds=2),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.data())
def test_any_damage_to_a_recording_is_read_or_refused(
    recordings: list[bytes], data: st.DataObject
) -> None:
    recording = data.draw(st.sampled_from(recordings))

    assert is_read_or_refused(damaged(recording, data))


@pytest.fixture(scope="module")
def recordings(samples: Path) -> list[bytes]:
    found = sorted((samples / "nvidia_smi").glob("*.[xc][ms][lv]"))
    return [path.read_bytes() for path in found]


def damaged(text: bytes, data: st.DataObject) -> bytes:
    """Cut something out and put something else there, a few times."""
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        gone = data.draw(st.integers(0, 200))
        scrap = data.draw(st.binary(max_size=20) | SCRAPS)
        text = text[:at] + scrap + text[at + gone :]
    return text


@BOUNDED
@given(st.integers(-1, 300), st.sampled_from(OWN), SCRAPS, st.data())
def test_any_run_leads_to_a_verdict(
    code: int, capture: bytes, stderr: bytes, data: st.DataObject
) -> None:
    before = learn((), read(OWN[-1]))

    told = interpret(code=code, stdout=damaged(capture, data), stderr=stderr)
    verdict = judge(complete(told.reading, before))

    assert verdict.because
    assert (verdict.reason == "") == (verdict.health.value == "healthy")


def repeated(unit: bytes, before: bytes = b"", after: bytes = b"") -> bytes:
    times = (LIMIT - len(before) - len(after)) // len(unit)
    return before + unit * times + after


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text",
    [
        repeated(b"<gpu ", b"<nvidia_smi_log>", b"</nvidia_smi_log>"),
        repeated(
            b"<supported_clocks></supported_clocks>",
            b"<nvidia_smi_log>",
            b"</nvidia_smi_log>",
        ),
        repeated(b"<nvidia_smi_log>"),
        repeated(b"<process_name>", b"<nvidia_smi_log><gpu>"),
        repeated(b",", b"uuid, name\n"),
        repeated(b"uuid,", after=b"uuid\n"),
        repeated(b"a, "),
        repeated(b"\n"),
        repeated(b"["),
        repeated(b"\0"),
        repeated(b"No devices were found\n"),
        b"<nvidia_smi_log><gpu><uuid>GPU-1</uuid>"
        + b"<a/>" * 190_000
        + b"</gpu></nvidia_smi_log>",
    ],
)
def test_the_largest_nonsense_takes_seconds_at_most(text: bytes) -> None:
    assert is_read_or_refused(text)
