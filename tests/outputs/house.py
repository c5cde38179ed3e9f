"""A fixed state of a small house, for golden scrapes."""

from collections.abc import Iterator
from dataclasses import replace

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
from monitor.domain.machine.reading import Disk, MachineReading
from monitor.domain.network import NetworkReading
from monitor.domain.observation import (
    CheckKey,
    Kind,
    Observation,
    Reading,
)
from monitor.domain.recovery.words import Outcome, State
from monitor.domain.service.reading import Process, ServiceReading
from monitor.domain.status import StatusReading
from monitor.engine.board import Board
from monitor.engine.check import Check
from monitor.engine.events import (
    ChangeTold,
    Event,
    Looked,
    PlanTold,
    Skipped,
    Started,
)
from monitor.outputs.metrics import Metrics
from monitor.outputs.metrics.monitor import Self
from monitor.outputs.metrics.recovery import Standing
from tests.fakes.clock import FakeClock
from tests.fakes.probe import FakeProbe, check_of
from tests.fakes.ward import FakeWard, diagnosed, paged
from tests.outputs.recovering import change, over, record

NOW = 1_700_000_000.0
ME = Self(
    version="0.1.0",
    ssh_states=lambda: ["connected", "down"],
    reloaded=lambda: (False, NOW - 600),
    loop_lag=lambda: 0.002,
)
CARD = Gpu(
    uuid="GPU-aaaa",
    index=0,
    name="NVIDIA GeForce RTX 3090",
    pci_bus_id="00000000:01:00.0",
    utilization_ratio=0.97,
    memory_controller_utilization_ratio=0.31,
    memory_total_bytes=25_769_803_776,
    memory_used_bytes=9_437_184_000,
    memory_free_bytes=16_332_619_776,
    temperature_celsius=71,
    power_draw_watts=348.5,
    power_limit_watts=350,
    fan_speed_ratio=0.66,
    sm_clock_hertz=1_695_000_000,
    memory_clock_hertz=9_501_000_000,
    performance_state=2,
    pcie_link_generation=4,
    pcie_link_width=16,
    pcie_replays=3,
    recovery_action="None",
    clock_events=(("sw_power_cap", True), ("hw_slowdown", False)),
    ecc_errors=(("uncorrected", "volatile", 0),),
)
RUN = CanaryReading(
    canary="enhance-gfpgan_1.4",
    operation=Operation.ENHANCE,
    model="gfpgan_1.4",
    result=Result.OK,
    duration=1.2,
    output_valid=True,
    benchmark=(1.0, 2.0),
    ratio=0.6,
    baseline=1.1,
)
WAY = NetworkReading(
    tcp_round_trip=0.0004,
    ping_round_trip=0.0003,
    ping_loss=0.25,
    certificate=Certificate(not_before=NOW - 86400, not_after=NOW + 86400),
)
LOST = GpuFault(fault="gpu_lost", because="gone", uuid="GPU-bbbb")
KERNEL = KernelReading(
    source="journal",
    cursor="s=1",
    boot_id="b1",
    counts=(("0000:01:00", 79, 1), ("0000:02:00", 13, 2)),
)
MACHINE = MachineReading(
    way="installed",
    boot_time=NOW - 86400,
    load1=1.5,
    cpus=16,
    memory_total_bytes=67_108_864_000,
    memory_available_bytes=33_554_432_000,
    disks=(
        Disk(path="/", total_bytes=500_000_000_000, free_bytes=125_000_000),
    ),
    kernel=KERNEL,
)
SERVER = Process(
    pid=4711,
    start_ticks=8_640,
    started_at=NOW - 3600,
    cpu_seconds=12.5,
    resident_bytes=2_147_483_648,
    is_server=True,
)
SERVICE = ServiceReading(
    manager="systemd",
    port=9002,
    boot_id="b1",
    now=NOW - 2,
    processes=(SERVER,),
)
LOG = LogReading(
    source="journal",
    cursor="s=2",
    counts=tuple((word, int(word == "job_succeeded")) for word in WORDS),
)
FOLDER = JobsReading(
    directory="/opt/facefusion/.jobs",
    counts=(("drafted", 0), ("queued", 1), ("completed", 8), ("failed", 2)),
)


def key(kind: Kind, subject: str, check: str) -> CheckKey:
    return CheckKey(kind=kind, subject=subject, check=check)


STATUS = key(Kind.TARGET, "studio", "status")
ATTIC = key(Kind.TARGET, "attic", "status")
ENHANCE = key(Kind.TARGET, "studio", "canary.enhance-gfpgan_1.4")
GPUS = key(Kind.HOST, "gpu1", "gpu")
BACKEND = key(Kind.TARGET, "studio", "backend")
NETWORK = key(Kind.TARGET, "studio", "network")
HOST = key(Kind.HOST, "gpu1", "host")
PROCESS = key(Kind.TARGET, "studio", "process")
LOGS = key(Kind.TARGET, "studio", "logs")
JOBS = key(Kind.TARGET, "studio", "jobs")
CONTROL = key(Kind.MONITOR, "monitor", "control")


class House:
    """Two servers, of which one is down, and one machine."""

    def __init__(self) -> None:
        self.clock = FakeClock(NOW)
        self.checks = {
            STATUS: self._check(STATUS, "status"),
            ATTIC: self._check(ATTIC, "status"),
            ENHANCE: self._check(ENHANCE, "canary", 300),
            GPUS: self._check(GPUS, "gpu", 15),
            BACKEND: self._check(BACKEND, "backend", 60),
            NETWORK: self._check(NETWORK, "network", 60),
            HOST: self._check(HOST, "host"),
            PROCESS: self._check(PROCESS, "process"),
            LOGS: self._check(LOGS, "logs"),
            JOBS: self._check(JOBS, "jobs"),
            CONTROL: self._check(CONTROL, "control", 60),
        }
        self.checks[ENHANCE] = replace(
            self.checks[ENHANCE],
            labels=(
                ("canary", "enhance-gfpgan_1.4"),
                ("operation", "enhance"),
                ("model", "gfpgan_1.4"),
            ),
            benchmark=(1.0, 2.0),
        )
        self.planned = {"attic"}
        self.targets = [
            Target(
                name="studio",
                url="http://192.0.2.10:9002",
                dialect="rest",
                host="gpu1",
                labels=(("site", 'north "1"'),),
            ),
            Target(name="attic", url="http://192.0.2.11", dialect="rest"),
        ]
        self.hosts = [Host(name="gpu1")]
        self.board = Board(self.targets, self.hosts, self.checks.values())
        self.ward = FakeWard(self.board)
        self.standings: list[Standing] = []
        self.metrics = Metrics(
            self.board,
            self.clock,
            ME,
            planned=self.planned.__contains__,
            ward=self.ward,
            standing=lambda: self.standings,
            process=False,
        )

    def _check(self, of: CheckKey, kind: str, interval: float = 30) -> Check:
        probe = FakeProbe(self.clock, of)
        return check_of(probe, kind=kind, interval=interval)

    def saw(
        self,
        of: CheckKey,
        health: Health,
        reading: Reading | None,
        *,
        at: float = NOW - 2,
        reason: str = "",
    ) -> None:
        check = self.checks[of]
        seen = Observation(
            key=of,
            probe=check.kind,
            at=at,
            duration=0.25,
            health=health,
            because="seen",
            reason=reason,
            reading=reading,
        )
        track = Track(health=health)
        self.board.post(check, seen, track)
        self.metrics.heard(
            Looked(check=check, seen=seen, track=track, changed=None)
        )

    def fill(self) -> None:
        """Let everything be seen once."""
        for event in self._runs():
            self.metrics.heard(event)
        self.saw(
            STATUS,
            Health.HEALTHY,
            StatusReading(
                dialect="rest",
                code=200,
                phases=Phases(
                    resolve=0.0,
                    connect=0.01,
                    tls=0.0,
                    processing=0.03,
                    transfer=0.002,
                ),
                version="3.8.1",
                queue_size=2,
            ),
        )
        self.saw(
            ATTIC,
            Health.UNHEALTHY,
            StatusReading(dialect="rest", phases=Phases(resolve=0.0)),
            reason="refused",
        )
        self.ward.diagnoses["attic"] = diagnosed("process_down")
        self.ward.pages["attic"] = paged(target="attic")
        self.saw(
            ENHANCE,
            Health.HEALTHY,
            RUN,
        )
        self.saw(
            GPUS,
            Health.DEGRADED,
            GpuReading(
                gpus=(CARD,),
                faults=(LOST,),
                driver_version="570.124.04",
                cuda_version="12.8",
                attached=2,
                owners=(
                    ("GPU-aaaa", "studio", 8_388_608_000),
                    ("GPU-aaaa", "other", 1_048_576_000),
                ),
            ),
            reason="gpu_lost",
        )
        self.saw(
            BACKEND,
            Health.HEALTHY,
            BackendReading(
                api="v1",
                online=True,
                code=200,
                phases=Phases(resolve=0.0, connect=0.001, processing=0.2),
            ),
        )
        self.saw(NETWORK, Health.HEALTHY, WAY)
        self.saw(HOST, Health.HEALTHY, MACHINE)
        self.saw(PROCESS, Health.HEALTHY, SERVICE)
        self.saw(LOGS, Health.HEALTHY, LOG)
        self.saw(JOBS, Health.HEALTHY, FOLDER)
        self.saw(CONTROL, Health.UNHEALTHY, None, reason="refused")
        self._act()

    def _act(self) -> None:
        """Let one restart succeed, another go on, and a plan wait."""
        for event in (
            ChangeTold(change=over(change(1), Outcome.SUCCEEDED, took=41.5)),
            ChangeTold(change=change(2, State.VERIFYING)),
            PlanTold(record=record(3, approvals=1)),
        ):
            self.metrics.heard(event)
        self.standings = [
            Standing(
                target="studio", budgets=(("restart", 1),), breaker_open=True
            )
        ]

    def _runs(self) -> Iterator[Event]:
        for check in self.checks.values():
            yield Started(check=check, lag=0.004, missed=0)
        yield Started(check=self.checks[STATUS], lag=2.0, missed=1)
        yield Skipped(check=self.checks[STATUS], reason="overlap")
        yield Skipped(check=self.checks[ENHANCE], reason="target_busy")

    def rewire(self) -> None:
        """Put the house as it is now on the board, and tell it."""
        checks = self.checks.values()
        gone = self.board.rewire(self.targets, self.hosts, checks)
        self.metrics.heard(gone)
