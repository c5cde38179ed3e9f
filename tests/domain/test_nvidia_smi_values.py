import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.nvidia_smi import values
from monitor.domain.nvidia_smi.text import clean, excerpt

EXCUSES = [
    "",
    "N/A",
    "[N/A]",
    "Not Supported",
    "[Not Supported]",
    "[Insufficient Permissions]",
    "[Unknown Error]",
    "Unknown Error",
    "ERR!",
    "[Function Not Found]",
    "[GPU is lost]",
    "[GPU requires reset]",
    "Requested functionality has been deprecated",
    "[Requested functionality has been deprecated]",
    "The operating system has blocked the request.",
    "[REDACTED]",
    "-",
]
READERS = [
    values.ratio,
    values.size,
    values.celsius,
    values.watts,
    values.hertz,
    values.count,
    values.lanes,
    values.performance_state,
    values.switch,
]


@pytest.mark.parametrize("excuse", EXCUSES)
def test_an_excuse_is_no_value_of_any_kind(excuse: str) -> None:
    read = [reader(excuse) for reader in READERS]

    assert read == [None] * len(READERS)
    assert values.words(excuse) == ""


@pytest.mark.parametrize("text", ["None", "GPU-1", "0", "Reset", "0 MiB"])
def test_a_value_is_no_excuse(text: str) -> None:
    assert values.words(f" {text}\n") == text


def test_quantities_are_read_in_base_units() -> None:
    assert values.ratio("7 %") == 0.07
    assert values.ratio("7") == 0.07
    assert values.ratio("100.00 %") == 1.0
    assert values.size("24576 MiB") == 25769803776
    assert values.size("1 KiB") == 1024
    assert values.size("1 GiB") == 2**30
    assert values.size("5 B") == 5
    assert values.celsius("-2 C") == -2.0
    assert values.celsius("41") == 41.0
    assert values.watts("35.06 W") == 35.06
    assert values.hertz("210 MHz") == 210e6
    assert values.count("0") == 0
    assert values.lanes("16x") == 16
    assert values.lanes("16") == 16
    assert values.performance_state("P8") == 8


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (values.ratio, "7 C"),
        (values.ratio, "-7 %"),
        (values.ratio, "7 % 8 %"),
        (values.size, "24576"),
        (values.size, "24576 MB"),
        (values.size, "-1 MiB"),
        (values.hertz, "210"),
        (values.count, "1.5"),
        (values.count, "-1"),
        (values.count, "1" * 5000),
        (values.count, "\N{ARABIC-INDIC DIGIT ONE}"),
        (values.watts, "nan"),
        (values.watts, "1e5 W"),
        (values.performance_state, "8x"),
    ],
)
def test_what_does_not_fit_its_unit_is_not_reported(
    reader: object, text: str
) -> None:
    assert callable(reader)
    assert reader(text) is None


def test_switches_are_read_in_all_their_words() -> None:
    on = [values.switch(text) for text in ("Enabled", "Active", "Yes")]
    off = [values.switch(text) for text in ("Disabled", "Not Active", "No")]

    assert on == [True] * 3
    assert off == [False] * 3


def test_a_cell_without_unit_takes_that_of_its_header() -> None:
    assert values.with_unit("754", "MiB") == "754 MiB"
    assert values.with_unit("754 MiB", "MiB") == "754 MiB"
    assert values.with_unit("[N/A]", "MiB") == "[N/A]"
    assert values.with_unit("0 us", "us") == "0 us"


@given(st.text())
def test_any_text_is_a_value_or_none(text: str) -> None:
    for reader in READERS:
        value = reader(text)
        assert value is None or isinstance(value, bool | int | float)


def test_odd_bytes_become_replacement_characters() -> None:
    text = clean(b"a\x00b\x1b[31mc\xffd\x7f\xc2\x85e\tf\r\n")

    assert text == "a\ufffdb\ufffd[31mc\ufffdd\ufffd\ufffde\tf\r\n"


def test_an_excerpt_is_one_short_line() -> None:
    assert excerpt(" a\n b ") == "a b"
    assert excerpt("x" * 1000) == "x" * 160 + "…"
