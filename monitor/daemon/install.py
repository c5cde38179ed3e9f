"""Installs the gate on a host, and sees that it answers."""

import asyncio
from dataclasses import replace
from pathlib import Path

from monitor.adapters.clock import SystemClock
from monitor.adapters.gate.bundle import program
from monitor.adapters.gate.install_script import script
from monitor.adapters.gate.installing import Plan
from monitor.adapters.ssh.host import SshHost
from monitor.adapters.ssh.settings import SshSettings
from monitor.config import Settings
from monitor.config.sections.hosts import Host
from monitor.daemon import machines
from monitor.daemon.hands import ACTS, REBOOTS, hand
from monitor.daemon.installed_acting import acting_on, public, public_keys
from monitor.domain.errors import (
    CannotReach,
    ConfigurationError,
    MonitorError,
)
from monitor.domain.quote import quote
from monitor.ports import GateAnswer

WITHIN = 60.0
"""Seconds for the installation; making a user may take a few."""
_WORDS = 400
"""Characters of what the script says of a flaw; our own are the longest."""
_SSHD = (
    "see there with `sshd -T` that authorizedkeysfile begins with"
    " .ssh/authorized_keys, and in sshd's log what it thinks of that file"
)


class NotInstalled(MonitorError):
    """The gate could not be put on a host."""


def plan_for(settings: Settings, host: Host) -> Plan:
    """Return what would be put on a host. Blocks: it reads the key.

    Raises `ConfigurationError` and `CannotReach` for an unusable key.
    """
    return Plan(
        user=host.ssh.user,
        key=public(host.ssh.key_file, f"host '{host.name}'"),
        directory=_directory(settings, host),
        program=program(),
        logs=_logs(settings, host),
        acting=acting_on(settings, host),
    )


async def install(
    host: Host, plan: Plan, *, user: str, key_file: Path
) -> GateAnswer:
    """Put the gate on a host as `user`, and ask it with the monitor's keys.

    Raises `NotInstalled` and `CannotReach`.
    """
    where = f"host '{host.name}'"
    keys = await asyncio.to_thread(public_keys, host)
    if await asyncio.to_thread(public, key_file, where) in keys.values():
        raise NotInstalled(
            f"cannot install the gate on {where} with the monitor's own key:"
            " it shall reach the gate only from then on, whoever it logs in"
            " as; name another key with --key-file"
        )
    settings = machines.ssh_settings(host)
    await _run(host, plan, replace(settings, user=user, key_file=key_file))
    answer = await _answer(host, settings)
    if answer.way != "installed":
        raise NotInstalled(
            f"cannot see the gate at work on {where}: it is there, and sshd"
            f" lets the key do everything {settings.user} may all the same;"
            f" {_SSHD}"
        )
    if plan.acting:
        for key in (ACTS, REBOOTS):
            await _check_acting(host, key)
    return answer


async def _check_acting(host: Host, key: str) -> None:
    """Ask the gate with a key that acts, and for nothing but its name."""
    there = hand(host, SystemClock(), key)
    if there is None:
        return
    try:
        await there.hello(within=WITHIN)
    except CannotReach as error:
        raise NotInstalled(
            "cannot use the gate, which is installed now and observes, with"
            f" the {key} key: {error}; see there what `sudo -n -l` lets"
            f" {host.ssh.user} do, and {_SSHD}"
        ) from error
    finally:
        await there.close()


async def _run(host: Host, plan: Plan, admin: SshSettings) -> None:
    shell = SshHost(host.name, admin, SystemClock())
    try:
        ran = await shell.run(script(plan), within=WITHIN)
    finally:
        await shell.close()
    if ran.code:
        said = ran.stderr.decode(errors="replace").strip()
        told = said.removeprefix("cannot install the gate: ")
        flaw = quote(told, _WORDS)
        raise NotInstalled(
            f"cannot install the gate on host '{host.name}' as {admin.user}:"
            f" {flaw or 'nobody said why'} (exit code {ran.code})"
        )


async def _answer(host: Host, settings: SshSettings) -> GateAnswer:
    clock = SystemClock()
    shell = SshHost(host.name, settings, clock)
    gate = machines.gate(shell, clock)
    try:
        return await gate.hello(within=WITHIN)
    except CannotReach as error:
        raise NotInstalled(
            "cannot use the gate, which is installed now, with the monitor's"
            f" key: {error}; {_SSHD}"
        ) from error
    finally:
        await gate.close()
        await shell.close()


def _logs(settings: Settings, host: Host) -> tuple[str, ...]:
    """Return the files on a host that are somebody's log."""
    sources = (
        target.service.log.partition(":")
        for target in settings.targets
        if target.host == host.name and target.service is not None
    )
    return tuple(sorted({path for kind, _, path in sources if kind == "file"}))


def _directory(settings: Settings, host: Host) -> str:
    """Return where canary files go on a host, empty for nowhere."""
    used = {
        target.canary_files.directory
        for target in settings.targets
        if target.host == host.name and target.canary_files.via == "sftp"
    }
    if len(used) > 1:
        raise ConfigurationError(
            f"cannot install the gate on host '{host.name}': its targets"
            f" use {len(used)} canary_files.directory"
            f" ({', '.join(sorted(used))}); the gate writes below one: use"
            " the same for all of them"
        )
    return next(iter(used), "")
