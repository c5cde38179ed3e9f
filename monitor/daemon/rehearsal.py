"""A rehearsal: what `run` would refuse, found without watching anything."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from monitor.adapters.ssh import login_key
from monitor.config import Settings
from monitor.config.sections.hosts import Host
from monitor.daemon.house import build
from monitor.daemon.tls import read_tls
from monitor.daemon.tokens import read_tokens
from monitor.domain.errors import CannotReach, ConfigurationError


def rehearse(settings: Settings) -> None:
    """Read every file and wire every part; nothing is sent. Blocks.

    Not to be called where an event loop runs. Raises `ConfigurationError`
    with a line for each flaw.
    """
    flaws = [line for part in _PARTS for line in part(settings)]
    if flaws:
        raise ConfigurationError("\n".join(flaws))


def _tls(settings: Settings) -> Iterator[str]:
    tls = settings.server.tls
    if tls is not None:
        yield from _flaws(lambda: read_tls(tls))


def _tokens(settings: Settings) -> Iterator[str]:
    yield from _flaws(lambda: read_tokens(settings))


def _keys(settings: Settings) -> Iterator[str]:
    """Yield a flaw for each key that cannot be used, shared or not."""
    files: dict[Path, str] = {}
    for host in settings.hosts:
        for file, where in _key_files(host).items():
            files.setdefault(file, where)
    for file, where in files.items():
        try:
            login_key.load(file, where)
        except CannotReach as error:
            yield str(error)


def _key_files(host: Host) -> Mapping[Path, str]:
    """Return a host's keys, each with the machine that it opens."""
    ssh, where = host.ssh, f"host '{host.name}'"
    given = (ssh.key_file, ssh.act_key_file, ssh.reboot_key_file)
    files = {file: where for file in given if file is not None}
    if ssh.jump is not None:
        files.setdefault(ssh.jump.key_file, f"the jump host of {where}")
    return files


def _wiring(settings: Settings) -> Iterator[str]:
    yield from _flaws(lambda: _wire(settings))


def _wire(settings: Settings) -> None:
    house = build(settings)
    asyncio.run(house.close())


def _flaws(step: Callable[[], object]) -> Iterator[str]:
    try:
        step()
    except ConfigurationError as error:
        yield from str(error).splitlines()


_PARTS = (_tls, _tokens, _keys, _wiring)
