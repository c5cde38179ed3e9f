"""Which images a canary sends, and which way they go."""

from pathlib import Path

from monitor.adapters import portraits
from monitor.adapters.canary_files.path import PathFiles
from monitor.adapters.canary_files.url import UrlFiles
from monitor.adapters.gate import GateFiles
from monitor.config.sections.canaries import (
    AgeCanary,
    EnhanceCanary,
    SwapCanary,
)
from monitor.config.sections.targets import Target
from monitor.daemon.tools import Reached, Tools
from monitor.domain.canary.plan import CanaryInput, CanaryPlan
from monitor.domain.errors import ConfigurationError
from monitor.ports import CanaryFiles, Http

SingleCanary = EnhanceCanary | AgeCanary | SwapCanary


def inputs_for(
    target: Target, canary: SingleCanary, plan: CanaryPlan
) -> tuple[CanaryInput, ...]:
    """Return what is sent. Raises `ConfigurationError`."""
    paths = _own_paths(canary)
    if not paths or target.canary_files.via == "path":
        return portraits.inputs_for(plan)
    return portraits.own_inputs(plan, [Path(path) for path in paths])


def files_for(
    target: Target, canary: SingleCanary, http: Http, tools: Tools
) -> CanaryFiles:
    """Return the way this server's images go, `http` leading to it.

    Raises `ConfigurationError`.
    """
    if target.canary_files.via == "path":
        return PathFiles(_own_paths(canary))
    if target.canary_files.via == "sftp" and target.host:
        reached = _reached(target.name, target.host, tools)
        return GateFiles(
            reached.shell, reached.gate, target.canary_files.directory
        )
    return below(target.url, http, tools)


def below(url: str, http: Http, tools: Tools) -> UrlFiles:
    """Return the way of images that `http` fetches below an address."""
    return UrlFiles(
        tools.shelf, public_url=tools.public_url, http=http, server_url=url
    )


def _own_paths(canary: SingleCanary) -> list[str]:
    """Return the paths of the configured input, none for the portraits."""
    given = canary.input
    if given is None:
        return []
    if isinstance(given, str):
        return [given]
    return [given.source, given.target]


def _reached(target: str, host: str, tools: Tools) -> Reached:
    """Return a machine. It may be one that targets_from names."""
    known = tools.hosts.get(host)
    if known is None:
        raise ConfigurationError(
            f"cannot reach canary files of {target}: host {host} is not under"
            " hosts, and targets_from is not followed yet; add it there"
        )
    return known
