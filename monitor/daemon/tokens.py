"""Reads the configured tokens; only their digests stay in memory."""

import re

from monitor.config import Settings
from monitor.domain.errors import ConfigurationError
from monitor.web.auth import Token, digest_of

_PRINTABLE = re.compile(rb"[!-~]+")


def read_tokens(settings: Settings) -> list[Token]:
    """Return the tokens. Raises `ConfigurationError` for a file unread."""
    tokens = []
    for token in settings.access.tokens:
        try:
            secret = token.token_file.read_bytes().strip()
        except OSError as error:
            raise ConfigurationError(
                f"cannot read the token of {token.name}:"
                f" {token.token_file}: {error.strerror}"
            ) from None
        if not _PRINTABLE.fullmatch(secret):
            raise ConfigurationError(
                f"cannot use the token of {token.name}: {token.token_file}"
                " must hold one line of printable ASCII without spaces;"
                " make one with `openssl rand -hex 32`"
            )
        tokens.append(
            Token(
                name=token.name,
                digest=digest_of(secret),
                scopes=frozenset(token.scopes),
            )
        )
    return tokens
