"""Wires a server's canaries: what they send, and which way images go."""

from collections.abc import Iterator
from pathlib import Path

from monitor.adapters import portraits
from monitor.adapters.canary_files.path import PathFiles
from monitor.adapters.canary_files.url import UrlFiles
from monitor.adapters.ssh.host import SshHost
from monitor.adapters.ssh.sftp_files import SftpFiles
from monitor.config.sections.canaries import (
    AgeCanary,
    BatchCanary,
    EnhanceCanary,
    SwapCanary,
)
from monitor.config.sections.targets import Target
from monitor.daemon.tools import Tools
from monitor.domain.canary.bounds import longest_look
from monitor.domain.canary.plan import (
    CanaryInput,
    CanaryPlan,
    check_name,
)
from monitor.domain.canary.reading import Operation
from monitor.domain.errors import ConfigurationError
from monitor.domain.judgement import Patience
from monitor.domain.observation import CheckKey, Kind
from monitor.engine.check import Check
from monitor.ports import CanaryFiles, FaceFusion, Http
from monitor.probes.canary import CanaryProbe

Canary = EnhanceCanary | AgeCanary | SwapCanary
AGAIN = 60.0
"""Seconds after which a slow or failed run is repeated (DESIGN §3.5)."""


def checks(
    target: Target, facefusion: FaceFusion, http: Http, tools: Tools
) -> Iterator[Check]:
    """Return a target's canaries. Raises `ConfigurationError`."""
    for canary in target.canaries:
        if not isinstance(canary, BatchCanary):  # goes through the backend
            yield _check(target, canary, facefusion, http, tools)


def _check(
    target: Target,
    canary: Canary,
    facefusion: FaceFusion,
    http: Http,
    tools: Tools,
) -> Check:
    plan = _plan(target, canary)
    key = CheckKey(
        kind=Kind.TARGET, subject=target.name, check=check_name(plan)
    )
    host = target.host or ""
    probe = CanaryProbe(
        key=key,
        plan=plan,
        facefusion=facefusion,
        files=_files(target, canary, http, tools),
        images=tools.images,
        clock=tools.clock,
        inputs=_inputs(target, canary, plan),
        gpu_name=lambda: tools.gpu_name(host),
        on_step=tools.on_step,
    )
    return Check(
        key=key,
        kind="canary",
        probe=probe,
        interval=canary.interval,
        timeout=canary.timeout,
        deadline=longest_look(plan) + AGAIN,
        patience=Patience(confirm_interval=min(AGAIN, canary.interval)),
        lane=target.name,
    )


def _plan(target: Target, canary: Canary) -> CanaryPlan:
    operation = Operation(canary.operation)
    asked = target.benchmark
    band = canary.benchmark
    return CanaryPlan(
        canary=canary.name,
        operation=operation,
        model=getattr(canary, "model", ""),
        blend=getattr(canary, "blend", 1.0),
        target_age=getattr(canary, "target_age", 25),
        timeout=canary.timeout,
        low=band.low if band else None,
        high=band.high if band else None,
        factor=asked.factor if "factor" in asked.model_fields_set else None,
        tolerance=asked.tolerance,
        verifiable=target.canary_files.via != "path",
    )


def _own_paths(canary: Canary) -> list[str]:
    """Return the paths of the configured input, none for the portraits."""
    given = canary.input
    if given is None:
        return []
    if isinstance(given, str):
        return [given]
    return [given.source, given.target]


def _inputs(
    target: Target, canary: Canary, plan: CanaryPlan
) -> tuple[CanaryInput, ...]:
    paths = _own_paths(canary)
    if not paths or target.canary_files.via == "path":
        return portraits.inputs_for(plan)
    return portraits.own_inputs(plan, [Path(path) for path in paths])


def _files(
    target: Target, canary: Canary, http: Http, tools: Tools
) -> CanaryFiles:
    """Return the way that this server's images go."""
    if target.canary_files.via == "path":
        return PathFiles(_own_paths(canary))
    if target.canary_files.via == "sftp" and target.host:
        return SftpFiles(
            _host(target.name, target.host, tools),
            target.canary_files.directory,
        )
    return UrlFiles(
        tools.shelf,
        public_url=tools.public_url,
        http=http,
        server_url=target.url,
    )


def _host(target: str, host: str, tools: Tools) -> SshHost:
    """Return a host's connection. It may be one that targets_from names."""
    known = tools.hosts.get(host)
    if known is None:
        raise ConfigurationError(
            f"cannot reach canary files of {target}: host {host} is not under"
            " hosts, and targets_from is not followed yet; add it there"
        )
    return known
