import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.canary_files.shelf import MemoryShelf
from monitor.adapters.canary_files.url import MOST_BYTES, UrlFiles
from monitor.domain.answer import Answer
from monitor.domain.errors import CannotReach, CannotTouch
from monitor.ports import Placed
from tests.fakes.clock import FakeClock

SERVER = "http://gpu1:9002"
NOTHING = Placed(locations=())


class Web:
    """Serves images, and keeps which addresses it was asked for."""

    def __init__(self) -> None:
        self.code = 200
        self.error: Exception | None = None
        self.asked: list[tuple[str, float, int]] = []

    async def get(self, url: str, *, within: float, limit: int) -> Answer:
        self.asked.append((url, within, limit))
        if self.error is not None:
            raise self.error
        return Answer(
            code=self.code,
            content_type="image/png",
            body=b"output",
            duration=0.1,
        )


class House:
    def __init__(self, server: str = SERVER, most: int = 8) -> None:
        self.web = Web()
        self.shelf = MemoryShelf(FakeClock(), most=most)
        self.files = UrlFiles(
            self.shelf,
            public_url="http://monitor:10777/",
            http=self.web,
            server_url=server,
        )


async def test_inputs_are_served_under_names_that_nobody_guesses() -> None:
    house = House()

    first = await house.files.place([b"a", b"b"], within=1)
    second = await house.files.place([b"a", b"b"], within=1)

    names = [url.rpartition("/")[2] for url in first.locations]
    form = r"http://monitor:10777/canary-files/[A-Za-z0-9_-]{32}\.jpg"
    assert all(re.fullmatch(form, url) for url in first.locations)
    assert [house.shelf.get(name) for name in names] == [b"a", b"b"]
    assert len({*first.locations, *second.locations}) == 4


async def test_cleaning_takes_the_inputs_off_the_shelf_only() -> None:
    house = House()
    placed = await house.files.place([b"a", b"b"], within=1)
    other = await house.files.place([b"c"], within=1)

    await house.files.clean(placed, f"{SERVER}/out.png", within=1)

    def served(url: str) -> bytes | None:
        return house.shelf.get(url.rpartition("/")[2])

    assert [served(url) for url in placed.locations] == [None, None]
    assert served(other.locations[0]) == b"c"
    assert house.web.asked == []


async def test_cleaning_what_was_not_placed_here_is_no_error() -> None:
    await House().files.clean(NOTHING, None, within=1)


async def test_a_full_shelf_keeps_no_half_of_a_pair() -> None:
    house = House(most=1)

    with pytest.raises(CannotTouch):
        await house.files.place([b"a", b"b"], within=1)

    await house.files.place([b"c"], within=1)


@pytest.mark.parametrize(
    ("server", "output", "asked"),
    [
        (SERVER, f"{SERVER}/out/1.png", f"{SERVER}/out/1.png"),
        (SERVER, f"{SERVER}/out?id=1#top", f"{SERVER}/out?id=1"),
        (SERVER, "HTTP://GPU1:9002/out.png", f"{SERVER}/out.png"),
        (SERVER, SERVER, f"{SERVER}/"),
        ("http://gpu1", "http://gpu1:80/a.png", "http://gpu1/a.png"),
        ("https://gpu1:443", "https://gpu1/a.png", "https://gpu1:443/a.png"),
        ("http://[::1]:9002", "http://[::1]:9002/a", "http://[::1]:9002/a"),
        (
            "http://ann:secret@gpu1/base",
            "http://gpu1/a.png",
            "http://ann:secret@gpu1/a.png",
        ),
    ],
)
async def test_an_output_on_the_server_itself_is_fetched(
    server: str, output: str, asked: str
) -> None:
    house = House(server)

    image = await house.files.fetch(NOTHING, output, within=7)

    assert image == b"output"
    assert house.web.asked == [(asked, 7, MOST_BYTES)]


@pytest.mark.parametrize(
    "output",
    [
        "/srv/output/1.png",
        "1.png",
        "",
        "//gpu1:9002/a.png",
        "http://evil:9002/a.png",
        "http://gpu1:9003/a.png",
        "http://gpu1/a.png",
        "https://gpu1:9002/a.png",
        "ftp://gpu1:9002/a.png",
        "file:///etc/passwd",
        "http:///a.png",
        "http://gpu1:9002@evil/a.png",
        "http://evil\\@gpu1:9002/a.png",
        "http://gpu1:9002\\@evil/a.png",
        "http://gpu1.evil:9002/a.png",
        "http://gpu1:9002.evil/a.png",
        "http://gpu1:99999/a.png",
        "http://[gpu1:9002/a.png",
        "http://gp\nu1:9002/a.png",
        "http://\u0261pu1:9002/a.png",
    ],
)
async def test_an_output_anywhere_else_is_never_asked_for(output: str) -> None:
    house = House()

    with pytest.raises(CannotTouch, match=r"^cannot fetch"):
        await house.files.fetch(NOTHING, output, within=1)

    assert house.web.asked == []


async def test_a_server_address_without_a_host_matches_nothing() -> None:
    house = House("ftp://gpu1")

    with pytest.raises(CannotTouch):
        await house.files.fetch(NOTHING, "ftp://gpu1/a.png", within=1)

    assert house.web.asked == []


@pytest.mark.parametrize("code", [204, 301, 302, 307, 404, 500])
async def test_an_answer_that_is_no_200_is_no_output(code: int) -> None:
    house = House()
    house.web.code = code

    with pytest.raises(CannotTouch, match=f"answered {code}"):
        await house.files.fetch(NOTHING, f"{SERVER}/a.png", within=1)


async def test_a_server_that_does_not_answer_is_named() -> None:
    house = House()
    house.web.error = CannotReach("cannot reach gpu1", reason="too_large")

    with pytest.raises(CannotTouch, match="cannot reach gpu1"):
        await house.files.fetch(NOTHING, f"{SERVER}/a.png", within=1)


@given(
    st.text()
    | st.from_regex(r"\A[a-z]{0,5}:?/{0,3}[ -~]{0,20}:?[0-9]{0,6}/[ -~]*\Z")
)
async def test_no_answer_makes_us_ask_another_host(output: str) -> None:
    house = House()

    try:
        await house.files.fetch(NOTHING, output, within=1)
    except CannotTouch:
        assert house.web.asked == []
    else:
        assert house.web.asked[0][0].startswith(f"{SERVER}/")
