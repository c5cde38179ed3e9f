"""Any situation at all: real words, odd numbers, and what cannot be."""

from hypothesis import strategies as st

from monitor.domain.diagnosis.cause import CAUSES, Remedy, Severity
from monitor.domain.diagnosis.diagnosis import Diagnosis
from monitor.domain.health import Health
from monitor.domain.machine.reading import Gap
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
from monitor.domain.recovery.situation import (
    Peer,
    SecondLook,
    Situation,
    Work,
)
from monitor.domain.recovery.weighing import GATES
from monitor.domain.recovery.words import Action, Outcome, Trigger
from monitor.domain.service.reading import Process, ServiceReading, Unit
from tests.domain.recovery.situations import BOOT, NOW, OURS, TARGET

times = st.one_of(
    st.sampled_from([NOW, NOW - 1, NOW - 600, NOW - 3600, NOW - 86400]),
    st.floats(NOW - 2e5, NOW + 2e5),
    st.floats(),
)
seconds = st.one_of(st.sampled_from([0.0, 599.0, 600.0, 3600.0]), st.floats())
maybe_times = st.one_of(st.none(), times)
flags = st.sampled_from([None, True, False])
texts = st.one_of(st.sampled_from(["", "why", "é\n"]), st.text(max_size=20))
actions = st.sampled_from(list(Action))
remedies = st.lists(st.sampled_from(list(Remedy)), unique=True).map(tuple)
causes = st.one_of(st.sampled_from(sorted(CAUSES)), st.text(max_size=8))
people = st.builds(
    Principal,
    name=st.sampled_from(["one", "two"]),
    person=st.sampled_from(["", "ann", "bob", "cat"]),
    trigger=st.sampled_from(list(Trigger)),
)
diagnoses = st.builds(
    Diagnosis,
    cause=causes,
    health=st.sampled_from(list(Health)),
    severity=st.sampled_from(list(Severity)),
    because=texts,
    at=times,
    since=times,
    remedies=remedies,
    also=st.lists(causes, max_size=2).map(tuple),
)
processes = st.builds(
    Process,
    pid=st.integers(0, 900),
    start_ticks=st.integers(0, 9),
    started_at=times,
    uid=st.sampled_from([None, 0, 990]),
    is_server=st.booleans(),
)
units = st.builds(
    Unit,
    manager=st.sampled_from(["systemd", "docker"]),
    name=texts,
    exists=st.booleans(),
    load_state=st.sampled_from(["loaded", "masked"]),
    active_state=st.sampled_from(["active", "inactive", "failed", ""]),
    state=st.sampled_from(["", "running", "exited", "paused"]),
    job=st.sampled_from(["", "stop", "start"]),
    stop_asked=flags,
)
services = st.builds(
    ServiceReading,
    manager=st.sampled_from(["systemd", "docker", "process"]),
    port=st.just(9002),
    boot_id=st.sampled_from(["", BOOT]),
    unit=st.one_of(st.none(), units),
    processes=st.lists(processes, max_size=3).map(tuple),
    strays=st.sampled_from([None, ()]),
    gaps=st.sampled_from(
        [(), (Gap(part="service", what="processes", because="no leave"),)]
    ),
)
deeds = st.builds(
    Deed,
    change=texts,
    action=actions,
    target=st.sampled_from(["studio", "annex"]),
    intent_at=times,
    outcome=st.sampled_from([None, *Outcome]),
    ended_at=maybe_times,
    done=st.booleans(),
    parent=st.sampled_from(["", "r1", "r2"]),
)
uses = st.builds(
    GpuUse,
    uuid=st.just("GPU-1"),
    pid=st.integers(0, 900),
    name=texts,
    whose=st.sampled_from(list(Whose)),
    memory_bytes=st.one_of(st.none(), st.integers(0, 2**40)),
    identity=st.sampled_from([None, OURS.identity]),
)
tables = st.builds(
    GpuTable,
    at=times,
    cards=st.sampled_from([(), (Card(uuid="GPU-1", index=0),)]),
    uses=st.lists(uses, max_size=3).map(tuple),
)
phrases = st.one_of(st.none(), st.lists(texts, max_size=2).map(tuple))
machines = st.builds(
    MachineUse,
    targets=st.lists(texts, max_size=2).map(tuple),
    people=phrases,
    packages=phrases,
    inhibitors=phrases,
    strangers=st.lists(texts, max_size=2).map(tuple),
    starts_at_boot=flags,
    is_ours=st.booleans(),
    gpus=st.sampled_from([None, 0, 2]),
)
peers = st.builds(
    Peer,
    name=st.sampled_from(["studio", "a", "b", "c", "d"]),
    serves=flags,
    is_changing=st.booleans(),
)
budgets = st.builds(Budget, most=st.integers(-1, 4), window=seconds)
policies = st.builds(
    Policy,
    mode=st.sampled_from(["off", "suggest", "auto", "", "ON"]),
    allow=st.frozensets(actions),
    auto=st.frozensets(actions),
    cooldown=seconds,
    budgets=st.dictionaries(actions, budgets),
)
situations = st.builds(
    Situation,
    now=times,
    action=actions,
    target=st.just(TARGET),
    policy=policies,
    by=people,
    diagnosis=st.one_of(st.none(), diagnoses),
    service=st.one_of(st.none(), services),
    second=st.builds(
        SecondLook, agrees=flags, because=texts, is_early=st.booleans()
    ),
    work=st.builds(
        Work,
        jobs=st.lists(texts, max_size=5).map(tuple),
        moves=flags,
        waited=seconds,
    ),
    maintenance=texts,
    blind=texts,
    past=st.lists(deeds, max_size=5).map(tuple),
    peers=st.lists(peers, max_size=6, unique_by=lambda one: one.name).map(
        tuple
    ),
    approvals=st.lists(
        st.builds(
            Approval,
            plan=st.just("p1"),
            digest=st.just("d1"),
            by=people,
            at=times,
        ),
        max_size=4,
    ).map(tuple),
    break_glass=st.one_of(
        st.none(),
        st.builds(
            BreakGlass,
            gate=st.one_of(st.sampled_from(GATES), st.text(max_size=5)),
            reason=texts,
        ),
    ),
    lock=texts,
    hand=texts,
    gpu=st.one_of(st.none(), tables),
    machine=st.one_of(st.none(), machines),
    parent=st.sampled_from(["", "r1"]),
    sick_since=maybe_times,
)
