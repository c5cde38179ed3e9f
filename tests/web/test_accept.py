"""Accept-Encoding, as RFC 9110 §12.5.3 reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.web.accept import takes_gzip


@pytest.mark.parametrize(
    "accepted",
    [
        "gzip",
        "gzip, deflate, br",
        "GZIP",
        "x-gzip",
        "*",
        "deflate, gzip;q=0.5",
        "gzip ; q=0.001",
        "gzip;level=1;q=0.5",
        "identity;q=0.5, gzip;q=0.5",
        "*;q=0, gzip",
    ],
)
def test_gzip_is_sent_to_those_who_want_it(accepted: str) -> None:
    assert takes_gzip(accepted)


@pytest.mark.parametrize(
    "accepted",
    [
        "",
        ",;,",
        "br",
        "gzip;q=0",
        "gzip;q=0, *",
        "gzip;q=0.5, identity",
        "*;q=0",
        "gzip;q=much",
        "gzip;q=2",
        "gzip;q=nan",
        "gzipped",
    ],
)
def test_gzip_is_not_sent_to_others(accepted: str) -> None:
    assert not takes_gzip(accepted)


@given(st.text(max_size=60))
def test_any_header_is_a_yes_or_a_no(accepted: str) -> None:
    assert takes_gzip(accepted) in {True, False}
