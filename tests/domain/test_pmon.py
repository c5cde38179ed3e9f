"""`nvidia-smi pmon -c 1`, whatever columns a driver has."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.errors import Unreadable
from monitor.domain.nvidia_smi.pmon import read_pmon
from monitor.domain.service.reading import GpuShare

NEW = """\
# gpu         pid   type     sm    mem    enc    dec    jpg    ofa    command
# Idx           #    C/G      %      %      %      %      %      %    name
    0       2165   C+G      -      -      -      0      -      -    kwin
    0       5021     C      0      0     15      -      -      -    ffmpeg
    0       5022     C     55      1     54      -      -      -    my tool 9
    1       5022     C      7      1     54      -      -      -    my tool 9
    2          -     -      -      -      -      -      -      -    -
"""
OLD = """\
# gpu        pid  type    sm   mem   enc   dec   command
# Idx          #   C/G     %     %     %     %   name
    0      11345     C    99    10     -     -   gpu_burn
"""
DATED = """\
#Date       Time        gpu        pid  type     fb    sm   mem   command
#YYYYMMDD   HH:MM:SS    Idx          #   C/G     MB     %     %   name
 20260122   10:00:00      1       4242     C   8000    42     3   python3
"""


def shares(text: str) -> dict[tuple[int, int], float]:
    return {(one.gpu, one.pid): one.ratio for one in read_pmon(text)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (NEW, {(0, 5021): 0.0, (0, 5022): 0.55, (1, 5022): 0.07}),
        (OLD, {(0, 11345): 0.99}),
        (DATED, {(1, 4242): 0.42}),
        (NEW.splitlines()[0], {}),
    ],
)
def test_each_set_of_columns_is_read(
    text: str, expected: dict[tuple[int, int], float]
) -> None:
    assert shares(text) == expected


def test_nothing_measured_is_no_zero() -> None:
    assert (0, 2165) not in shares(NEW)


def test_the_largest_of_several_samples_counts() -> None:
    samples = (
        "    0    7   C   3   x\n    0    7   C   9   x\n    0   7  C - x"
    )

    assert shares(f"# gpu pid type sm command\n{samples}") == {(0, 7): 0.09}


def test_more_than_all_is_all() -> None:
    assert shares("# gpu pid type sm command\n0 7 C 104 x") == {(0, 7): 1.0}


def test_a_banner_and_a_row_cut_in_half_are_left_out() -> None:
    text = f"Welcome.\n    0   1  C  5  x\n{OLD}    0      11346     C    9"

    assert shares(text) == {(0, 11345): 0.99}


def test_an_answer_without_columns_is_refused() -> None:
    with pytest.raises(Unreadable, match="no line names its columns"):
        read_pmon("Not supported on the device(s)\n")


def test_a_complaint_is_the_reason() -> None:
    with pytest.raises(Unreadable, match='says "No devices were found"'):
        read_pmon("No devices were found\n")


def test_an_endless_list_is_refused() -> None:
    rows = "".join(f"0 {pid} C 1 x\n" for pid in range(1, 5000))

    with pytest.raises(Unreadable, match="more than 4096"):
        read_pmon(f"# gpu pid type sm command\n{rows}")
    with pytest.raises(Unreadable, match="larger than"):
        read_pmon("x" * (5 * 2**20))


def test_every_recording_is_read(samples: Path) -> None:
    found = sorted((samples / "nvidia_smi").glob("*pmon.txt"))

    busy = {
        path.name: shares(path.read_text())
        for path in found
        if shares(path.read_text())
    }

    assert len(found) == 20
    (h100,) = (v for name, v in busy.items() if "h100-80gb-hbm3" in name)
    assert h100 == {(0, 11345): 0.99}
    assert all("load" in name for name in busy)


SCRAPS = st.sampled_from(
    ["# gpu", " pid", " sm", " command", "\n", " 0", " 7", " -", " C", "٣"]
)


@settings(deadline=timedelta(seconds=2))
@given(st.text() | st.lists(SCRAPS, max_size=30).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = read_pmon(text)
    except Unreadable:
        with pytest.raises(Unreadable, match=r"^cannot read nvidia-smi"):
            read_pmon(text)
    else:
        assert all(isinstance(one, GpuShare) for one in found)
        assert all(0 <= one.ratio <= 1 for one in found)
