"""The client, at a daemon that keeps what it is told."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from monitor.client import (
    Client,
    ClientError,
    Event,
    NoDaemon,
    NotAllowed,
    NotOurs,
    Refused,
    Unknown,
)
from monitor.domain.errors import NotConfigured
from monitor.schemas.maintenance import NewMaintenance
from tests.fakes.daemon_api import FakeDaemon, Said, problem
from tests.fakes.daemon_documents import entry, page, target

WORD = "hunter2"
URL = "http://monitor.example:10777"
WORK = NewMaintenance(
    reason="driver", duration_seconds=60.0, targets=("studio",)
)
Errand = Callable[[Client], Awaitable[object]]


@pytest.fixture
def daemon() -> FakeDaemon:
    return FakeDaemon(target(), target("attic"))


@pytest.fixture
async def client(daemon: FakeDaemon) -> AsyncIterator[Client]:
    async with Client(f"{URL}/", transport=daemon.transport()) as client:
        yield client


async def test_targets_come_in_their_order(client: Client) -> None:
    told = await client.targets()

    assert [one.name for one in told.targets] == ["studio", "attic"]


async def test_one_target_has_its_checks(client: Client) -> None:
    told = await client.target("studio")

    assert [check.name for check in told.checks] == ["status"]


async def test_hosts_are_told_like_targets(client: Client) -> None:
    all_, one = await client.hosts(), await client.host("gpu1")

    assert [host.name for host in all_.hosts] == ["gpu1"]
    assert [check.name for check in one.checks] == ["gpu"]


async def test_pages_are_asked_for_as_they_are_wanted(
    client: Client, daemon: FakeDaemon
) -> None:
    daemon.pages = [page(n) for n in (3, 2, 1)]

    told = await client.pages(since=5.0, limit=2, before=9, target="studio")
    await client.pages()

    assert [asked.query for asked in daemon.asked] == [
        {"since": "5.0", "limit": "2", "before": "9", "target": "studio"},
        {},
    ]
    assert ([one.id for one in told.pages], told.next_before) == ([3, 2], 2)


async def test_a_history_can_be_read_page_by_page(
    client: Client, daemon: FakeDaemon
) -> None:
    daemon.histories["studio"] = [entry(n, "failed_look") for n in (3, 2, 1)]

    told = await client.history("studio", since=5.0, limit=2, before=9)

    assert daemon.asked[-1].query == {
        "since": "5.0",
        "limit": "2",
        "before": "9",
    }
    assert ([line.id for line in told.entries], told.next_before) == (
        [3, 2],
        2,
    )


async def test_a_look_can_be_asked_for(
    client: Client, daemon: FakeDaemon
) -> None:
    told = await client.run_check("studio", "canary.age")

    assert daemon.asked[-1].path == (
        "/api/v1/targets/studio/checks/canary.age/run"
    )
    assert (told.check, told.health.value) == ("canary.age", "healthy")


async def test_maintenance_is_started_listed_and_ended(
    client: Client,
) -> None:
    started = await client.start_maintenance(WORK)
    listed = await client.maintenance()
    ended = await client.end_maintenance(started.id)

    assert [work.id for work in listed.maintenance] == [started.id]
    assert (started.active, ended.active) == (True, False)


async def test_a_reload_tells_what_changed(client: Client) -> None:
    assert (await client.reload()).added == ("attic",)


async def test_every_post_has_a_key_of_its_own(
    client: Client, daemon: FakeDaemon
) -> None:
    await client.reload()
    await client.start_maintenance(WORK)

    keys = [asked.headers["idempotency-key"] for asked in daemon.asked]
    assert len({uuid.UUID(key) for key in keys}) == 2


async def test_events_are_told_until_the_stream_ends(client: Client) -> None:
    events = client.events()

    first = await anext(events)

    assert first == Event(name="skipped", data={"a": 1}, id="7")
    with pytest.raises(NoDaemon, match="cannot follow the events"):
        await anext(events)


async def test_events_go_on_after_the_last_one(
    client: Client, daemon: FakeDaemon
) -> None:
    await anext(client.events(after="6"))

    assert daemon.asked[-1].headers["last-event-id"] == "6"


async def test_events_that_are_refused_say_why(
    client: Client, daemon: FakeDaemon
) -> None:
    daemon.instead = lambda _: problem(503, "cannot listen: too many listen")

    with pytest.raises(Refused, match="cannot listen: too many"):
        await anext(client.events())


async def test_names_stay_one_part_of_the_path(
    client: Client, daemon: FakeDaemon
) -> None:
    with pytest.raises(Unknown):
        await client.target("../hosts/gpu1?x#y")

    assert daemon.asked[-1].path == (
        "/api/v1/targets/..%2Fhosts%2Fgpu1%3Fx%23y"
    )


async def test_the_token_is_shown_and_never_said(daemon: FakeDaemon) -> None:
    daemon.wants = WORD
    asking = Client(URL, token=WORD, transport=daemon.transport())
    async with asking as client:
        await client.targets()

        daemon.wants = "another"
        with pytest.raises(NotAllowed) as refused:
            await client.targets()

    assert daemon.asked[0].headers["authorization"] == f"Bearer {WORD}"
    assert WORD not in f"{refused.value} {asking!r} {client!r}"


ERRANDS: dict[str, Errand] = {
    "targets": lambda client: client.targets(),
    "target": lambda client: client.target("studio"),
    "history": lambda client: client.history("studio"),
    "pages": lambda client: client.pages(),
    "hosts": lambda client: client.hosts(),
    "host": lambda client: client.host("gpu1"),
    "run": lambda client: client.run_check("studio", "status"),
    "maintenance": lambda client: client.maintenance(),
    "start": lambda client: client.start_maintenance(WORK),
    "end": lambda client: client.end_maintenance("w1"),
    "reload": lambda client: client.reload(),
}
LISTENING: dict[str, Errand] = {
    "events": lambda client: anext(client.events())
}
EVERYTHING = ERRANDS | LISTENING


@pytest.mark.parametrize("errand", EVERYTHING)
@pytest.mark.parametrize(
    "refusal",
    [
        (problem(401, "cannot answer"), NotAllowed, "--token-file"),
        (Said(401, b"<html>", {}), NotAllowed, "wants a token"),
        (problem(403, "cannot answer"), NotAllowed, "cannot answer; name one"),
        (Said(403, b"", {}), NotAllowed, "the token does not allow it"),
        (problem(404, "cannot find it"), Unknown, "^cannot find it$"),
        (problem(409, "Busy"), Refused, "^cannot do that: Busy$"),
        (problem(500, "cannot go on"), Refused, "^cannot go on$"),
        (Said(404, b"not here", {}), NotOurs, "it answers 404 as no"),
        (
            Said(404, b"[]", {"Content-Type": "application/problem+json"}),
            NotOurs,
            "it answers 404 as no",
        ),
        (
            Said(301, b"", {"Location": "https://else.example/"}),
            NotOurs,
            "redirect to https://else.example/; set --url",
        ),
    ],
)
async def test_every_refusal_has_a_name_and_says_what_helps(
    client: Client,
    daemon: FakeDaemon,
    errand: str,
    refusal: tuple[Said, type[ClientError], str],
) -> None:
    said, error, words = refusal
    daemon.instead = lambda _: said

    with pytest.raises(error, match=words) as refused:
        await EVERYTHING[errand](client)

    assert str(refused.value).startswith("cannot ")


@pytest.mark.parametrize("errand", ERRANDS)
@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"[1]", b"\xff"])
async def test_an_answer_of_somebody_else_is_not_believed(
    client: Client, daemon: FakeDaemon, errand: str, body: bytes
) -> None:
    daemon.instead = lambda _: Said(200, body, {})

    with pytest.raises(NotOurs, match="is it a facefusion-monitor"):
        await EVERYTHING[errand](client)


async def test_a_refusal_keeps_its_code(
    client: Client, daemon: FakeDaemon
) -> None:
    daemon.instead = lambda _: problem(503, "cannot read the state")

    with pytest.raises(Refused) as refused:
        await client.targets()

    assert refused.value.code == 503


def test_an_unknown_name_is_bad_usage_for_commands() -> None:
    assert issubclass(Unknown, NotConfigured)


async def test_fields_of_a_newer_daemon_are_ignored(
    client: Client, daemon: FakeDaemon
) -> None:
    daemon.targets["studio"]["mood"] = "sunny"

    told = await client.target("studio")

    assert told.name == "studio"
