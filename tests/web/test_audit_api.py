"""The audit over HTTP: read page by page, and computed anew."""

import asyncio
import json
from dataclasses import replace
from hashlib import sha256

import pytest

from monitor.domain.errors import CannotStore
from monitor.domain.recovery.audit import Entry, seal
from tests.web.recovery_house import RecoveryHouse

AUDIT = "/api/v1/audit"
HASHED = (
    "action",
    "at",
    "because",
    "change",
    "detail",
    "host",
    "outcome",
    "plan",
    "target",
    "trigger",
    "what",
    "who",
)


async def test_who_asked_for_what_is_told_oldest_first() -> None:
    house = RecoveryHouse()
    await house.applied()
    house.clock.pass_time(4)

    said = await house.get(AUDIT)

    [planned, applied] = said["entries"]
    assert (planned["sequence"], applied["sequence"]) == (1, 2)
    assert (planned["what"], applied["what"]) == ("planned", "applied")
    assert planned["who"] == "ann"
    assert planned["detail"] == [["token", "oncall-ann"]]
    assert applied["before"] == planned["hash"]
    assert planned["age_seconds"] == 4.0
    assert said["next_after"] is None


async def test_whoever_reads_the_audit_can_compute_its_hashes() -> None:
    house = RecoveryHouse()
    await house.applied()

    said = await house.get(AUDIT)

    for one in said["entries"]:
        entry = {name: one[name] for name in HASHED} | {"at": one["at_unix"]}
        text = json.dumps(
            [one["sequence"], one["before"], entry],
            sort_keys=True,
            separators=(",", ":"),
        )
        assert sha256(text.encode()).hexdigest() == one["hash"]


async def test_the_audit_is_read_as_far_as_it_goes() -> None:
    house = RecoveryHouse()
    for _ in range(5):
        await house.planned()

    first = await house.get(f"{AUDIT}?limit=2")
    last = await house.get(f"{AUDIT}?limit=2&after=3")
    of_one = await house.get(f"{AUDIT}?plan=p4")

    assert first["next_after"] == 2
    assert [one["sequence"] for one in last["entries"]] == [4, 5]
    assert last["next_after"] is None
    assert [one["plan"] for one in of_one["entries"]] == ["p4"]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "after=-1", "plan=$(id)", "before=2"]
)
async def test_a_part_that_makes_no_sense_is_refused(query: str) -> None:
    house = RecoveryHouse()

    async with house.client("reader") as client:
        answer = await client.get(f"{AUDIT}?{query}")

    assert answer.status_code == 422


async def test_a_whole_audit_is_verified_with_its_head() -> None:
    house = RecoveryHouse()
    for n in range(2001):
        last = house.desk.chain[-1] if house.desk.chain else None
        entry = Entry(at=float(n), what="captured", plan="p1", who="us")
        house.desk.chain.append(seal(entry, last))

    said = await house.get(f"{AUDIT}/verification")

    assert said == {
        "at": "1970-01-12T13:46:40Z",
        "ok": True,
        "entries": 2001,
        "head": {"sequence": 2001, "hash": house.desk.chain[-1].hash},
        "flaws": [],
    }


async def test_an_empty_audit_is_whole() -> None:
    said = await RecoveryHouse().get(f"{AUDIT}/verification")

    assert (said["ok"], said["entries"], said["head"]) == (True, 0, None)


async def test_an_edited_entry_is_found() -> None:
    house = RecoveryHouse()
    await house.applied()
    first = house.desk.chain[0]
    edited = replace(first.entry, who="mallory")
    house.desk.chain[0] = replace(first, entry=edited)

    said = await house.get(f"{AUDIT}/verification")

    assert not said["ok"]
    assert "cannot trust entry 1: it was changed" in said["flaws"]


async def test_one_verification_is_enough_at_a_time() -> None:
    house = RecoveryHouse()
    house.desk.go_on.clear()

    async with house.client("reader") as client:
        first = asyncio.create_task(client.get(f"{AUDIT}/verification"))
        await house.desk.verifying.wait()
        second = await client.get(f"{AUDIT}/verification")
        house.desk.go_on.set()
        codes = ((await first).status_code, second.status_code)

    assert codes == (200, 409)
    assert second.headers["retry-after"] == "1"


async def test_an_audit_that_cannot_be_read_is_not_called_whole() -> None:
    house = RecoveryHouse()
    house.desk.fails = CannotStore("cannot write: the disk is full")

    async with house.client("reader") as client:
        answer = await client.get(f"{AUDIT}/verification")

    assert answer.status_code == 503


async def test_half_characters_do_not_hide_an_entry() -> None:
    house = RecoveryHouse()
    entry = Entry(at=1.0, what="captured", plan="p1", who="a\udc80b")
    house.desk.chain.append(
        seal(replace(entry, detail=(("x", "\ud800"),)), None)
    )

    said = await house.get(AUDIT)

    assert said["entries"][0]["who"] == "a?b"
    assert said["entries"][0]["detail"] == [["x", "?"]]
