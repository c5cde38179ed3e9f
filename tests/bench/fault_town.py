"""One simulated host a fault, watched by us and by blackbox_exporter."""

import copy
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from monitor.simulator.configuration import write_configuration
from monitor.simulator.fleet import Fleet
from monitor.simulator.host import SimulatedHost
from tests.bench import blackbox
from tests.bench.fault_list import WELL, switch
from tests.servers import prometheus
from tests.servers.prometheus import RULES, Prometheus
from tests.stories.daemon import Daemon, Scrape, running

EVERY = "15s"
"""How often Prometheus scrapes and evaluates, blackbox probes and we look."""
TIMEOUT = "5s"
CANARIES = "60s"
FAILED_FOR, SLOW_FOR, SLOW = "1m", "5m", 1.0
"""The ordinary rules' patience, and the seconds of a slow probe."""
ORDINARY: dict[str, Any] = {
    "groups": [
        {
            "name": "ordinary",
            "rules": [
                {
                    "alert": "ProbeFailed",
                    "expr": "probe_success == 0",
                    "for": FAILED_FOR,
                },
                {
                    "alert": "ProbeSlow",
                    "expr": f"probe_duration_seconds > {SLOW}",
                    "for": SLOW_FOR,
                },
            ],
        }
    ]
}
SETTLES_WITHIN = 300.0


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What is at stake, and at which pace.

    `every` is how often Prometheus scrapes and evaluates, blackbox probes
    and we look. `pages` are the Alertmanagers that Prometheus tells.
    """

    names: Collection[str]
    every: str = EVERY
    canaries: str = CANARIES
    failed_for: str = FAILED_FOR
    rules: Path = RULES
    pages: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Town:
    """The hosts by name, their monitor, and who scrapes them all."""

    fleet: Fleet
    daemon: Daemon
    prometheus: Prometheus

    async def settle(self) -> None:
        """Return when every server is well, and both canaries have run."""
        names = list(self.fleet.hosts)
        await self.daemon.until(
            lambda scrape: all(is_well(scrape, name) for name in names),
            within=SETTLES_WITHIN,
        )

    def break_all(self) -> None:
        """Switch every fault on, each on the host of its name."""
        for name, host in self.fleet.hosts.items():
            fault, value = switch(target(name))
            if fault != "nothing":
                host.faults.switch_on(fault, value)

    def mend_all(self) -> None:
        """Switch every fault off."""
        for host in self.fleet.hosts.values():
            for fault in host.faults.active():
                host.faults.switch_off(fault)


def is_well(scrape: Scrape, name: str) -> bool:
    diagnosed = scrape.value("facefusion_diagnosis", target=name, cause=WELL)
    ran = all(
        scrape.value(
            "facefusion_canary_success", target=name, operation=operation
        )
        == 1
        for operation in ("enhance", "swap")
    )
    return diagnosed == 1 and ran


def host(name: str) -> str:
    """Return the host's name for a fault's."""
    return name.replace("_", "-")


def target(name: str) -> str:
    """Return the fault's name for a host's, or a target's."""
    return name.replace("-", "_")


@asynccontextmanager
async def town(scene: Scene, folder: Path) -> AsyncIterator[Town]:
    """Run everything for as long as the block lasts."""
    program = prometheus.path()
    assert program is not None
    hosts = [SimulatedHost(host(n), workdir=folder / n) for n in scene.names]
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        fleet = await enter(Fleet(*hosts))
        path = write_configuration(hosts, folder, listen="127.0.0.1:0")
        at_the_same_rate(path, scene)
        daemon = await enter(running("--config", str(path), cwd=folder))
        peer = await enter(blackbox.running(folder))
        jobs = [ours(daemon.url), *theirs(peer.port, hosts)]
        config = prometheus.written(
            folder,
            jobs=jobs,
            rules=[scene.rules, ordinary_rules(folder, scene.failed_for)],
            every=scene.every,
            patience=min(scene.every, "10s", key=seconds),
            pages=scene.pages,
        )
        beside = await enter(
            prometheus.running(program, config, blackbox.free_port())
        )
        yield Town(fleet=fleet, daemon=daemon, prometheus=beside)


def seconds(text: str) -> float:
    """Return how long `15s` or `1m` is."""
    return float(text[:-1]) * {"s": 1, "m": 60}[text[-1]]


def at_the_same_rate(path: Path, scene: Scene) -> None:
    """Let us look as often as blackbox does; the rest are our defaults."""
    settings = yaml.safe_load(path.read_text())
    timeout = min(scene.every, TIMEOUT, key=seconds)
    settings["defaults"] = {
        "status": {"interval": scene.every, "timeout": timeout}
    }
    settings["log"] = {"format": "json"}
    for one in settings["targets"]:
        for canary in one["canaries"]:
            canary["interval"] = scene.canaries
    path.write_text(yaml.safe_dump(settings))


def ordinary_rules(folder: Path, failed_for: str = FAILED_FOR) -> Path:
    """Write them; a probe fails for `failed_for` before anybody is told."""
    path = folder / "ordinary.yml"
    rules = copy.deepcopy(ORDINARY)
    rules["groups"][0]["rules"][0]["for"] = failed_for
    path.write_text(yaml.safe_dump(rules))
    return path


def ours(url: str) -> Mapping[str, Any]:
    address = url.removeprefix("http://")
    return {
        "job_name": "facefusion",
        "static_configs": [{"targets": [address]}],
    }


def theirs(
    port: int, hosts: Sequence[SimulatedHost]
) -> list[Mapping[str, Any]]:
    """Return the job as blackbox_exporter's manual has it."""
    return [
        {
            "job_name": "blackbox",
            "metrics_path": "/probe",
            "params": {"module": ["status"]},
            "static_configs": [
                {
                    "targets": [f"{one.url}/api/v1/status"],
                    "labels": {"target": one.name},
                }
                for one in hosts
            ],
            "relabel_configs": [
                {
                    "source_labels": ["__address__"],
                    "target_label": "__param_target",
                },
                {
                    "target_label": "__address__",
                    "replacement": f"127.0.0.1:{port}",
                },
            ],
        }
    ]
