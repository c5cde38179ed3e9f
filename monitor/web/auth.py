"""Who may read what: bearer tokens, known by their SHA-256 only."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from fastapi import Request
from starlette.exceptions import HTTPException


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token's name, its SHA-256 and what it allows."""

    name: str
    digest: bytes
    scopes: frozenset[str]


def digest_of(secret: bytes) -> bytes:
    """Return what we keep of a token."""
    return sha256(secret).digest()


class Guard(Protocol):
    """A dependency that lets a request through or raises."""

    def __call__(self, request: Request) -> None:
        """Raise 401 without a token, 403 with one of another scope."""
        ...


def needs(scope: str, tokens: Iterable[Token]) -> Guard:
    """Return a guard for a scope; without tokens everybody may read.

    The configuration refuses to serve anything but loopback then.
    """
    known = tuple(tokens)

    def guard(request: Request) -> None:
        if not known:
            return
        token = _presented(request, known)
        if token is None:
            raise HTTPException(
                401,
                "cannot answer without a token: send Authorization: Bearer",
                {"WWW-Authenticate": "Bearer"},
            )
        if scope not in token.scopes:
            raise HTTPException(
                403,
                f"cannot answer: token {token.name} lacks the scope {scope}",
            )

    return guard


def _presented(request: Request, known: tuple[Token, ...]) -> Token | None:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        return None
    digest = digest_of(secret.strip().encode("latin-1", "replace"))
    matches = [t for t in known if hmac.compare_digest(t.digest, digest)]
    return matches[0] if matches else None
