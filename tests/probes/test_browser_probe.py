"""One look with a browser's eyes."""

from collections.abc import Mapping

from monitor.domain.browser import BrowserReading
from monitor.domain.errors import CannotReach
from monitor.domain.health import Health
from monitor.domain.observation import CheckKey, Kind
from monitor.probes.browser import BrowserProbe, Page
from tests.fakes.clock import FakeClock
from tests.fakes.preflight import FakePreflight

KEY = CheckKey(kind=Kind.TARGET, subject="studio", check="browser")
PAGE = "https://storycanvas.example"
URL = "https://gpu1:9002/api/v1/enhance-face"


ALLOWED = {
    "access-control-allow-origin": PAGE,
    "access-control-allow-headers": "content-type",
}


def server(says: Mapping[str, str] | CannotReach) -> FakePreflight:
    return FakePreflight(FakeClock(now=1000.0), says)


def probe_of(
    http: FakePreflight, *, origin: str = PAGE, url: str = URL
) -> BrowserProbe:
    page = Page(origin=origin, url=url)
    return BrowserProbe(KEY, page, http, http.clock, within=5.0)


async def test_a_page_with_leave_is_healthy() -> None:
    http = server(ALLOWED)

    seen = await probe_of(http).look()

    assert (seen.key, seen.probe) == (KEY, "browser")
    assert (seen.at, round(seen.duration, 6)) == (1000.0, 0.1)
    assert (seen.health, seen.reason) == (Health.HEALTHY, "")
    ((url, headers, within),) = http.asked
    assert (url, headers["Origin"], within) == (URL, PAGE, 5.0)


async def test_a_page_without_leave_is_degraded() -> None:
    seen = await probe_of(server({})).look()

    assert (seen.health, seen.reason) == (Health.DEGRADED, "cors_blocked")


async def test_mixed_content_is_found_without_asking() -> None:
    http = server(ALLOWED)

    seen = await probe_of(http, url=URL.replace("https", "http")).look()

    assert (seen.health, seen.reason) == (Health.DEGRADED, "mixed_content")
    assert http.asked == []


async def test_the_origin_is_sent_as_browsers_write_it() -> None:
    http = server(ALLOWED)

    seen = await probe_of(
        http, origin="https://StoryCanvas.example:443"
    ).look()

    assert seen.health is Health.HEALTHY
    assert http.asked[0][1]["Origin"] == PAGE


async def test_no_answer_is_not_the_browser_s_business() -> None:
    error = CannotReach("cannot reach gpu1: refused", reason="refused")

    seen = await probe_of(server(error)).look()

    assert (seen.health, seen.reason) == (Health.UNKNOWN, "refused")
    assert seen.reading == BrowserReading(origin=PAGE)
