"""The commented configuration that `init` writes."""

from collections.abc import Iterator
from datetime import UTC, datetime

from monitor import __version__
from monitor.cli.draft_names import Names
from monitor.cli.draft_target import target_lines
from monitor.cli.draft_words import comment, point, switched_off, value
from monitor.daemon.look_around import MachineSeen, Sights

_NEXT = """\
# Next:
#   facefusion-monitor config check   every error at once, with its line
#   facefusion-monitor check          look once, now
#   facefusion-monitor run            the daemon
# With a file of another name or place add: --config FILE
# What begins with # and no space is a setting that is switched off.
"""
_DEFAULTS = """\
server:
  listen: 127.0.0.1:10777
log: {level: info, format: text}
state: {url: "sqlite:///facefusion-monitor.db"}
defaults:
  status:
    interval: 30s
    timeout: 5s
    failures: 3
    successes: 2
    confirm_interval: 2s
  gpu: {interval: 15s}
  canary_budget: 5%
"""
_TOKENS = """\
access:
  tokens:
    - name: prometheus
      token_file: secrets/prometheus
      scopes: [metrics]
"""


def draft(sights: Sights, names: Names) -> str:
    """Return a file that `config check` accepts as it is.

    What did not answer is there, but switched off.
    """
    lines = [*_head(sights), "", *_hosts(sights.machine, names.host), ""]
    lines += ["targets:", *target_lines(sights, names.target, names.host)]
    return "\n".join([*lines, "", *_itself(), ""])


def _itself() -> Iterator[str]:
    yield from comment(
        "The monitor itself. These are the defaults; `facefusion-monitor"
        " config schema` explains every setting there is."
    )
    yield from switched_off(_DEFAULTS.splitlines())
    yield from comment(
        "To listen on another address than this machine's own takes tokens."
    )
    yield from switched_off(_TOKENS.splitlines())


def _head(sights: Sights) -> Iterator[str]:
    at = datetime.fromtimestamp(sights.at, UTC)
    yield f"# Written by facefusion-monitor {__version__} init."
    yield f"# Seen on {at:%Y-%m-%d at %H:%M} UTC:"
    for text in seen(sights):
        yield from point(text)
    yield "#"
    yield from _NEXT.splitlines()


def seen(sights: Sights) -> Iterator[str]:
    """Yield what was seen, one sentence each."""
    server = sights.server
    if server.status is None:
        yield f"server: {server.because}"
    else:
        yield f"server: {server.url}/api/v1/status {server.because}"
    yield f"dialect: {server.recognised.dialect or 'none'}: " + (
        server.recognised.because
    )
    if server.recognised.version:
        yield f"version: {server.recognised.version}"
    if server.answered:
        yield f"way: {_way(server.url)}"
    if sights.machine:
        yield from _machine(sights.machine)


def _way(url: str) -> str:
    if url.startswith("https:"):
        return "https, with a certificate that this machine trusts"
    return "http: what is sent can be read and changed on the way"


def _machine(machine: MachineSeen) -> Iterator[str]:
    ssh = machine.settings
    if not machine.reached:
        yield f"ssh: {machine.because}"
        return
    yield f"ssh: {ssh.user} got in at {ssh.place}; its host key was known"
    yield f"nvidia-smi: {machine.because}"
    for gpu in machine.gpus[:_MOST_GPUS]:
        size = gpu.memory_total_bytes
        memory = "" if size is None else f", {size / 2**30:.0f} GiB"
        yield f"GPU {gpu.index}: {gpu.name}{memory}"


_MOST_GPUS = 16


def _hosts(machine: MachineSeen | None, name: str) -> Iterator[str]:
    if machine is None:
        yield from comment(
            "Without SSH nobody sees the GPUs. Give `init` --ssh USER@HOST,"
            " or fill this in."
        )
        yield from switched_off(_host_lines(None, name))
    elif machine.reached:
        yield from _host_lines(machine, name)
    else:
        yield from comment(
            "Switched off: nobody got in by SSH. Mend what is said above,"
            " then switch this on, and host: below."
        )
        yield from switched_off(_host_lines(machine, name))


def _host_lines(machine: MachineSeen | None, name: str) -> Iterator[str]:
    address, port, user = "192.168.1.10", 22, "ffmon"
    key, known = "secrets/observe", "known_hosts"
    if machine:
        ssh = machine.settings
        address, port, user = ssh.address, ssh.port, ssh.user
        key, known = str(ssh.key_file), str(ssh.known_hosts_file)
    yield "hosts:"
    yield f"  - name: {value(name)}"
    yield "    ssh:"
    yield f"      address: {value(address)}"
    yield f"      port: {port}"
    yield f"      user: {value(user)}"
    yield f"      key_file: {value(key)}"
    yield f"      known_hosts_file: {value(known)}"
