"""Every request is told to whoever wants to know, without what is secret."""

import pytest

from tests.web.api_house import ANN, ApiHouse, bearer

RUN = "/api/v1/targets/studio/checks/status/run"


async def test_every_answer_is_heard_with_who_asked() -> None:
    house = ApiHouse(ANN)

    async with house.client("oncall-ann") as client:
        await client.get("/api/v1/targets/studio?secret=x")
        await client.post(RUN)
        await client.head("/-/healthy")
        await client.get("/nothing", headers=bearer("nobody"))
        await client.get("/api/v1/hosts", headers=bearer("nobody"))

    assert [(m, p, c, w) for m, p, c, _, w in house.answered] == [
        ("GET", "/api/v1/targets/studio", 200, "oncall-ann"),
        ("POST", RUN, 200, "oncall-ann"),
        ("HEAD", "/-/healthy", 200, ""),
        ("GET", "/nothing", 404, ""),
        ("GET", "/api/v1/hosts", 401, ""),
    ]
    assert all(0 <= seconds < 5 for *_, seconds, _ in house.answered)


@pytest.mark.parametrize(
    "path", ["/probe?target=studio", "/metrics", "/sd", "/api/v1/targets"]
)
async def test_without_tokens_nobody_is_named(path: str) -> None:
    house = ApiHouse()

    async with house.client() as client:
        await client.get(path)

    ((_, heard, code, _, who),) = house.answered
    assert (heard, code, who) == (path.partition("?")[0], 200, "")


async def test_refusals_and_errors_of_ours_are_heard_too() -> None:
    house = ApiHouse()
    house.fails = RuntimeError("boom")

    async with house.client() as client:
        await client.get("/probe?target=studio")
        await client.get("/sd", headers={"Host": "evil.example"})

    codes = [code for _, _, code, _, _ in house.answered]
    assert codes == [500, 421]
