"""Files that settings point at: where they are, and whether they will do.

They are looked at when the configuration is loaded, so that a missing key
is found at start and not at three in the morning. Without a validation
context (models built in code) nothing is looked at.
"""

import errno
import os
import shlex
import stat
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, ValidationInfo

from monitor.config.values.refusal import Loc, Refusal, Refused

_TOKEN_LIMIT = 4096
"""Bytes; our tokens are far shorter than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The validation context: what the validators know about the file.

    Relative paths start at `directory`. `secret` are the settings that came
    from the environment.
    """

    directory: Path
    secret: frozenset[Loc] = frozenset()


def existing_file(
    value: object, info: ValidationInfo, *, create: str, secret: bool = False
) -> object:
    """Return the absolute path of a file that can be read.

    `create` says how to make one; `{value}` in it is its path. A `secret`
    file must not be readable by everybody. Raises `Refused`.
    """
    if not isinstance(value, str) or not isinstance(info.context, Source):
        return value
    if not value:
        raise Refused(Refusal(what="the path is empty", hint="name a file"))
    path = info.context.directory / value
    mode = _mode(path, create)
    if stat.S_ISDIR(mode):
        raise _refused(path, "is a directory", "name a file in it")
    if not stat.S_ISREG(mode):
        raise _refused(path, "is no regular file", create)
    if not os.access(path, os.R_OK):
        raise _refused(path, "cannot be read", "let our user read it")
    if secret and mode & stat.S_IROTH:
        raise _refused(
            path, "can be read by everybody", "run chmod 600 {value}"
        )
    return path


def token_file(value: object, info: ValidationInfo) -> object:
    """Return the path of a secret file that holds something."""
    path = existing_file(value, info, create=_MAKE_NEW, secret=True)
    if not isinstance(info.context, Source) or not isinstance(path, Path):
        return path
    try:
        with path.open("rb") as file:
            token = file.read(_TOKEN_LIMIT)
    except OSError as error:
        raise _refused(path, _said(error), "let our user read it") from None
    if not token.strip():
        raise _refused(path, "is empty", _MAKE_NEW)
    return path


def _mode(path: Path, hint: str) -> int:
    try:
        return path.stat().st_mode
    except OSError as error:
        raise _refused(path, _said(error), hint) from None
    except ValueError:  # a NUL in the name
        raise _refused(path, "no file can have that name", hint) from None


def _said(error: OSError) -> str:
    if error.errno == errno.ENOENT:
        return "no such file"
    return (error.strerror or "cannot be read").lower()


def _refused(path: Path, what: str, hint: str) -> Refused:
    return Refused(
        Refusal(
            what="{value}: " + what, hint=hint, shown=shlex.quote(str(path))
        )
    )


_MAKE_KEY = "create it with ssh-keygen -t ed25519 -f {value}"
_MAKE_NEW = "create it with (umask 077; openssl rand -hex 32 > {value})"
_MAKE_KNOWN_HOSTS = (
    "create it with touch {value}; facefusion-monitor host accept-key writes "
    "keys into it"
)

PublicFile = Annotated[
    Path,
    BeforeValidator(partial(existing_file, create="put it there"), str),
]
"""A file that anybody may read, such as a certificate."""

SecretFile = Annotated[
    Path,
    BeforeValidator(
        partial(existing_file, create="put it there", secret=True), str
    ),
]
"""A file that only we may read."""

SshKeyFile = Annotated[
    Path,
    BeforeValidator(
        partial(existing_file, create=_MAKE_KEY, secret=True), str
    ),
]
"""A private SSH key."""

KnownHostsFile = Annotated[
    Path,
    BeforeValidator(partial(existing_file, create=_MAKE_KNOWN_HOSTS), str),
]
"""Host keys, as ssh keeps them."""

TokenFile = Annotated[Path, BeforeValidator(token_file, str)]
"""A secret file whose content is a token."""
