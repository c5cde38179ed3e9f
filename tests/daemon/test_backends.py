"""Settings become looks through the backend."""

import pytest

from monitor.adapters.facefusion.storycanvas import StoryCanvas
from monitor.adapters.http.client import HttpClient
from monitor.config.sections.targets import Target
from monitor.daemon import backends
from monitor.domain.judgement import Patience
from monitor.domain.observation import CheckKey, Kind
from tests.fakes.clock import FakeClock

URL = "http://192.168.1.10:9002"
BACKEND = {"url": "http://localhost:8000"}


def target(**settings: object) -> Target:
    return Target.model_validate({"name": "studio", "url": URL, **settings})


def second_way(watched: Target) -> StoryCanvas | None:
    return backends.second_way(watched, HttpClient())


def test_a_target_with_a_backend_is_looked_at_through_it() -> None:
    watched = target(backend=BACKEND, status={"timeout": "3s"})

    (check,) = backends.checks(watched, second_way(watched), FakeClock())

    assert check.key == CheckKey(
        kind=Kind.TARGET, subject="studio", check="backend"
    )
    assert (check.kind, check.interval) == ("backend", 60)
    assert check.timeout == 3 + 5
    assert check.timeout < check.deadline
    assert check.patience == Patience()
    assert check.lane == ""


def test_a_target_without_a_backend_has_no_such_check() -> None:
    watched = target()

    assert second_way(watched) is None
    assert list(backends.checks(watched, None, FakeClock())) == []


@pytest.mark.parametrize(
    ("api", "first"), [("auto", "v1"), ("legacy", "legacy"), ("v1", "v1")]
)
def test_the_configured_api_is_used(api: str, first: str) -> None:
    through = second_way(target(backend={**BACKEND, "api": api}))

    assert through is not None
    assert through.api == first


def test_a_target_that_is_a_backend_speaks_its_dialect() -> None:
    watched = target(
        dialect="storycanvas",
        backend={**BACKEND, "api": "legacy", "character_id": "c1"},
    )

    server = backends.facefusion(watched, HttpClient())

    assert (server.dialect, server.api) == ("storycanvas", "legacy")


def test_a_target_that_is_a_backend_needs_no_more_settings() -> None:
    server = backends.facefusion(target(dialect="storycanvas"), HttpClient())

    assert (server.dialect, server.api) == ("storycanvas", "v1")
