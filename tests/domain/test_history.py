"""Which failed looks are worth a line of history."""

import pytest

from monitor.domain.history import FAILURE_EVERY, is_news


@pytest.mark.parametrize(
    ("at", "last", "news"),
    [
        (5.0, None, True),
        (5.0, 5.0, False),
        (4.0 + FAILURE_EVERY, 5.0, False),
        (5.0 + FAILURE_EVERY, 5.0, True),
        (4.0, 5.0, True),
    ],
)
def test_one_failed_look_a_minute_is_news(
    at: float, last: float | None, *, news: bool
) -> None:
    assert is_news(at, last) is news
