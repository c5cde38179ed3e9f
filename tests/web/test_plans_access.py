"""Who may ask for what of recovery, and what every answer carries."""

from typing import Any

import pytest

from monitor.domain.recovery.principal import Principal
from tests.web.api_house import ANN, ApiHouse, bearer
from tests.web.recovery_house import PLANS, WANTED, RecoveryHouse

READ = ("/plans", "/plans/p1", "/changes", "/changes/c1")
AUDITED = ("/audit", "/audit/verification")
OPERATE: dict[str, dict[str, Any]] = {
    "/targets/studio/plans": WANTED,
    "/plans/p1/apply": {"confirm": "studio"},
    "/plans/p1/attest": {"done": "by hand"},
    "/changes/c1/cancel": {},
}
APPROVE: dict[str, dict[str, Any]] = {
    "/plans/p1/approve": {},
    "/plans/p1/deny": {"reason": "not now"},
}
CHANGED = OPERATE | APPROVE


@pytest.mark.parametrize("path", [*READ, *AUDITED])
async def test_reading_needs_read_operate_or_for_plans_approve(
    path: str,
) -> None:
    house = RecoveryHouse()
    await house.applied()
    may = {"reader": 200, "operator": 200, "prometheus": 403, "ci": 403}
    may |= {"": 401, "bob": 403 if path in AUDITED else 200}

    async with house.client() as client:
        codes = {
            who: (
                await client.get(
                    f"/api/v1{path}", headers=bearer(who) if who else {}
                )
            ).status_code
            for who in may
        }

    assert codes == may


@pytest.mark.parametrize("path", CHANGED)
async def test_a_change_needs_its_own_scope(path: str) -> None:
    house = RecoveryHouse()
    await house.applied()
    before = list(house.desk.chain)
    may_not = ["reader", "prometheus", "ci"]
    may_not.append("bob" if path in OPERATE else "operator")

    codes = {
        (await house.post(f"/api/v1{path}", CHANGED[path], by=who)).status_code
        for who in may_not
    }
    nobody = await house.post(f"/api/v1{path}", CHANGED[path], by="")

    assert (codes, nobody.status_code) == ({403}, 401)
    assert house.desk.chain == before


@pytest.mark.parametrize("path", CHANGED)
async def test_without_tokens_nobody_changes_anything(path: str) -> None:
    house = RecoveryHouse(strangers=True)

    refused = await house.post(f"/api/v1{path}", CHANGED[path], by="")

    assert refused.status_code == 403
    assert "no tokens are configured" in refused.json()["detail"]
    assert house.desk.chain == []


async def test_without_tokens_plans_can_be_read_on_this_machine() -> None:
    house = RecoveryHouse(strangers=True)

    listed = await house.get("/api/v1/plans", by="")

    assert listed["plans"] == []


@pytest.mark.parametrize("path", CHANGED)
async def test_a_token_that_nobody_holds_changes_nothing(path: str) -> None:
    house = RecoveryHouse()
    await house.applied()
    before = list(house.desk.chain)

    refused = await house.post(f"/api/v1{path}", CHANGED[path], by="nobody")

    assert refused.status_code == 403
    assert "it names no person" in refused.json()["detail"]
    assert house.desk.chain == before


async def test_the_audit_knows_person_and_token() -> None:
    house = RecoveryHouse()
    await house.post(PLANS, WANTED, by="operator")

    assert house.desk.records["p1"].plan.by == Principal(
        name="operator", person="olga"
    )


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"x" * 70_000])
@pytest.mark.parametrize("path", CHANGED)
async def test_who_may_not_ask_hears_nothing_of_what_was_wrong_with_it(
    path: str, body: bytes
) -> None:
    house = RecoveryHouse()
    kind = {"Content-Type": "application/json"}

    async with house.client("reader", **kind) as client:
        answer = await client.post(f"/api/v1{path}", content=body)

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "path", [*READ, *AUDITED, *CHANGED, "/maintenance", "/alerts"]
)
async def test_no_page_of_another_site_is_let_in(path: str) -> None:
    """A preflight is refused, so that a browser never sends the rest."""
    house = RecoveryHouse()
    site = {
        "Origin": "https://evil.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }

    async with house.client("oncall-ann", **site) as client:
        asked = await client.options(f"/api/v1{path}")
        got = await client.get(f"/api/v1{path}")

    assert asked.status_code in {404, 405}
    for answer in (asked, got):
        assert not any("access-control" in name for name in answer.headers)
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("path", [*READ, *AUDITED, "/nothing", "/plans/p9"])
async def test_every_answer_carries_the_security_headers(path: str) -> None:
    house = RecoveryHouse()
    await house.applied()

    async with house.client("oncall-ann") as client:
        headers = (await client.get(f"/api/v1{path}")).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


async def test_refusals_of_changes_carry_them_too() -> None:
    house = RecoveryHouse()

    refused = await house.post("/api/v1/plans/p1/apply")

    assert refused.status_code == 404
    assert refused.headers["x-frame-options"] == "DENY"
    assert refused.headers["cache-control"] == "no-store"


async def test_the_docs_may_still_show_themselves() -> None:
    house = RecoveryHouse()

    async with house.client("reader") as client:
        page = await client.get("/docs")

    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("path", [*READ, *AUDITED, *CHANGED])
async def test_without_a_state_there_is_nothing_to_ask(path: str) -> None:
    house = ApiHouse(ANN)

    async with house.client("oncall-ann") as client:
        got = await client.get(f"/api/v1{path}")
        asked = await client.post(f"/api/v1{path}", json={})

    assert (got.status_code, asked.status_code) == (404, 404)
