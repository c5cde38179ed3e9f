"""The program: its options, its end, and never a traceback."""

from __future__ import annotations

import contextlib
import os
import re
import signal
from collections.abc import MutableMapping, Sequence

from monitor.gate.abilities import Abilities
from monitor.gate.act import Actor
from monitor.gate.files import files_verb
from monitor.gate.hello import Way
from monitor.gate.observe import LANES, parts_for
from monitor.gate.server import Server
from monitor.gate.watch import Watch
from monitor.gate.work import is_folder_name

_BAD_USAGE = 64
_INTERRUPTED = 130
_WAYS = {
    "observe": "installed",
    "stdin": "stdin",
    "act": "installed",
    "reboot": "installed",
}
_ACTING = ("act", "reboot")
_ROOTS_ENVIRONMENT = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
}
"""All that a program gets from a gate that acts: what sudo lets through may
tell systemctl or docker to talk to another machine."""

_GREETING_FORM = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")


class Usage(Exception):
    """What is wrong with the options, as a sentence."""


class Options:
    """How the gate was started: a role, then options as README.md says."""

    def __init__(self, words: Sequence[str]) -> None:
        """Raise `Usage` for options that are not ours."""
        self.role = words[0] if words else ""
        self.directory: str | None = None
        self.greet: str | None = None
        self.logs: list[str] = []
        if self.role not in _WAYS:
            raise Usage("cannot start without a role: observe, stdin or act")
        rest = list(words[1:])
        if rest and self.role in _ACTING:
            raise Usage(f"cannot take options: {self.role} has none")
        while rest:
            self._take(rest.pop(0), rest.pop(0) if rest else "")

    def _take(self, option: str, value: str) -> None:
        if option == "--directory" and is_folder_name(value):
            self.directory = value
        elif option == "--log" and is_folder_name(value):
            self.logs.append(value)
        elif option == "--greet" and _GREETING_FORM.match(value):
            self.greet = value
        else:
            raise Usage(
                f"cannot use {option}: it is --directory or --log with an"
                " absolute path below /, or --greet with an id"
            )

    @property
    def way(self) -> Way:
        """What these options let the gate do."""
        role = self.role if self.role in _ACTING else "observe"
        return Way(_WAYS[self.role], role, self.directory, self.logs)

    @property
    def acts(self) -> bool:
        """Whether this gate may change something."""
        return self.role in _ACTING


def gate_main(words: Sequence[str]) -> int:
    """Serve standard input and output; return the exit code."""
    try:
        options = Options(words)
    except Usage as wrong:
        _complain(str(wrong))
        return _BAD_USAGE
    try:
        # SIGINT too: whoever started us in the background had it ignored.
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, signal.default_int_handler)
        if options.acts:
            trust_no_environment(os.environ)
        parts = parts_for(options.way)
        act = Actor(role=options.role).run if options.acts else None
        abilities = Abilities(parts, LANES, files_verb, Watch(), act)
        server = Server(options.way, abilities)
        if options.greet is not None:
            server.conversation.greet(options.greet)
        server.serve()
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0


def trust_no_environment(environment: MutableMapping[str, str]) -> None:
    """Replace what whoever started us has set: we are root."""
    environment.clear()
    environment.update(_ROOTS_ENVIRONMENT)
    os.umask(0o077)
    os.chdir("/")


def _complain(sentence: str) -> None:
    """Write to standard error, if anybody has it."""
    with contextlib.suppress(OSError):
        os.write(2, f"{sentence}\n".encode("utf-8", "replace"))
