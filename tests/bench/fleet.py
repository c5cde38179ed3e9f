"""A realistic fleet of 50,000 series, and what is seen of it, for benches.

1,000 servers, 400 of them with a canary, and 300 machines of one GPU: the
size that DESIGN §6 speaks of.
"""

from collections.abc import Iterator
from dataclasses import replace

from monitor.domain.answer import Phases
from monitor.domain.canary.reading import CanaryReading, Operation, Result
from monitor.domain.fleet import Host, Target
from monitor.domain.gpu.reading import Gpu, GpuReading
from monitor.domain.health import Health
from monitor.domain.judgement import Track
from monitor.domain.observation import CheckKey, Kind, Observation, Reading
from monitor.domain.status import StatusReading
from monitor.engine.board import Board
from monitor.engine.check import Check
from monitor.engine.events import Looked
from monitor.outputs.metrics import Metrics
from monitor.outputs.metrics.monitor import Self
from tests.fakes.clock import FakeClock
from tests.fakes.probe import FakeProbe

TARGETS, HOSTS, CANARIES = 1000, 300, 400
CLOCK_EVENTS = (
    "gpu_idle",
    "applications_clocks_setting",
    "sw_power_cap",
    "hw_slowdown",
    "hw_thermal_slowdown",
    "hw_power_brake_slowdown",
    "sync_boost",
    "sw_thermal_slowdown",
)
BENCHMARK = (1.0, 2.0)


class Fleet:
    """Looks at everything whenever it is told to."""

    def __init__(self) -> None:
        self.clock = FakeClock(1_795_000_000.0)
        self.checks = list(self._checks())
        self.board = Board(self._targets(), self._hosts(), self.checks)
        me = Self(
            version="1",
            ssh_states=lambda: ["connected"] * HOSTS,
            reloaded=lambda: (True, 1_795_000_000.0),
            loop_lag=lambda: 0.001,
        )
        self.metrics = Metrics(self.board, self.clock, me)
        self._looks = 0

    def see(self, checks: list[Check]) -> None:
        """Let each of these checks see something new."""
        for check in checks:
            self.see_one(check)

    def see_one(self, check: Check) -> None:
        """Let a check see something new, as the watch would tell it."""
        self._looks += 1
        seen = Observation(
            key=check.key,
            probe=check.kind,
            at=self.clock.now() - self._looks % 7 / 8,
            duration=0.01 + self._looks % 997 / 1e5,
            health=Health.HEALTHY,
            because="answered 200",
            reading=_reading(check, self._looks),
        )
        track = Track(health=Health.HEALTHY)
        self.board.post(check, seen, track)
        self.metrics.heard(
            Looked(check=check, seen=seen, track=track, changed=None)
        )

    def of_kind(self, kind: str) -> list[Check]:
        """Return the checks of one kind."""
        return [check for check in self.checks if check.kind == kind]

    def _targets(self) -> Iterator[Target]:
        for n in range(TARGETS):
            yield Target(
                name=f"studio-{n:04}",
                url=f"http://192.0.2.{n % 250}:{9000 + n // 250}",
                dialect="rest",
                host=f"gpu-{n % HOSTS:03}",
                labels=(("site", f"site-{n % 7}"),),
            )

    def _hosts(self) -> Iterator[Host]:
        return (Host(name=f"gpu-{n:03}") for n in range(HOSTS))

    def _checks(self) -> Iterator[Check]:
        for target in self._targets():
            key = CheckKey(
                kind=Kind.TARGET, subject=target.name, check="status"
            )
            yield self._check(key, "status", 30)
        for target in list(self._targets())[:CANARIES]:
            key = CheckKey(
                kind=Kind.TARGET,
                subject=target.name,
                check="canary.enhance-gfpgan_1.4",
            )
            labels = {
                "canary": "enhance-gfpgan_1.4",
                "operation": "enhance",
                "model": "gfpgan_1.4",
            }
            yield replace(
                self._check(key, "canary", 300),
                labels=tuple(labels.items()),
                benchmark=BENCHMARK,
            )
        for host in self._hosts():
            key = CheckKey(kind=Kind.HOST, subject=host.name, check="gpu")
            yield self._check(key, "gpu", 15)

    def _check(self, key: CheckKey, kind: str, interval: float) -> Check:
        return Check(
            key=key,
            kind=kind,
            probe=FakeProbe(self.clock, key),
            interval=interval,
            timeout=5,
            deadline=10,
        )


def _reading(check: Check, look: int) -> Reading:
    if check.kind == "status":
        return StatusReading(
            dialect="rest",
            code=200,
            phases=Phases(
                resolve=0.0,
                connect=0.0001 + look % 89 / 1e6,
                tls=0.0,
                processing=0.01 + look % 991 / 1e5,
                transfer=0.0001 + look % 83 / 1e6,
            ),
            version="3.5.4",
            queue_size=look % 5,
        )
    if check.kind == "gpu":
        return GpuReading(
            gpus=(_gpu(check.key.subject, look),),
            driver_version="570.124.04",
            cuda_version="12.8",
            attached=1,
        )
    return CanaryReading(
        canary="enhance-gfpgan_1.4",
        operation=Operation.ENHANCE,
        model="gfpgan_1.4",
        result=Result.OK,
        duration=1.0 + look % 97 / 100,
        output_valid=True,
        benchmark=BENCHMARK,
        ratio=0.5 + look % 97 / 200,
        baseline=1.4,
    )


def _gpu(host: str, look: int) -> Gpu:
    return Gpu(
        uuid=f"GPU-00000000-0000-0000-0000-{host:>012}",
        index=0,
        name="NVIDIA GeForce RTX 3090",
        pci_bus_id="00000000:01:00.0",
        utilization_ratio=look % 101 / 100,
        memory_controller_utilization_ratio=look % 53 / 100,
        encoder_utilization_ratio=0.0,
        decoder_utilization_ratio=0.0,
        memory_total_bytes=25_769_803_776,
        memory_used_bytes=9_437_184_000 + look * 1_048_576 % 10**10,
        memory_free_bytes=16_332_619_776 - look * 1_048_576 % 10**10,
        temperature_celsius=50 + look % 31,
        memory_temperature_celsius=60 + look % 31,
        slowdown_temperature_celsius=95,
        power_draw_watts=100 + look % 2500 / 10,
        power_limit_watts=350,
        fan_speed_ratio=look % 100 / 100,
        sm_clock_hertz=1_695_000_000 - look % 20 * 15_000_000,
        memory_clock_hertz=9_501_000_000,
        performance_state=2,
        pcie_link_generation=4,
        pcie_link_width=16,
        pcie_replays=3,
        recovery_action="None",
        clock_events=tuple(
            (name, (look + n) % 11 == 0) for n, name in enumerate(CLOCK_EVENTS)
        ),
        ecc_errors=tuple(
            (error, scope, 0)
            for error in ("corrected", "uncorrected")
            for scope in ("volatile", "aggregate")
        ),
    )
