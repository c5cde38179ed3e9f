"""What makes a host one that can be acted on, by the settings."""

from collections.abc import Iterator
from pathlib import Path

from monitor.adapters.gate.acting_files import Acted, Acting
from monitor.adapters.gate.installing import GATE, PYTHON
from monitor.adapters.ssh import login_key
from monitor.config import Settings
from monitor.config.sections.hosts import Host
from monitor.daemon.services import port_of
from monitor.domain.errors import ConfigurationError


def acting_on(settings: Settings, host: Host) -> Acting | None:
    """Return what is put on a host for acting, None without an act key.

    Blocks: it reads the keys. Raises `ConfigurationError`, `CannotReach`.
    """
    if host.ssh.act_key_file is None:
        return None
    keys = public_keys(host)
    _check_apart(host.name, keys)
    _check_user(host)
    del keys["observe"]
    return Acting(
        user=host.ssh.user,
        gate=(PYTHON, "-I", GATE),
        keys=keys,
        services=tuple(_services(settings, host)),
    )


def public_keys(host: Host) -> dict[str, str]:
    """Return the public half of each of a host's keys, by its role.

    Blocks. Raises `CannotReach` for an unusable key.
    """
    ssh, where = host.ssh, f"host '{host.name}'"
    files = {
        "observe": ssh.key_file,
        "act": ssh.act_key_file,
        "reboot": ssh.reboot_key_file,
    }
    return {role: public(file, where) for role, file in files.items() if file}


def public(key_file: Path, where: str) -> str:
    """Return a key's public half: its kind and base64."""
    key = login_key.load(key_file, where)
    return f"{key.get_name()} {key.get_base64()}"


def _check_apart(host: str, keys: dict[str, str]) -> None:
    """Refuse one key for two roles: sshd would take its first line."""
    roles: dict[str, str] = {}
    for role, key in keys.items():
        if first := roles.get(key):
            raise ConfigurationError(
                f"cannot install the gate on host '{host}': its {first} and"
                f" {role} keys are the same; make another, e.g."
                f" `ssh-keygen -t ed25519 -N '' -f secrets/{role}`"
            )
        roles[key] = role


def _check_user(host: Host) -> None:
    """Refuse a name that sudo would read as one of its aliases, or as ALL."""
    user = host.ssh.user
    if user.upper() == user:
        raise ConfigurationError(
            f"cannot let {user} act on host '{host.name}': in sudoers a name"
            " without a small letter is an alias; use another ssh.user"
        )


def _services(settings: Settings, host: Host) -> Iterator[Acted]:
    for target in settings.targets:
        service = target.service
        if target.host == host.name and service is not None:
            yield Acted(
                name=target.name,
                manager=service.manager,
                unit=service.unit,
                directory=service.directory,
                port=port_of(target.url),
            )
