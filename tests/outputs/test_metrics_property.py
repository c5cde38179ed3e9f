"""Whatever happens, a scrape says what the slow way of writing it says."""

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from monitor.domain.answer import Phases
from monitor.domain.backend import BackendReading
from monitor.domain.canary.reading import CanaryReading, Operation, Result
from monitor.domain.certificate import Certificate
from monitor.domain.fleet import Host, Target
from monitor.domain.gpu.reading import Gpu, GpuFault, GpuReading
from monitor.domain.health import Health
from monitor.domain.joblog.kinds import WORDS
from monitor.domain.joblog.reading import JobsReading, LogReading
from monitor.domain.judgement import Track
from monitor.domain.kernel.event import KernelReading
from monitor.domain.machine.reading import Disk, Gap, MachineReading
from monitor.domain.network import NetworkReading
from monitor.domain.observation import (
    CheckKey,
    Kind,
    Observation,
    Reading,
)
from monitor.domain.service.reading import Process, ServiceReading
from monitor.domain.status import StatusReading
from monitor.engine.board import Board
from monitor.engine.check import Check
from monitor.engine.events import Looked, Skipped
from monitor.outputs.metrics import Metrics
from monitor.outputs.metrics.text import escaped, number
from tests.fakes.clock import FakeClock
from tests.fakes.probe import FakeProbe, check_of
from tests.fakes.ward import FakeWard, diagnosed, paged
from tests.outputs.house import ME, NOW
from tests.outputs.reference import Reference, Sample

TIMES = st.floats(min_value=0, max_value=1e4, allow_nan=False)
NUMBERS = st.one_of(st.floats(), st.integers(-(2**60), 2**60), st.booleans())
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=8)
"""Lone surrogates, quotes, backslashes and newlines too."""
WHOLE_TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
PHASES = st.builds(Phases, resolve=TIMES, connect=st.none() | TIMES)
STATUS = st.builds(
    StatusReading,
    dialect=WHOLE_TEXT,
    code=st.none() | st.integers(100, 599),
    phases=PHASES,
    version=WHOLE_TEXT,
    queue_size=st.none() | st.integers(0, 2**53),
)
CARDS = st.builds(
    Gpu,
    uuid=st.sampled_from(["GPU-a", "GPU-b"]),
    index=st.just(0),
    name=WHOLE_TEXT,
    pci_bus_id=st.sampled_from(["00000000:01:00.0", "00000000:02:00.0"]),
    temperature_celsius=st.none() | TIMES,
    memory_used_bytes=st.none() | st.integers(0, 2**53),
)
GPUS = st.builds(
    GpuReading,
    gpus=st.lists(CARDS, max_size=2, unique_by=lambda g: g.uuid).map(tuple),
    faults=st.just(()) | st.just((GpuFault(fault="gpu_lost", because=""),)),
    driver_version=WHOLE_TEXT,
    owners=st.just(()) | st.just((("GPU-a", "other", 7),)),
)
COUNTS = st.integers(0, 2**50)  # sums stay exact as floats
MACHINES = st.builds(
    MachineReading,
    way=st.just("stdin"),
    boot_time=st.none() | TIMES,
    load1=st.none() | TIMES,
    cpus=st.none() | COUNTS,
    disks=st.just(())
    | st.builds(
        Disk, path=WHOLE_TEXT, total_bytes=COUNTS, free_bytes=COUNTS
    ).map(lambda disk: (disk,)),
    kernel=st.none()
    | st.builds(
        KernelReading,
        source=st.just("journal"),
        cursor=st.none(),
        boot_id=st.just("b"),
        counts=st.lists(
            st.tuples(
                st.sampled_from(["0000:01:00", "0000:02:00"]),
                st.sampled_from([13, 45]),
                COUNTS,
            ),
            max_size=3,
            unique_by=lambda one: one[:2],
        ).map(tuple),
    ),
)
PROCESSES = st.builds(
    Process,
    pid=st.integers(1, 2),
    start_ticks=st.just(5),
    started_at=st.just(NOW - 60),
    cpu_seconds=st.none() | TIMES,
    resident_bytes=st.none() | COUNTS,
    is_server=st.booleans(),
)
SERVICES = st.builds(
    ServiceReading,
    manager=st.just("process"),
    port=st.just(9002),
    processes=st.lists(PROCESSES, max_size=1).map(tuple),
    gaps=st.just(())
    | st.just((Gap(part="service", what="processes", because=""),)),
)
LOGS = st.builds(
    LogReading,
    source=st.just("journal"),
    cursor=st.none(),
    counts=st.dictionaries(st.sampled_from(WORDS), COUNTS).map(
        lambda counts: tuple(counts.items())
    ),
)
FOLDERS = st.builds(
    JobsReading,
    directory=st.just("/"),
    counts=st.dictionaries(st.sampled_from(["queued", "failed"]), COUNTS).map(
        lambda counts: tuple(counts.items())
    ),
)
RUNS = st.builds(
    CanaryReading,
    canary=st.just("swap"),
    operation=st.just(Operation.SWAP),
    model=st.just(""),
    result=st.sampled_from(Result),
    duration=st.none() | TIMES,
    output_valid=st.none() | st.booleans(),
    ratio=st.none() | TIMES,
    baseline=st.none() | TIMES,
)
WAYS = st.builds(
    NetworkReading,
    tcp_round_trip=st.none() | TIMES,
    ping_loss=st.none() | st.floats(0, 1),
    certificate=st.none()
    | st.builds(Certificate, not_before=st.just(0.0), not_after=TIMES),
)
READINGS: dict[str, st.SearchStrategy[Reading]] = {
    "status": STATUS,
    "gpu": GPUS,
    "canary": RUNS,
    "network": WAYS,
    "host": MACHINES,
    "process": SERVICES,
    "logs": LOGS,
    "jobs": FOLDERS,
    "backend": st.builds(BackendReading, api=st.just("v1"), phases=PHASES),
}
KEYS = {
    CheckKey(kind=Kind.TARGET, subject=name, check=check): kind
    for name in ("attic", "studio")
    for check, kind in [
        ("status", "status"),
        ("canary.swap", "canary"),
        ("network", "network"),
        ("backend", "backend"),
        ("process", "process"),
        ("logs", "logs"),
        ("jobs", "jobs"),
    ]
} | {
    CheckKey(kind=Kind.HOST, subject="gpu1", check="gpu"): "gpu",
    CheckKey(kind=Kind.HOST, subject="gpu1", check="host"): "host",
    CheckKey(kind=Kind.MONITOR, subject="monitor", check="control"): "control",
}


@st.composite
def _fleet(draw: st.DrawFn) -> list[Target]:
    names = draw(st.sets(st.sampled_from(["attic", "studio"])))
    return [
        Target(
            name=name,
            url=draw(st.sampled_from(["http://a", "http://b"])),
            dialect="rest",
            labels=(("self", draw(WHOLE_TEXT)),),
        )
        for name in sorted(names)
    ]


def parsed(text: bytes) -> list[Sample]:
    """Return a scrape's samples as prometheus_client's own parser has it."""
    return sorted(
        (s.name, tuple(sorted(s.labels.items())), s.value)
        for family in text_string_to_metric_families(text.decode())
        for s in family.samples
        if not s.name.startswith("facefusion_monitor_")
    )


def heads(text: bytes) -> Iterator[str]:
    for line in text.decode().splitlines():
        if line.startswith("# TYPE"):
            yield line.split()[2]


class Watching(RuleBasedStateMachine):
    """Looks, skips, the passing of time and reloads, in any order."""

    @initialize(fleet=_fleet())
    def begin(self, fleet: list[Target]) -> None:
        self.clock = FakeClock(NOW)
        self.planned: set[str] = set()
        self.held: dict[CheckKey, Check] = {}
        self.targets = fleet
        self.choose(set(KEYS), renewed=set())
        hosts = [Host(name="gpu1")]
        self.board = Board(fleet, hosts, self.held.values())
        self.ward = FakeWard(self.board)
        self.reference = Reference(self.board, self.planned, self.ward)
        self.metrics = Metrics(
            self.board,
            self.clock,
            ME,
            planned=self.planned.__contains__,
            ward=self.ward,
            process=False,
        )

    def choose(self, keys: set[CheckKey], renewed: set[CheckKey]) -> None:
        names = {target.name for target in self.targets}
        self.held = {
            key: self.held[key]
            if key in self.held and key not in renewed
            else self.made(key)
            for key in sorted(keys)
            if key.kind is not Kind.TARGET or key.subject in names
        }

    def made(self, key: CheckKey) -> Check:
        check = check_of(FakeProbe(self.clock, key), kind=KEYS[key])
        if check.kind != "canary":
            return check
        model = "" if len(self.held) % 2 else "inswapper_128"
        labels = (("canary", "swap"), ("operation", "swap"), ("model", model))
        return replace(check, labels=labels, benchmark=(3.0, 4.0))

    @rule(
        data=st.data(),
        health=st.sampled_from(Health),
        reason=st.sampled_from(["", "timeout", "internal"]),
        age=st.floats(-100, 100),
    )
    def look(
        self, data: st.DataObject, health: Health, reason: str, age: float
    ) -> None:
        if not self.held:
            return
        key = data.draw(st.sampled_from(sorted(self.held)))
        readings = READINGS.get(KEYS[key], st.none())
        seen = Observation(
            key=key,
            probe=KEYS[key],
            at=self.clock.now() - age,
            duration=0.5,
            health=health,
            because="",
            reason=reason,
            reading=data.draw(st.none() | readings),
        )
        track = Track(health=health)
        self.board.post(self.held[key], seen, track)
        self.tell_looked(
            Looked(check=self.held[key], seen=seen, track=track, changed=None)
        )

    def tell_looked(self, event: Looked) -> None:
        self.metrics.heard(event)
        self.reference.looked(event)

    @rule(
        data=st.data(),
        reason=st.sampled_from(["overlap", "busy", "never heard of"]),
    )
    def skip(self, data: st.DataObject, reason: str) -> None:
        if not self.held:
            return
        key = data.draw(st.sampled_from(sorted(self.held)))
        event = Skipped(check=self.held[key], reason=reason)
        self.board.skip(event)
        self.metrics.heard(event)
        self.reference.skipped(event)

    @rule(seconds=st.floats(-4000, 4000))
    def time_jumps(self, seconds: float) -> None:
        self.clock.pass_time(seconds)

    @rule(seconds=st.sampled_from([1.0, 30.0, 64.5, 65.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.pass_time(seconds)

    @rule(names=st.sets(st.sampled_from(["attic", "studio"])))
    def plan(self, names: set[str]) -> None:
        self.planned.clear()
        self.planned.update(names)

    @rule(
        name=st.sampled_from(["attic", "studio"]),
        cause=st.sampled_from(["none", "hung", "slow", "no_data"]),
        withheld=st.none() | st.sampled_from(["", "maintenance"]),
    )
    def diagnose(self, name: str, cause: str, withheld: str | None) -> None:
        self.ward.diagnoses[name] = diagnosed(cause)
        self.ward.pages.pop(name, None)
        if withheld is not None:
            self.ward.pages[name] = paged(
                cause, target=name, withheld=withheld
            )

    @rule(
        fleet=_fleet(),
        keys=st.sets(st.sampled_from(sorted(KEYS))),
        renewed=st.sets(st.sampled_from(sorted(KEYS))),
        hosts=st.lists(st.just(Host(name="gpu1")), max_size=1),
    )
    def reload(
        self,
        fleet: list[Target],
        keys: set[CheckKey],
        renewed: set[CheckKey],
        hosts: list[Host],
    ) -> None:
        self.targets = fleet
        self.choose(keys, renewed)
        gone = self.board.rewire(fleet, hosts, self.held.values())
        self.metrics.heard(gone)
        self.reference.rewired()

    @invariant()
    def a_scrape_says_what_the_slow_way_says(self) -> None:
        text = self.metrics.render()

        assert parsed(text) == self.reference.samples(self.clock.now())
        named = list(heads(text))
        assert len(named) == len(set(named))


TestWatching = Watching.TestCase
TestWatching.settings = settings(
    max_examples=10, stateful_step_count=25, deadline=None
)


@given(value=NUMBERS)
def test_numbers_are_written_as_prometheus_client_writes_them(
    value: float,
) -> None:
    registry = CollectorRegistry()
    Gauge("up", "", registry=registry).set(value)

    last = generate_latest(registry).decode().split()[-1]

    assert number(value) == last


@given(value=WHOLE_TEXT)
def test_a_label_comes_back_as_it_was(value: str) -> None:
    text = f'up{{a="{escaped(value)}"}} 1\n'

    (family,) = text_string_to_metric_families(text)

    assert family.samples[0].labels == {"a": value}


@given(value=ANY_TEXT)
@example(value="\udc80")
def test_no_text_breaks_the_line_or_its_encoding(value: str) -> None:
    made = escaped(value)

    assert made.encode().count(b"\n") == 0
