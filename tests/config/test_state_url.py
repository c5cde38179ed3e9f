"""Where the state may be kept."""

import pytest

from monitor.config.values.refusal import Refused
from monitor.config.values.url import parse_state_url


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///facefusion-monitor.db",
        "sqlite:////var/lib/facefusion-monitor/state.db",
        "sqlite:///./state 50%.db",
        "sqlite:///../état.db",
        "postgresql+psycopg://monitor@db.example/monitor?sslmode=require",
    ],
)
def test_a_file_or_a_server_is_taken_as_it_is_written(url: str) -> None:
    assert parse_state_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:",
        "sqlite:/",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///file::memory:?cache=shared&uri=true",
    ],
)
def test_a_database_in_memory_is_refused(url: str) -> None:
    with pytest.raises(Refused, match="in memory forgets everything"):
        parse_state_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////",
        "sqlite:////var/lib/",
        "sqlite:///..",
        "sqlite:////var/lib/.",
        "sqlite:///state.db?mode=ro",
        "sqlite:///state.db#1",
        "sqlite:///file:state.db",
        "sqlite:///state\0.db",
    ],
)
def test_what_is_no_plain_file_is_refused(url: str) -> None:
    with pytest.raises(Refused, match="names no file"):
        parse_state_url(url)


@pytest.mark.parametrize(
    "url", ["", "state.db", "sqlite:state.db", "sqlite+aiosqlite:///a.db"]
)
def test_another_database_is_refused(url: str) -> None:
    with pytest.raises(Refused, match="names no database we know"):
        parse_state_url(url)
