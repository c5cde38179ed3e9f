"""What the tests of the journal have in common."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from monitor.domain.recovery.audit import Entry
from monitor.domain.recovery.change import Change, ended, moved
from monitor.domain.recovery.digest import digest
from monitor.domain.recovery.identity import Identity
from monitor.domain.recovery.plan import Aim, Approval, BreakGlass, Plan
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.verdict import Verdict
from monitor.domain.recovery.words import Action, Outcome, State, Word
from monitor.ports.recovery import Journal, Limits, Lock

NOW = 1_000_000.0
ANN = Principal(name="oncall-ann", person="ann")
BOB = Principal(name="oncall-bob", person="bob")
ME, OTHER = "monitor-1", "monitor-2"
LAX = Limits(since=0.0, most=None, quiet_since=None, at_once=None)
RECOVERY = (
    *("plans", "approvals", "changes", "captures"),
    *("locks", "fencing", "audit"),
)
AIM = Aim(
    action=Action.RESTART,
    target="studio",
    url="http://gpu1:9002",
    host="gpu1",
    manager="systemd",
    unit="facefusion.service",
    directory="/opt/facefusion",
    port=9002,
    boot_id="8f2d",
    processes=(
        Identity(
            boot_id="8f2d",
            pid=4711,
            start_ticks=99_000,
            uid=1001,
            cmdline=("python", "facefusion.py", "run"),
            cwd="/opt/facefusion",
            cgroup="/system.slice/facefusion.service",
            is_server=True,
        ),
    ),
    steps=("restart facefusion.service on gpu1",),
    break_glass=BreakGlass(gate="busy", reason="the queue hangs"),
)


def entry(
    what: str = "planned", *, at: float = NOW, plan: str = "p1"
) -> Entry:
    return Entry(at=at, what=what, plan=plan, who="ann", target="studio")


def plan(plan_id: str = "p1", *, target: str = "studio") -> Plan:
    aim = replace(AIM, target=target)
    return Plan(
        id=plan_id,
        aim=aim,
        digest=digest(aim),
        reason="it hangs",
        by=ANN,
        cause="hung",
        created_at=NOW,
        expires_at=NOW + 900,
        gates=(Verdict(gate="busy", word=Word.SKIPPED, because="asked"),),
        in_flight=("a swap of 12 s",),
        approvals=1,
        confirm="studio",
    )


def approval(plan_id: str = "p1", by: Principal = BOB) -> Approval:
    return Approval(plan=plan_id, digest=plan(plan_id).digest, by=by, at=NOW)


def change(
    change_id: str = "c1",
    *,
    target: str = "studio",
    host: str = "gpu1",
    owner: str = ME,
) -> Change:
    return Change(
        id=change_id,
        plan=change_id.replace("c", "p"),
        action=Action.RESTART,
        target=target,
        host=host,
        by=ANN,
        state=State.READY,
        because="approved",
        created_at=NOW,
        updated_at=NOW,
        expires_at=NOW + 900,
        owner=owner,
    )


async def applied(journal: Journal, one: Change | None = None) -> Change:
    """Keep a change and its plan; return it."""
    wanted = one or change()
    it = plan(wanted.plan, target=wanted.target)
    await journal.keep_plan(it, entry(plan=it.id))
    return await journal.apply(wanted, entry("applied", plan=it.id))


async def locked(journal: Journal, one: Change, *, now: float = NOW) -> Lock:
    return await journal.lock(one.host, one.id, one.owner, now=now, lasts=30)


async def intended(
    journal: Journal,
    one: Change,
    *,
    now: float = NOW,
    limits: Limits = LAX,
) -> Change:
    """Lock its machine and write the intent; return the change after it."""
    lock = await locked(journal, one, now=now)
    going = replace(
        moved(one, State.INTENT, "all gates hold", now), token=lock.token
    )
    said = entry("intent", at=now, plan=one.plan)
    await journal.intend(going, said, lock=lock, limits=limits)
    return going


async def finished(
    journal: Journal, one: Change, outcome: Outcome = Outcome.FAILED
) -> Change:
    over = ended(one, outcome, "so it went", one.updated_at + 5)
    said = entry("outcome", plan=one.plan)
    await journal.move(over, said, expected=one.state, owner=one.owner)
    return over


def order(path: Path, sql: str, *values: object) -> None:
    """Do something to a file behind its owner's back."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(sql, values)


def before_recovery(path: Path) -> None:
    """Make a file what the release before recovery left."""
    for table in (*RECOVERY, "alerts"):
        order(path, f"DROP TABLE {table}")
    order(path, "UPDATE alembic_version SET version_num = '0003'")
