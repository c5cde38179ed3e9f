"""The token that we show to the daemon."""

import re
import stat
from pathlib import Path

from monitor.domain.errors import ConfigurationError

_LARGEST = 4096
"""Bytes of a token file; our tokens are far shorter."""
_PRINTABLE = re.compile(rb"[!-~]+")


def read_token(file: Path) -> str:
    """Return the token in a file that only its owner and group can read.

    Raises `ConfigurationError`, which never shows what is in it.
    """
    try:
        with file.open("rb") as opened:
            mode = file.stat().st_mode
            data = opened.read(_LARGEST + 1)
    except OSError as error:
        said = (error.strerror or "it cannot be read").lower()
        raise _unusable(file, said, "name another with --token-file") from None
    if mode & stat.S_IROTH:
        raise _unusable(
            file, "it can be read by everybody", f"run chmod 600 {file}"
        )
    token = data.strip()
    if len(data) > _LARGEST or not _PRINTABLE.fullmatch(token):
        raise _unusable(
            file,
            "it does not hold one line of printable ASCII without spaces",
            "put in it what `openssl rand -hex 32` prints, as the daemon's "
            "access.tokens[].token_file has it",
        )
    return token.decode("ascii")


def _unusable(file: Path, what: str, hint: str) -> ConfigurationError:
    return ConfigurationError(
        f"cannot use the token file {file}: {what}; {hint}"
    )
