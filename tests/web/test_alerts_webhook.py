"""Alertmanager's webhook: kept, answered, and worked off by others."""

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest

from monitor.domain.alerts.alert import Alert, Outcome
from monitor.engine.automation.alerts import Alerts
from monitor.web.outermost import LARGER
from tests.fakes.alerts import HUNG, OVER, notice, other, told
from tests.fakes.clock import FakeClock
from tests.fakes.inbox import FakeInbox
from tests.web.api_house import ANN, ApiHouse, token

PATH = "/api/v1/alerts"
PAGER = token("alertmanager", "alerts")


class AlertHouse(ApiHouse):
    """A house with an inbox; nobody works it off."""

    def __init__(self) -> None:
        self.inbox = FakeInbox()
        super().__init__(PAGER, ANN, alerts=self._alerts)

    def _alerts(self, clock: FakeClock) -> Alerts:
        return Alerts(
            clock=clock,
            inbox=self.inbox,
            rules=lambda: (),
            targets=lambda: (),
            sets_off=None,  # type: ignore[arg-type] # nothing is set off
            tell=lambda _: None,
        )

    async def posts(
        self, body: object, *, by: str = "alertmanager", key: str = ""
    ) -> httpx.Response:
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        async with self.client(by, **headers) as client:
            return await client.post(PATH, content=text)

    @property
    def kept(self) -> list[Alert]:
        return [row.received.alert for row in self.inbox.rows.values()]


async def test_a_notice_is_kept_and_answered() -> None:
    house = AlertHouse()

    answer = await house.posts(
        notice(
            HUNG, other(1), HUNG, replace(OVER, started="2026-11-23T01:02:03Z")
        )
    )

    assert answer.status_code == 202
    said = answer.json()
    assert (said["waiting"], said["duplicates"], said["resolved"]) == (2, 1, 1)
    assert house.kept[:2] == [HUNG, other(1)]


async def test_its_own_status_counts_not_the_groups() -> None:
    house = AlertHouse()

    await house.posts(notice(OVER, status="firing"))
    await house.posts(notice(other(1), status="resolved"))

    rows = list(house.inbox.rows.values())
    assert rows[0].settled is not None
    assert rows[0].settled.outcome is Outcome.RESOLVED
    assert rows[1].settled is None


async def test_again_is_a_duplicate_and_no_error() -> None:
    house = AlertHouse()
    await house.posts(notice(HUNG))

    answers = [await house.posts(notice(HUNG)) for _ in range(60)]

    assert {one.status_code for one in answers} == {202}
    assert {one.json()["duplicates"] for one in answers} == {1}
    assert len(house.kept) == 1


async def test_a_group_that_was_cut_says_by_how_many() -> None:
    answer = await AlertHouse().posts(notice(HUNG, truncatedAlerts=17))

    assert (answer.status_code, answer.json()["truncated"]) == (202, 17)


async def test_labels_are_texts_whatever_they_say() -> None:
    house = AlertHouse()
    nasty = '{{ .Labels }} $(reboot) `id` "; DROP TABLE alerts; --\n\0'

    answer = await house.posts(
        {**notice(), "alerts": [told(HUNG, target=nasty, alertname="x" * 999)]}
    )

    assert answer.status_code == 202
    (alert,) = house.kept
    assert (alert.target, alert.name) == (nasty, "x" * 256)


async def test_half_a_character_is_no_reason_to_send_it_for_ever() -> None:
    house = AlertHouse()

    answer = await house.posts(_alert(labels={"target": "a\ud800"}))

    assert answer.status_code == 202
    assert [one.target for one in house.kept] == ["a?"]


async def test_without_labels_of_ours_it_is_kept_too() -> None:
    house = AlertHouse()
    bare = {**told(), "labels": {"instance": "gpu1"}}

    answer = await house.posts({**notice(), "alerts": [bare]})

    assert answer.status_code == 202
    assert [(one.name, one.target) for one in house.kept] == [("", "")]


def _alert(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {**notice(), "alerts": [{**told(), **changed}]}


UNREADABLE: dict[str, tuple[object, str]] = {
    "nothing": (b"", "the body"),
    "cut off": (b"{", ""),
    "deep": (b"[" * 5_000, ""),
    "a list": (b"[]", "the body"),
    "another version": (notice(version="5"), "version"),
    "no version": (
        {k: v for k, v in notice().items() if k != "version"},
        "version",
    ),
    "no alerts": (notice(alerts=None), "alerts"),
    "a number": (notice(alerts=[7]), "alerts.0"),
    "receivers": (notice(receiver=["a"]), "receiver"),
    "minus one": (notice(truncatedAlerts=-1), "truncatedAlerts"),
    "a status": (_alert(status="pending"), "alerts.0.status"),
    "a path": (_alert(fingerprint="../../x"), "alerts.0.fingerprint"),
    "no name": (_alert(fingerprint=""), "alerts.0.fingerprint"),
    "a word": (_alert(startsAt="yesterday"), "alerts.0.startsAt"),
    "no time": (_alert(startsAt=None), "alerts.0.startsAt"),
    "a label": (_alert(labels={"target": 7}), "alerts.0.labels.target"),
}


@pytest.mark.parametrize(
    ("body", "names"), UNREADABLE.values(), ids=UNREADABLE
)
async def test_what_cannot_be_read_is_a_400_that_names_it(
    body: object, names: str
) -> None:
    house = AlertHouse()

    answer = await house.posts(body)

    assert answer.status_code == 400, answer.text
    assert answer.json()["detail"].startswith("cannot ")
    assert names in answer.json()["detail"]
    assert house.kept == []


async def test_what_could_not_be_kept_is_a_503() -> None:
    house = AlertHouse()
    house.inbox.fails = True

    answer = await house.posts(notice(HUNG))

    assert answer.status_code == 503
    assert "full" in answer.json()["detail"]


async def test_a_token_of_another_scope_is_refused() -> None:
    house = AlertHouse()

    answers = [
        await house.posts(notice(HUNG), by=by) for by in ("oncall-ann", "mal")
    ]

    assert [one.status_code for one in answers] == [403, 401]
    assert house.kept == []


async def test_a_token_for_alerts_does_nothing_else() -> None:
    house = AlertHouse()
    async with house.client("alertmanager") as client:
        answer = await client.get("/api/v1/targets")

    assert answer.status_code == 403


async def test_ten_thousand_alerts_come_in_one_notice() -> None:
    house = AlertHouse()

    answer = await house.posts(notice(*(other(n) for n in range(10_000))))

    assert (answer.status_code, answer.json()["waiting"]) == (202, 10_000)


async def test_a_body_of_50_mb_is_not_read() -> None:
    house = AlertHouse()

    answer = await house.posts(b" " * 50_000_000)

    assert answer.status_code == 413
    assert str(LARGER[PATH]) in answer.json()["detail"]


async def test_a_key_of_ones_own_is_honoured() -> None:
    house = AlertHouse()

    first = await house.posts(notice(HUNG), key="mine")
    second = await house.posts(notice(HUNG), key="mine")

    assert (first.json()["waiting"], second.json()["waiting"]) == (1, 1)
