"""Who may do what: bearer tokens, known by their SHA-256 only."""

import hmac
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from ipaddress import ip_address

from fastapi import Request
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from starlette.exceptions import HTTPException

from monitor.web.limits import Limits

OPEN = frozenset({"read", "metrics"})
"""What may be done without tokens, from this machine only (DESIGN §3.3)."""

_MISSING = (
    "cannot answer without a token; send one in the Authorization header, as"
    " a bearer"
)
_WRONG = (
    "cannot answer: the token is not one of access.tokens, or not any more"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token's name, its SHA-256, what it allows and who holds it.

    `person` is empty for a token of a machine.
    """

    name: str
    digest: bytes
    scopes: frozenset[str]
    person: str = ""

    @property
    def who(self) -> str:
        """Return whom a change is put down to."""
        return self.person or self.name


def _unheard(_: str) -> None:
    """Hear nothing."""


ANYBODY = Token(name="anybody here", digest=b"", scopes=OPEN)
"""Who asks when no tokens are configured."""


class Tokens:
    """The tokens in force; a reload replaces them for the next request."""

    def __init__(self, known: Iterable[Token] = ()) -> None:
        self._known = tuple(known)
        self._failed: Callable[[str], None] = _unheard

    def __iter__(self) -> Iterator[Token]:
        return iter(self._known)

    def replace(self, known: Iterable[Token]) -> None:
        """Put other tokens in force."""
        self._known = tuple(known)

    def tell_failures(self, failed: Callable[[str], None]) -> None:
        """Let `failed` hear each address that came without a good token."""
        self._failed = failed

    def holds(self, token: Token) -> bool:
        """Return whether a token that was let in would still be."""
        return token in self._known if self._known else token is ANYBODY

    def find(self, secret: bytes) -> Token | None:
        """Return the token with this secret. Takes as long for any."""
        digest = digest_of(secret)
        found = [
            t for t in self._known if hmac.compare_digest(t.digest, digest)
        ]
        return found[0] if found else None

    def failed(self, peer: str) -> None:
        """Note that a peer came without a good token. May raise 429."""
        self._failed(peer)


def digest_of(secret: bytes) -> bytes:
    """Return what we keep of a token."""
    return sha256(secret).digest()


class Guard(SecurityBase):
    """A dependency that lets a request with one of its scopes through."""

    def __init__(
        self, scopes: frozenset[str], tokens: Tokens, limits: Limits | None
    ) -> None:
        self.model = HTTPBearer(
            description="A token of access.tokens; scopes as each route says."
        )
        self.scheme_name = "bearer"
        self._scopes = scopes
        self._tokens = tokens
        self._limits = limits

    async def __call__(self, request: Request) -> Token:
        """Return whose request it is; a second time nothing is counted.

        Raises 401 without a token, 403 with one of another scope, 429 for
        too many requests.
        """
        let_in: LetIn = request.scope.setdefault(LET_IN, {})
        token = let_in.get(self)
        if token is None:
            token = self._token(request)
            if self._limits is not None:
                reads = request.method in {"GET", "HEAD"}
                self._limits.spend(token.name, peer(request), reads=reads)
            let_in[self] = token
        return token

    def _token(self, request: Request) -> Token:
        if not tuple(self._tokens):
            return self._anybody(request)
        secret = _presented(request)
        token = self._tokens.find(secret) if secret else None
        if token is None:
            self._tokens.failed(peer(request))
            raise HTTPException(
                401,
                _WRONG if secret else _MISSING,
                {"WWW-Authenticate": "Bearer"},
            )
        if not token.scopes & self._scopes:
            raise HTTPException(
                403,
                f"cannot answer: token {token.name} lacks the scope"
                f" {self._wanted}",
            )
        return token

    def _anybody(self, request: Request) -> Token:
        """Let reading from this machine through when there are no tokens."""
        if not self._scopes & OPEN:
            raise HTTPException(
                403,
                "cannot change anything: no tokens are configured; add one"
                f" with the scope {self._wanted} under access.tokens",
            )
        if not is_loopback(peer(request)):
            raise HTTPException(
                403,
                "cannot answer another machine: no tokens are configured;"
                " add some under access.tokens",
            )
        return ANYBODY

    @property
    def _wanted(self) -> str:
        return " or ".join(sorted(self._scopes))


LET_IN = "monitor.let_in"
"""Where a request's scope says which guard let whom in."""
LetIn = dict[Guard, Token]


def who_asked(let_in: LetIn) -> str:
    """Return the name of the token that was let in, empty without one."""
    names = [token.name for token in let_in.values() if token.digest]
    return names[0] if names else ""


def needs(scope: str, tokens: Iterable[Token]) -> Guard:
    """Return a guard for a scope, without limits on how often."""
    known = tokens if isinstance(tokens, Tokens) else Tokens(tokens)
    return Guard(frozenset({scope}), known, None)


class Gate:
    """Makes the guards of the API: one set of tokens, one set of limits."""

    def __init__(self, tokens: Tokens, limits: Limits) -> None:
        self.tokens = tokens
        self._limits = limits

    def needs(self, *scopes: str) -> Guard:
        """Return a guard that any one of the scopes opens."""
        return Guard(frozenset(scopes), self.tokens, self._limits)


def peer(request: Request) -> str:
    """Return the address that a request came from."""
    return request.client.host if request.client else ""


@lru_cache(maxsize=256)
def is_loopback(address: str) -> bool:
    """Return whether an address is one of this machine's own."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback


def _presented(request: Request) -> bytes:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return b""
    return secret.strip().encode("latin-1", "replace")
