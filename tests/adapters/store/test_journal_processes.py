"""Several monitors on one file, and one that is killed at any moment."""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from monitor.domain.recovery.audit import Sealed, flaws
from monitor.domain.recovery.words import Outcome, State
from tests.adapters.store.journal_desk import entry, plan
from tests.adapters.store_desk import opened

TIMES = 40
"""Plans that both want: some 200 transactions of each."""
HERE = Path(__file__).parents[3]
AFTER = {
    "applied": State.READY,
    "intent": State.INTENT,
    "outcome": State.ENDED,
}


@contextmanager
def hammer(
    path: Path, owner: str, way: str, times: int = TIMES
) -> Iterator[subprocess.Popen[str]]:
    """Start a monitor that waits for a line; see that it is gone after."""
    words = [sys.executable, "-m", "tests.adapters.store.journal_hammer"]
    with subprocess.Popen(  # noqa: S603 - our own words
        [*words, str(path), owner, str(times), way],
        cwd=HERE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert json.loads(process.stdout.readline()) == {"ready": owner}
            yield process
        finally:
            process.kill()


def said(out: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.splitlines()]


def at_once(chain: Iterable[Sealed]) -> int:
    """Return how many were between intent and outcome at the same time."""
    under_way: set[str] = set()
    most = 0
    for one in chain:
        if one.entry.what == "intent":
            under_way.add(one.entry.plan)
        elif one.entry.what == "outcome":
            under_way.discard(one.entry.plan)
        most = max(most, len(under_way))
    return most


async def test_two_monitors_do_everything_once_and_one_at_a_time(
    path: Path,
) -> None:
    wanted = [f"p{n}" for n in range(TIMES)]
    with opened(path) as store:
        for plan_id in wanted:
            await store.journal.keep_plan(plan(plan_id), entry(plan=plan_id))
    with hammer(path, "m1", "race") as one, hammer(path, "m2", "race") as two:
        for each in (one, two):
            assert each.stdin is not None
            each.stdin.write("go\n")
            each.stdin.flush()
        done = [each.communicate(timeout=50) for each in (one, two)]

    assert [error for _, error in done] == ["", ""]
    heard = [said(out) for out, _ in done]
    with opened(path) as store:
        chain = await store.journal.audit(limit=99_999)
        head = await store.journal.head()
        changes = await store.journal.changes(limit=9999)
    applied = [s["applied"] for each in heard for s in each if "applied" in s]
    tokens = [[s["token"] for s in each if "token" in s] for each in heard]
    assert sorted(map(str, applied)) == sorted(wanted)
    assert sorted(one.plan for one in changes) == sorted(wanted)
    assert all(each == sorted(map(int, map(str, each))) for each in tokens)
    assert len({*tokens[0], *tokens[1]}) == len(tokens[0]) + len(tokens[1])
    assert any(tokens)
    assert list(flaws(chain, head)) == []
    assert at_once(chain) == 1


@pytest.mark.parametrize("lines", [1, 2, 3, 7, 11])
async def test_a_killed_monitor_leaves_nothing_half(
    path: Path, lines: int
) -> None:
    with hammer(path, "m1", "alone", times=9999) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("go\n")
        process.stdin.flush()
        heard = [json.loads(process.stdout.readline()) for _ in range(lines)]
        process.kill()

    with opened(path) as store:
        journal = store.journal
        chain = await journal.audit(limit=99_999)
        changes = await journal.changes(limit=9999)
        plans = {one.plan.id: one for one in await journal.plans(limit=9999)}
        await journal.note(entry("reaped"))
        head = await journal.head()
        whole = await journal.audit(limit=99_999)
    told = [(one.entry.what, one.entry.plan) for one in chain]
    last = {plan_id: what for what, plan_id in told if what != "planned"}
    assert {(one["what"], one["plan"]) for one in heard} <= set(told)
    assert {one.plan: one.state for one in changes} == {
        plan_id: AFTER[what] for plan_id, what in last.items()
    }
    for one in changes:
        outcome = Outcome.SUCCEEDED if one.is_over else None
        assert (one.outcome, plans[one.plan].outcome) == (outcome, outcome)
        assert plans[one.plan].change == one.id
    assert list(flaws(whole, head)) == []
