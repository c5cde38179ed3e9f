"""The client at the daemon's own application: plans, changes, the audit."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NamedTuple

import httpx
import pytest

from monitor.client import (
    Client,
    ClientError,
    NoDaemon,
    NotAllowed,
    NotOurs,
    PlanRefused,
    Refused,
    StillUnderWay,
    Unknown,
)
from monitor.domain.recovery.verdict import Verdict
from monitor.domain.recovery.words import Action, Outcome, State, Word
from monitor.schemas.change import ChangeNow
from monitor.schemas.recovery import BreakGlass, PlanState
from tests.fakes.clock import FakeClock
from tests.fakes.daemon_api import FakeDaemon, problem
from tests.fakes.recovery import STEPS, WELL, FakeRecovery
from tests.web.api_house import ANN, ApiHouse, token

BOB = token("bob", "read", "approve", person="bob")
COOLDOWN = Verdict(
    gate="cooldown", word=Word.REFUSED, because="done 2 min ago"
)
Errand = Callable[[Client], Awaitable[object]]


class Visit(NamedTuple):
    desk: FakeRecovery
    ann: Client
    bob: Client


@pytest.fixture
async def visit() -> AsyncIterator[Visit]:
    house, desks = _house()
    async with (
        _client(house, "oncall-ann") as ann,
        _client(house, "bob") as bob,
    ):
        yield Visit(desks[0], ann, bob)


def _house() -> tuple[ApiHouse, list[FakeRecovery]]:
    desks: list[FakeRecovery] = []

    def desk(clock: FakeClock) -> FakeRecovery:
        desks.append(FakeRecovery(clock))
        return desks[0]

    return ApiHouse(ANN, BOB, recovery=desk), desks


def _client(house: ApiHouse, name: str) -> Client:
    return Client(
        "http://localhost:10777",
        token=f"{name}-secret",
        transport=httpx.ASGITransport(house.app, client=("127.0.0.1", 5)),
    )


async def hear(
    client: Client,
    change: str,
    heard: list[ChangeNow],
    *,
    within: float,
    every: float,
) -> None:
    async for told in client.follow(change, within=within, every=every):
        heard.append(told)  # noqa: PERF401 - kept when it ends by an error


async def planned(visit: Visit) -> str:
    return (await visit.ann.plan("studio", Action.RESTART, "it hangs")).id


async def test_a_plan_is_asked_for_with_a_gate_to_skip(visit: Visit) -> None:
    glass = BreakGlass(gate="cooldown", reason="users wait")

    plan = await visit.ann.plan(
        "studio", Action.RESTART, "it hangs", break_glass=glass
    )

    assert (plan.steps, plan.state) == (STEPS, PlanState.OPEN)
    assert plan.break_glass is not None
    assert plan.break_glass.reason == "users wait"
    assert visit.desk.asked[0].reason == "it hangs"


async def test_a_refused_plan_tells_its_steps_and_gates(visit: Visit) -> None:
    visit.desk.gates = (*WELL, COOLDOWN)

    with pytest.raises(PlanRefused, match="a gate refuses") as refused:
        await visit.ann.plan("studio", "restart", "it hangs")

    said = [(one.gate, one.because) for one in refused.value.gates]
    assert refused.value.code == 409
    assert refused.value.steps == STEPS
    assert said[-1] == ("cooldown", "done 2 min ago")


async def test_a_conflict_without_gates_is_a_plain_refusal(
    visit: Visit,
) -> None:
    plan = await planned(visit)
    await visit.ann.apply(plan, confirm="studio")

    with pytest.raises(Refused, match="it is over") as refused:
        await visit.ann.apply(plan, confirm="studio")

    assert not isinstance(refused.value, PlanRefused)


@pytest.mark.parametrize(
    ("action", "reason", "says"),
    [
        ("dance", "why not", "cannot ask for that: action: "),
        ("restart", "two\nlines", "reason: must be one line"),
        ("restart", "", "reason: "),
        ("restart", "x" * 501, "reason: "),
    ],
)
async def test_words_that_no_daemon_accepts_are_refused_at_once(
    visit: Visit, action: str, reason: str, says: str
) -> None:
    with pytest.raises(Refused, match=says) as refused:
        await visit.ann.plan("studio", action, reason)

    assert refused.value.code == 422
    assert visit.desk.asked == []


async def test_a_plan_is_approved_applied_and_followed_to_its_end(
    visit: Visit,
) -> None:
    plan = await planned(visit)
    approved = await visit.bob.approve(plan)
    change = await visit.ann.apply(plan, confirm="studio")
    follow = visit.ann.follow(change.id, within=10.0, every=0.0)

    first = await anext(follow)
    visit.desk.goes_on(change.id, State.INTENT, "it is about to be done")
    second = await anext(follow)
    visit.desk.ends(change.id, Outcome.FAILED, "it did not come back")
    rest = [told async for told in follow]

    assert [one.who for one in approved.approvals.given] == ["bob"]
    assert (first.state, second.state) == (State.READY, State.INTENT)
    assert [one.outcome for one in rest] == [Outcome.FAILED]


async def test_who_follows_is_told_again_only_of_what_is_new(
    visit: Visit,
) -> None:
    change = await visit.ann.apply(await planned(visit), confirm="studio")
    ready = await visit.ann.change(change.id)
    visit.desk.goes_on(change.id, State.INTENT, "about to be done")
    visit.desk.ends(change.id, Outcome.FAILED, "it did not come back")
    ended = await visit.ann.change(change.id)
    left = [ready, ready, ready, ended]

    def answers(_: httpx.Request) -> httpx.Response:
        document = left.pop(0).model_dump_json().encode()
        return httpx.Response(200, stream=httpx.ByteStream(document))

    transport = httpx.MockTransport(answers)
    async with Client("http://monitor.example", transport=transport) as client:
        follow = client.follow(change.id, within=60.0, every=0.0)
        heard = [told.state async for told in follow]

    assert heard == [State.READY, State.ENDED]
    assert left == []


async def test_without_time_a_change_is_looked_at_once(visit: Visit) -> None:
    change = await visit.ann.apply(await planned(visit), confirm="studio")
    heard: list[ChangeNow] = []

    with pytest.raises(StillUnderWay, match="it is ready after 0 s"):
        await hear(visit.ann, change.id, heard, within=0.0, every=1.0)

    assert len(heard) == 1


async def test_a_change_is_cancelled_by_its_id(visit: Visit) -> None:
    change = await visit.ann.apply(await planned(visit), confirm="studio")

    told = await visit.ann.cancel(change.id)

    assert told.outcome is Outcome.CANCELLED


async def test_a_plan_is_denied_or_attested_with_words(visit: Visit) -> None:
    denied = await visit.bob.deny(await planned(visit), "not at noon")
    attested = await visit.ann.attest(await planned(visit), "by hand")

    assert (denied.outcome, denied.because) == (Outcome.DENIED, "not at noon")
    assert attested.because == "by hand"


async def test_the_past_is_read_page_by_page(visit: Visit) -> None:
    for _ in range(3):
        await visit.ann.apply(await planned(visit), confirm="studio")

    plans = await visit.ann.plans(limit=2)
    first = await visit.ann.changes(limit=2, target="studio")
    rest = await visit.ann.changes(before=first.next_before)
    one = await visit.ann.change("c2")
    none = await visit.ann.changes(target="attic")

    assert [plan.id for plan in plans.plans] == ["p3", "p2"]
    assert [change.id for change in first.changes] == ["c3", "c2"]
    assert [change.id for change in rest.changes] == ["c1"]
    assert (one.plan, none.changes) == ("p2", ())
    assert (await visit.ann.plan_of("p2")).change == "c2"


async def test_the_audit_is_read_and_verified(visit: Visit) -> None:
    await planned(visit)
    await planned(visit)

    first = await visit.ann.audit(limit=1)
    rest = await visit.ann.audit(after=first.next_after)
    of_one = await visit.ann.audit(plan="p2")
    whole = await visit.ann.audit_verification()

    assert [entry.sequence for entry in rest.entries] == [2]
    assert [entry.plan for entry in of_one.entries] == ["p2"]
    assert (whole.ok, whole.entries) == (True, 2)


async def test_the_same_key_plans_once(visit: Visit) -> None:
    first = await visit.ann.plan("studio", "restart", "it hangs", key="k")
    second = await visit.ann.plan("studio", "restart", "it hangs", key="k")

    assert first == second
    assert len(visit.desk.asked) == 1


ERRANDS: dict[str, Errand] = {
    "plan": lambda c: c.plan("studio", Action.RESTART, "it hangs"),
    "apply": lambda c: c.apply("p1"),
    "approve": lambda c: c.approve("p1"),
    "deny": lambda c: c.deny("p1", "no"),
    "attest": lambda c: c.attest("p1", "done"),
    "cancel": lambda c: c.cancel("c1"),
    "plans": lambda c: c.plans(),
    "plan_of": lambda c: c.plan_of("p1"),
    "changes": lambda c: c.changes(),
    "change": lambda c: c.change("c1"),
    "follow": lambda c: anext(c.follow("c1", within=0.0)),
    "audit": lambda c: c.audit(),
    "verification": lambda c: c.audit_verification(),
}


@pytest.mark.parametrize("errand", ERRANDS)
@pytest.mark.parametrize(
    ("code", "kind"),
    [(401, NotAllowed), (403, NotAllowed), (404, Unknown), (503, Refused)],
)
async def test_every_refusal_is_an_error_of_its_own(
    errand: str, code: int, kind: type[ClientError]
) -> None:
    daemon = FakeDaemon()
    daemon.instead = lambda _: problem(code, "cannot go on")
    client = Client("http://monitor.example", transport=daemon.transport())

    async with client:
        with pytest.raises(kind, match="cannot go on"):
            await ERRANDS[errand](client)


async def test_a_daemon_that_restarts_meanwhile_is_waited_for(
    visit: Visit,
) -> None:
    change = await visit.ann.apply(await planned(visit), confirm="studio")
    visit.desk.goes_on(change.id, State.INTENT, "about to be done")
    visit.desk.ends(change.id, Outcome.INTERRUPTED, "we were restarted")
    told = await visit.ann.change(change.id)
    calls: list[str] = []
    heard: list[ClientError] = []

    def answers(request: httpx.Request) -> httpx.Response:
        calls.append(request.url.path)
        if len(calls) == 1:
            raise httpx.ConnectError("refused", request=request)
        if len(calls) == 2:
            said = problem(503, "cannot read the state")
            body = httpx.ByteStream(said.body)
            return httpx.Response(503, stream=body, headers=said.headers)
        document = told.model_dump_json().encode()
        return httpx.Response(200, stream=httpx.ByteStream(document))

    transport = httpx.MockTransport(answers)
    async with Client("http://monitor.example", transport=transport) as client:
        follow = client.follow("c1", within=5.0, every=0.0, waits=heard.append)
        seen = [one async for one in follow]

    assert [one.outcome for one in seen] == [Outcome.INTERRUPTED]
    assert len(calls) == 3
    assert [type(one) for one in heard] == [NoDaemon]


async def test_a_daemon_that_stays_away_is_told_at_the_end() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    transport = httpx.MockTransport(refuse)
    async with Client("http://monitor.example", transport=transport) as client:
        with pytest.raises(NoDaemon, match="cannot reach the daemon"):
            await anext(client.follow("c1", within=0.0))


async def test_gates_that_cannot_be_read_are_a_plain_refusal() -> None:
    daemon = FakeDaemon()
    said = problem(409, "cannot restart studio")
    broken = said.body.replace(b'"errors"', b'"gates": 7, "errors"')
    daemon.instead = lambda _: said._replace(body=broken)
    client = Client("http://monitor.example", transport=daemon.transport())

    async with client:
        with pytest.raises(Refused, match="cannot restart studio") as refused:
            await client.plan("studio", "restart", "it hangs")

    assert not isinstance(refused.value, PlanRefused)


async def test_a_document_of_something_else_is_not_ours() -> None:
    daemon = FakeDaemon()
    daemon.instead = lambda _: problem(200, "odd")
    client = Client("http://monitor.example", transport=daemon.transport())

    async with client:
        with pytest.raises(NotOurs):
            await client.change("c1")
