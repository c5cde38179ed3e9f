"""Who asks, as recovery knows them: a token and the person who holds it."""

from collections.abc import Iterable

from starlette.exceptions import HTTPException

from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.words import Trigger
from monitor.web.auth import Token


def principal(token: Token) -> Principal:
    """Return who asks. Raises 403 for a token that nobody holds.

    The configuration refuses such a token with the scopes operate or
    approve; without a person nobody could tell requester from approver.
    """
    if not token.person:
        raise HTTPException(
            403,
            f"cannot change anything by token {token.name}: it names no"
            " person; add one under access.tokens",
        )
    return Principal(
        name=token.name, person=token.person, trigger=Trigger.PERSON
    )


def others_who_approve(tokens: Iterable[Token], by: Principal) -> int:
    """Return how many people other than who asks may approve.

    People, not tokens: one may hold several. Hand in the `Tokens` in force,
    so that a reload counts at once.
    """
    people = {one.person for one in tokens if "approve" in one.scopes}
    return len(people - {"", by.who})
