"""Situations to weigh: a hung server that a person may restart at once.

`situation()` passes every gate; each test changes what it is about.
"""

from dataclasses import replace

from monitor.domain.diagnosis.cause import CAUSES, Remedy
from monitor.domain.diagnosis.diagnosis import Diagnosis
from monitor.domain.fleet import Target
from monitor.domain.recovery.identity import identities
from monitor.domain.recovery.machine_use import (
    Card,
    GpuTable,
    GpuUse,
    MachineUse,
    Whose,
)
from monitor.domain.recovery.past import Deed
from monitor.domain.recovery.plan import Approval, BreakGlass
from monitor.domain.recovery.policy import Budget, Policy
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.situation import Peer, SecondLook, Situation
from monitor.domain.recovery.verdict import Verdict
from monitor.domain.recovery.weighing import weigh
from monitor.domain.recovery.words import Action, Outcome, Trigger, Word
from monitor.domain.service.reading import Process, ServiceReading, Unit

NOW = 1_700_000_000.0
BOOT = "0d9f0d6e-6f1c-4b37-9a3b-0e1f2a3b4c5d"
ANN = Principal(name="oncall-ann", person="ann")
ANN_AGAIN = Principal(name="laptop-ann", person="ann")
BOB = Principal(name="oncall-bob", person="bob")
CAT = Principal(name="oncall-cat", person="cat")
ROBOT = Principal(name="diagnosis:hung", trigger=Trigger.AUTOMATION)
TARGET = Target(
    name="studio",
    url="http://192.168.1.10:9002",
    dialect="rest",
    host="gpu1",
    manager="systemd",
)
POLICY = Policy(
    mode="auto",
    allow=frozenset(Action),
    auto=frozenset({Action.RESTART}),
    cooldown=600.0,
    budgets={
        Action.RESTART: Budget(most=3, window=3600.0),
        Action.FREE_GPU_MEMORY: Budget(most=3, window=3600.0),
        Action.REBOOT: Budget(most=1, window=86400.0),
    },
)
SERVER = Process(
    pid=812,
    start_ticks=140_000,
    started_at=NOW - 3600,
    uid=990,
    cmdline=("python", "facefusion.py", "run"),
    cwd="/opt/facefusion",
    cgroup="/system.slice/facefusion.service",
    is_server=True,
)
UNIT = Unit(
    manager="systemd",
    name="facefusion.service",
    exists=True,
    load_state="loaded",
    active_state="active",
    sub_state="running",
)
SERVICE = ServiceReading(
    manager="systemd",
    port=9002,
    boot_id=BOOT,
    unit=UNIT,
    processes=(SERVER,),
    strays=(),
)
CARD = Card(uuid="GPU-1", index=0, used_bytes=9 * 1024**3, utilization=0.0)
OURS = GpuUse(
    uuid="GPU-1",
    pid=SERVER.pid,
    name="/opt/venv/bin/python3",
    whose=Whose.SERVICE,
    memory_bytes=8 * 1024**3,
    identity=identities(SERVICE)[0],
)
TABLE = GpuTable(at=NOW, cards=(CARD,), uses=(OURS,))
MACHINE = MachineUse(
    people=(), packages=(), inhibitors=(), starts_at_boot=True, gpus=1
)


def diagnosis(
    cause: str = "hung",
    *,
    also: tuple[str, ...] = (),
    remedies: tuple[Remedy, ...] | None = None,
) -> Diagnosis:
    """Return a diagnosis by the table, with all of its remedies."""
    row = CAUSES[cause]
    return Diagnosis(
        cause=cause,
        health=row.health,
        severity=row.severity,
        because=f"it looks {cause}",
        at=NOW - 5,
        since=NOW - 60,
        remedies=row.may if remedies is None else remedies,
        also=also,
    )


HUNG = Situation(
    now=NOW,
    action=Action.RESTART,
    target=TARGET,
    policy=POLICY,
    by=ANN,
    diagnosis=diagnosis(),
    service=SERVICE,
    second=SecondLook(agrees=True, because="no answer within 5 s"),
    peers=(
        Peer(name="studio", serves=False),
        Peer(name="annex", serves=True),
    ),
)


def situation(**changed: object) -> Situation:
    """Return one that passes every gate, but for what is changed."""
    return replace(HUNG, **changed)  # type: ignore[arg-type]  # by name


def rebooting(**changed: object) -> Situation:
    """Return a reboot after both milder rungs failed in this incident.

    It passes every gate but `approval`, but for what is changed.
    """
    lost = replace(
        HUNG,
        action=Action.REBOOT,
        sick_since=NOW - 7200.0,
        past=(
            deed(7000.0, done=True),
            deed(5000.0, done=True, action=Action.FREE_GPU_MEMORY),
        ),
        gpu=TABLE,
        machine=MACHINE,
    )
    return replace(lost, **changed)  # type: ignore[arg-type]  # by name


def policy(**changed: object) -> Policy:
    """Return the policy with some settings changed."""
    return replace(POLICY, **changed)  # type: ignore[arg-type]  # by name


def deed(  # noqa: PLR0913 - a builder: all by name but the first two
    ago: float,
    outcome: Outcome | None = Outcome.FAILED,
    *,
    action: Action = Action.RESTART,
    lasted: float | None = 60.0,
    target: str = "studio",
    done: bool = False,
    parent: str = "",
) -> Deed:
    """Return what was begun some seconds ago."""
    ended = None if outcome is None or lasted is None else NOW - ago + lasted
    return Deed(
        change=f"c{ago:g}",
        action=action,
        target=target,
        intent_at=NOW - ago,
        outcome=outcome,
        ended_at=ended,
        done=done,
        parent=parent,
    )


def approved(*by: Principal, ago: float = 60.0) -> tuple[Approval, ...]:
    """Return these people's words for a plan."""
    return tuple(
        Approval(plan="p1", digest="d1", by=one, at=NOW - ago) for one in by
    )


def glass(gate: str, reason: str = "the pager rings") -> BreakGlass:
    """Return a gate that is skipped, and why."""
    return BreakGlass(gate=gate, reason=reason)


def verdict(gate: str, given: Situation) -> Verdict:
    """Return what one gate says."""
    return next(one for one in weigh(given) if one.gate == gate)


def word(gate: str, given: Situation) -> Word:
    """Return the word of one gate."""
    return verdict(gate, given).word
