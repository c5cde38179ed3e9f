"""What runs behind the doors of a simulated host: jobs, cards, machine."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from monitor.simulator.faults import Faults
from monitor.simulator.gate.acting import Acting
from monitor.simulator.gate.site import Site
from monitor.simulator.jobs import USERS, Jobs
from monitor.simulator.machine.booting import (
    REBOOTED,
    USUAL,
    Booting,
    Later,
    Pace,
)
from monitor.simulator.machine.clock import Clock
from monitor.simulator.machine.doors import TURNING
from monitor.simulator.machine.effects import RESTARTED, Effects
from monitor.simulator.machine.lines import succeeded
from monitor.simulator.machine.process import STOPPED
from monitor.simulator.machine.world import Doing, World
from monitor.simulator.nvidia_smi.rack import Work
from monitor.simulator.nvidia_smi.tool import NvidiaSmi

HEALED = frozenset(
    {
        *("refused", "hang", "error_500", "null_result", "unchanged_image"),
        *("blank_image", "out_of_memory", "process_killed", "oom_killed"),
        *("log_error", "operator_stop", "suspended", "not_listening"),
        *("port_drift", "cuda_fault", "cpu_fallback", "gpu_memory_leak"),
        *("container_gpu_lost", "video"),
    }
)
"""Faults that are over when FaceFusion was started anew. The others have a
cause that is still there: settings, files, a card, the network."""


class Inside:
    """The jobs, the cards and the machine of one host, wired together.

    `cut` drops every connection, as a machine does that boots. `later` lets
    it boot when its gate is asked to, at a `pace`; without it that is
    refused. `monotonic` is the clock that work is timed by, `tool` the
    nvidia-smi there.
    """

    def __init__(  # noqa: PLR0913 - the knobs of a host
        self,
        name: str,
        faults: Faults,
        *,
        gpus: int,
        speed: float,
        durations: Mapping[str, float] | None,
        clock: Clock,
        cut: Callable[[], None],
        monotonic: Callable[[], float] = time.monotonic,
        tool: type[NvidiaSmi] = NvidiaSmi,
        later: Later | None = None,
        pace: Pace = USUAL,
    ) -> None:
        self._monotonic = monotonic
        self._leaks_since = 0.0
        self._faults = faults
        self.jobs = Jobs(
            faults,
            speed=speed,
            durations=durations,
            heard=self._heard,
            monotonic=monotonic,
        )
        self.world = World(name, self._doing, clock)
        self.nvidia_smi = tool(name, gpus, faults, self._working)
        rack = self.nvidia_smi.rack
        self._effects = Effects(self.world, faults, rack.cards, rack.lost, cut)
        reboot = None
        if later is not None:
            heals = HEALED | REBOOTED
            reboot = Booting(faults, later, heals, pace).begin
        self._acting = Acting(self.world, monotonic, self._restart, reboot)

    def publish(self) -> None:
        """Let nvidia-smi say how the cards are now."""
        self.nvidia_smi.publish(self._monotonic())

    def site(self, *, canaries: Path, root: Path) -> Site:
        """Return what a gate sees of it."""
        return Site(
            world=self.world,
            nvidia_smi=self.nvidia_smi,
            faults=self._faults,
            canaries=canaries,
            root=root,
            acting=self._acting,
            monotonic=self._monotonic,
        )

    def changed(self, name: str) -> None:
        """Do at once what a fault means for jobs and machine."""
        if name in {*TURNING, *RESTARTED, "cold"}:
            self.jobs.restart()  # the models are loaded anew
        if name in USERS:
            self.jobs.users(are_here=any(map(self._faults.is_on, USERS)))
        if name == "gpu_memory_leak":
            self._leaks_since = self._monotonic()
        self._effects.changed(name)

    def _restart(self) -> None:
        """Start FaceFusion anew, once: what a restart heals is over."""
        before = self.world.service.process
        for name in self._faults.active():
            if name in HEALED:
                self._faults.switch_off(name)
        if self.world.service.process is before:
            now = self.world.now()
            self.world.end(STOPPED, now)
            self.world.start(now)
            self.jobs.restart()

    def _doing(self) -> Doing:
        jobs = self.jobs
        return Doing(
            running=jobs.on_gpu(),
            seconds=jobs.job_seconds(),
            busy=jobs.busy_seconds(),
            waiting=jobs.queue_size(),
            done=jobs.done,
            failed=jobs.failed,
            on_cpu=self._faults.is_on("cpu_fallback"),
        )

    def _working(self) -> Work:
        process = self.world.service.process
        return Work(
            running=self.jobs.on_gpu(),
            busy=self.jobs.busy_seconds(),
            server=process.pid if process else None,
            stranger=self.world.stranger,
            leaked=self._leaked(),
        )

    def _leaked(self) -> float:
        """Return the MiB of GPU memory that got lost since a leak began."""
        hours = (self._monotonic() - self._leaks_since) / 3600
        return self._faults.value("gpu_memory_leak", 0.0) * hours

    def _heard(self, seconds: float, failure: str) -> None:
        """Write into FaceFusion's log that a job has succeeded.

        Why jobs fail is there since that began (`machine/effects.py`).
        """
        if not failure and self.world.service.process is not None:
            self.world.log.add(self.world.now(), succeeded(seconds))
