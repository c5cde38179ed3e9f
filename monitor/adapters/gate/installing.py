"""What is put on a host so that a key can observe there and nothing else.

The files are root's: whoever gets the key cannot change what it may do.
With `acting`, another key can act there (acting_files.py).
"""

import hashlib
from dataclasses import dataclass
from shlex import quote

from monitor.adapters.gate.acting_files import CONFIG, SUDOERS, Acting

GATE = "/usr/local/libexec/facefusion-monitor-gate"
PYTHON = "/usr/bin/python3"
"""The distribution's own; the gate needs 3.9, and observes with 3.8."""
JOURNAL = "systemd-journal"
"""The group that may read the journal, so also the kernel's log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A file, or a line of one, as it will be on the host."""

    path: str
    owner: str
    mode: str
    content: bytes
    note: str = ""

    @property
    def digest(self) -> str:
        """Return the SHA-256 of its content, in hex."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an installation does; `key` is a public key, kind and base64.

    `directory` is where canary files may be put, empty for none. `logs` are
    the files that may be read as a log. `acting` is None where nobody may
    act: then what an earlier installation put there for it is taken out.
    """

    user: str
    key: str
    directory: str
    program: bytes
    logs: tuple[str, ...] = ()
    acting: Acting | None = None

    @property
    def command(self) -> str:
        """Return the forced command of the key."""
        words = [PYTHON, "-I", GATE, "observe"]
        if self.directory:
            words += ["--directory", self.directory]
        for path in self.logs:
            words += ["--log", path]
        return " ".join(map(quote, words))

    @property
    def line(self) -> str:
        """Return the line of authorized_keys."""
        escaped = self.command.replace('"', r"\"")
        return (
            f'restrict,command="{escaped}" {self.key}'
            " facefusion-monitor-observe"
        )

    @property
    def lines(self) -> tuple[str, ...]:
        """Return all lines of authorized_keys that are ours."""
        return (self.line, *(self.acting.lines if self.acting else ()))

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the public keys of those lines."""
        return (self.key, *(self.acting.keys.values() if self.acting else ()))

    @property
    def files(self) -> tuple[Installed, ...]:
        """Return the files, in the order they are put there."""
        return (
            Installed(
                path=GATE, owner="root", mode="0755", content=self.program
            ),
            *self._for_acting(),
            Installed(
                path=f"~{self.user}/.ssh/authorized_keys",
                owner="root",
                mode="0644",
                content="".join(f"{one}\n" for one in self.lines).encode(),
                note=self._note,
            ),
        )

    @property
    def steps(self) -> tuple[str, ...]:
        """Return what is done beside the files, for people."""
        made = (
            f"the user {self.user} is made when there is none (system user,"
            f" home /var/lib/{self.user}, shell /bin/sh)"
        )
        joins = (
            f"it joins the group {JOURNAL}, where there is one, to read the"
            " journal and the kernel's log"
        )
        owns = f"~{self.user}/.ssh is root's from then on, 0755"
        return (made, joins, owns, *self._about_acting)

    def _for_acting(self) -> tuple[Installed, ...]:
        if self.acting is None:
            return ()
        config, rules = self.acting.config, self.acting.rules
        return (
            Installed(
                path=CONFIG,
                owner="root",
                mode="0644",
                content=config.encode(),
                note='a `"contained": true` that somebody wrote there stays',
            ),
            Installed(
                path=SUDOERS,
                owner="root",
                mode="0440",
                content=rules.encode(),
            ),
        )

    @property
    def _note(self) -> str:
        if self.acting is None:
            return (
                "this line; other lines with the same key are taken out, all"
                " others stay"
            )
        return (
            "these lines; other lines with the same keys, and those of"
            " earlier acting keys, are taken out, all others stay"
        )

    @property
    def _about_acting(self) -> tuple[str, ...]:
        if self.acting:
            return self.acting.steps
        nobody = (
            "nobody may act there: lines of an act or reboot key,"
            f" {SUDOERS} and {CONFIG} are taken out where they are"
        )
        return (nobody,)
