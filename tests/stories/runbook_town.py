"""One simulated host a cause, each broken by the fault that brings it."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from monitor.simulator.backend import SimulatedBackend
from monitor.simulator.backend_faults import BACKEND_FAULTS
from monitor.simulator.configuration import write_configuration
from monitor.simulator.faults import Faults
from monitor.simulator.fleet import Fleet
from monitor.simulator.host import SimulatedHost
from monitor.simulator.machine.booting import Pace
from tests.bench.fault_list import FAULTS, WELL, switch
from tests.bench.fault_town import host as name_of
from tests.stories.restart_town import PEOPLE, Monitor, Starts, begin

_OURS = {
    "starting": ("restart", None),
    "busy": ("video", None),
    "backend_disagrees": ("backend_offline_body", None),
}
"""Causes of which the matrix has no line, and what brings them."""
_SLOWING = {
    "thermal_throttling",
    "cpu_fallback",
    "gpu_busy",
    "host_overloaded",
    "slow",
}
_BY_CANARY = _SLOWING | {
    "canary_input_rejected",
    "content_declined",
    "cuda_fault",
    "gpu_memory_exhausted",
    "invalid_output",
    "processing_failed",
}
"""Causes that canaries tell of, so that these run often there."""
_SLOWNESS = 5.0
_BAND = {"low": "100ms", "high": "800ms"}
"""What a job should take: jobs are short here, and too slow when they take
half as long again; how many times as long they take where they are slowed."""
PLAYED: Mapping[str, tuple[str, float | None]] = {
    **{
        FAULTS[line].cause: switch(line)
        for line in reversed([*FAULTS])
        if FAULTS[line].cause != WELL
    },
    **_OURS,
}
"""By cause, the first fault that brings it, and its number."""
_AT_ITS_TURN = {"ssh_unavailable"}
"""The longer it lasts, the later is the monitor's next try to get in."""
_SPARE = "spare"
"""A server that stays well: nobody restarts the last one that serves."""
_DURATIONS = {"gfpgan_1.4": 0.4, "swap": 0.3}
_PACE = Pace(answers=0.1, away=0.5)
_HURRY = {
    "status": {
        "interval": "3s",
        "timeout": "2s",
        "confirm_interval": "500ms",
    },
    "gpu": {"interval": "5s"},
    "host": {"interval": "5s"},
}
_RECOVERY = {
    "allow": ["restart", "free-gpu-memory", "reboot"],
    "cooldown": "1s",
}
_HASTY = "tests.stories.hasty_daemon"
_SETTLES_WITHIN = 60.0


@dataclass(frozen=True, kw_only=True)
class Town:
    """The hosts, the backend before one of them, and their monitor."""

    fleet: Fleet
    monitor: Monitor
    starts: Mapping[str, Starts]
    folder: Path

    def host(self, cause: str) -> SimulatedHost:
        return self.fleet.hosts[name_of(cause)]

    def switch_off(self, cause: str) -> None:
        """Mend what brought a cause, as somebody would."""
        self._switches(cause).switch_off(PLAYED[cause][0])

    def switch_on(self, cause: str) -> None:
        self._switches(cause).switch_on(*_fault(cause))

    def _switches(self, cause: str) -> Faults:
        if PLAYED[cause][0] not in BACKEND_FAULTS:
            return self.host(cause).faults
        assert self.fleet.backend is not None
        return self.fleet.backend.faults


def _fault(cause: str) -> tuple[str, float | None]:
    name, value = PLAYED[cause]
    return name, _SLOWNESS if cause in _SLOWING else value


@asynccontextmanager
async def town(folder: Path, causes: Collection[str]) -> AsyncIterator[Town]:
    """Run all hosts, well at first and then each with its fault."""
    hosts = [
        SimulatedHost(
            name_of(cause),
            workdir=folder / cause,
            durations=_DURATIONS,
            pace=_PACE,
        )
        for cause in (*causes, _SPARE)
    ]
    backend = SimulatedBackend()
    async with Fleet(*hosts, backend=backend) as fleet:
        path = write_configuration(
            hosts,
            folder,
            listen="127.0.0.1:0",
            backend=backend,
            people=PEOPLE,
        )
        _hurry(path)
        async with await begin(path, folder, module=_HASTY) as monitor:
            for cause in causes:
                await monitor.is_diagnosed(
                    WELL, name_of(cause), _SETTLES_WITHIN
                )
            starts = {one.name: Starts(one) for one in hosts}
            all_ = Town(
                fleet=fleet, monitor=monitor, starts=starts, folder=folder
            )
            for cause in {*causes} - _AT_ITS_TURN:
                all_.switch_on(cause)
            yield all_


def _hurry(path: Path) -> None:
    """Look and act often; only one server is behind the backend."""
    settings = yaml.safe_load(path.read_text())
    settings["defaults"] = _HURRY
    settings["log"] = {"format": "json"}
    for target in settings["targets"]:
        is_starting = target["name"] == "starting"
        target.update(
            start_grace="10m" if is_starting else "5s",
            recovery=_RECOVERY,
            canary_budget="100%",
        )
        target["canaries"].pop()
        if target["name"] in map(name_of, _SLOWING):
            target["canaries"].pop()
        is_told = target["name"] in map(name_of, _BY_CANARY)
        for canary in target["canaries"]:
            interval = "5s" if is_told else "5m"
            canary.update(interval=interval, timeout="5s", benchmark=_BAND)
        if target["name"] != name_of("backend_disagrees"):
            del target["backend"]
    path.write_text(yaml.safe_dump(settings))
