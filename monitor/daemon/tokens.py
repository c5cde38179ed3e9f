"""Reads the configured tokens; only their digests stay in memory."""

import os
import re
import stat
from collections.abc import Iterable
from pathlib import Path

from monitor.config import Settings
from monitor.config.sections.access import Token as Configured
from monitor.domain.errors import ConfigurationError
from monitor.web.auth import Token, digest_of

MOST = 4096
"""Bytes of a token file; `openssl rand -hex 32` makes 65."""
_PRINTABLE = re.compile(rb"[!-~]+")


def read_tokens(settings: Settings) -> list[Token]:
    """Return the tokens, from the files as they are now.

    Raises `ConfigurationError`, a line for each file that cannot be used.
    """
    tokens, flaws = [], []
    for token in settings.access.tokens:
        try:
            tokens.append(_read(token))
        except ConfigurationError as error:
            flaws.append(str(error))
    flaws += _shared(tokens)
    if flaws:
        raise ConfigurationError("\n".join(flaws))
    return tokens


def _read(token: Configured) -> Token:
    try:
        secret = _secret(token.token_file).strip()
    except OSError as error:
        raise ConfigurationError(
            f"cannot read the token of {token.name}:"
            f" {token.token_file}: {error.strerror}"
        ) from None
    if not _PRINTABLE.fullmatch(secret) or len(secret) >= MOST:
        raise ConfigurationError(
            f"cannot use the token of {token.name}: {token.token_file}"
            " must hold one line of printable ASCII without spaces;"
            " make one with `openssl rand -hex 32`"
        )
    return Token(
        name=token.name,
        digest=digest_of(secret),
        scopes=frozenset(token.scopes),
        person=token.person or "",
    )


def _secret(path: Path) -> bytes:
    """Return what a file that not everybody can read holds."""
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_mode & stat.S_IROTH:
            raise ConfigurationError(
                f"cannot use the token in {path}: it can be read by"
                f" everybody; run chmod 600 {path} and make a new one"
            )
        return file.read(MOST)


def _shared(tokens: Iterable[Token]) -> list[str]:
    """Return a flaw for every secret that two tokens have."""
    first: dict[bytes, str] = {}
    return [
        f"cannot tell the tokens of {first[t.digest]} and {t.name} apart:"
        " they are the same; make a new one for each"
        for t in tokens
        if first.setdefault(t.digest, t.name) != t.name
    ]
