"""What is put on a host so that a key of its own can act there.

All of it is root's: the monitor names a service, and what that is, and that
the gate may be started as root with one word, was decided on the host.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from shlex import quote

CONFIG = "/etc/facefusion-monitor-gate.json"
SUDOERS = "/etc/sudoers.d/facefusion-monitor"
START = "/usr/local/libexec/facefusion-start-"
"""Before a target's name: what starts a bare process there."""

_RULES = """\
# What facefusion-monitor's acting keys may start as root, and nothing else.
# Written by `facefusion-monitor host install`; exact words, no wildcards.
# The gate answers over pipes: a terminal of sudo's would change what it says.
Defaults:{user} !requiretty, !use_pty
{lines}
"""
_RULE = "{user} ALL=(root) NOPASSWD: {command}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """A service that may be acted on, as the gate's configuration has it.

    `starts` is for a bare process: a program of root's there starts it.
    """

    name: str
    manager: str
    unit: str
    directory: str
    port: int

    @property
    def start(self) -> str | None:
        """Return the program that starts it, None where a manager does."""
        return f"{START}{self.name}" if self.manager == "process" else None

    @property
    def entry(self) -> Mapping[str, object]:
        """Return what the gate reads about it."""
        return {
            "manager": self.manager,
            "unit": None if self.manager == "process" else self.unit,
            "directory": self.directory,
            "port": self.port,
            "start": self.start,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """What makes a host one that can be acted on.

    `keys` are public keys, kind and base64, by their role: act, reboot.
    `gate` is the command that starts the gate, less the role.
    """

    user: str
    gate: tuple[str, ...]
    keys: Mapping[str, str]
    services: tuple[Acted, ...] = field(default=())

    @property
    def lines(self) -> tuple[str, ...]:
        """Return the lines of authorized_keys."""
        return tuple(
            f'restrict,command="sudo -n {self._command(role)}" {key}'
            f" facefusion-monitor-{role}"
            for role, key in self.keys.items()
        )

    @property
    def rules(self) -> str:
        """Return the sudoers file."""
        lines = "".join(
            _RULE.format(user=self.user, command=self._command(role))
            for role in self.keys
        )
        return _RULES.format(user=self.user, lines=lines.rstrip("\n"))

    @property
    def config(self) -> str:
        """Return the gate's configuration."""
        services = {one.name: one.entry for one in self.services}
        return json.dumps({"v": 1, "services": services}, indent=1) + "\n"

    @property
    def steps(self) -> tuple[str, ...]:
        """Return what else has to be known, for people."""
        roles = " and ".join(self.keys)
        named = ", ".join(one.name for one in self.services) or "nothing yet"
        may = (
            f"{self.user} may then start the gate as root with the role"
            f" {roles}, by sudo, without a password: {SUDOERS} is looked"
            " through by `visudo -cf` before it is put in place"
        )
        bare = (
            f"{one.name} is a bare process: write {one.start} yourself,"
            " root's and not writable by others, to start it again"
            for one in self.services
            if one.start
        )
        return (may, f"what may be acted on there: {named}", *bare)

    def _command(self, role: str) -> str:
        return " ".join(map(quote, (*self.gate, role)))
