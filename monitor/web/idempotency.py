"""`Idempotency-Key`: asked twice, done once.

What changed something is kept for a day under the caller's name and key; a
refusal is not: whoever tries again wants to know anew.
"""

from collections.abc import Awaitable, Callable
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated

from fastapi import Header, Request, Response
from starlette.exceptions import HTTPException

from monitor.domain.errors import CannotStore
from monitor.ports import Clock, KeptAnswer, Store
from monitor.web.auth import Token
from monitor.web.serves import Broke

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[ -~]+$",
        description=(
            "A name of your own for this request. Sent again within a day "
            "it gets the same answer, and nothing is done twice. The answer "
            "is as it was written then: its ages are as of its `at`, or "
            "`created_at` for planned work."
        ),
        examples=["8e03978e-40d5-43dd-bc93-6894a57f9324"],
    ),
]
Work = Callable[[], Awaitable[Response]]


class Once:
    """Does work once for each key of a caller."""

    def __init__(self, store: Store, clock: Clock, broke: Broke) -> None:
        self._store = store
        self._clock = clock
        self._broke = broke
        self._under_way: set[str] = set()

    async def __call__(
        self, request: Request, by: Token, given: str | None, work: Work
    ) -> Response:
        """Return the answer of `work`, or what it was the first time.

        Raises 409 while the first is under way, 422 when the key came with
        another request, `CannotStore` when nobody can tell.
        """
        if given is None:
            return await work()
        key = _digest(by.name.encode(), given.encode())
        if key in self._under_way:
            raise HTTPException(
                409,
                "cannot answer yet: a request with this Idempotency-Key is"
                " under way",
                {"Retry-After": "1"},
            )
        self._under_way.add(key)
        try:
            return await self._once(key, await _asked(request), work)
        finally:
            self._under_way.discard(key)

    async def _once(self, key: str, asked: str, work: Work) -> Response:
        kept = await self._store.answer_to(key)
        if kept is not None:
            return _again(kept, asked)
        answer = await work()
        if answer.status_code < HTTPStatus.BAD_REQUEST:
            await self._keep(key, asked, answer)
        return answer

    async def _keep(self, key: str, asked: str, answer: Response) -> None:
        kept = KeptAnswer(
            request=asked,
            code=answer.status_code,
            body=bytes(answer.body),
            at=self._clock.now(),
        )
        try:
            await self._store.keep_answer(key, kept)
        except CannotStore as error:  # it is done; the caller must hear that
            self._broke("keep an answer for its Idempotency-Key", error)


def _again(kept: KeptAnswer, asked: str) -> Response:
    if kept.request != asked:
        raise HTTPException(
            422,
            "cannot answer: this Idempotency-Key was used for another"
            " request; make a new one",
        )
    return Response(
        kept.body or None,
        kept.code,
        {"Idempotent-Replayed": "true"},
        media_type="application/json" if kept.body else None,
    )


async def _asked(request: Request) -> str:
    return _digest(
        request.method.encode(),
        request.url.path.encode(),
        request.scope.get("query_string", b""),
        await request.body(),
    )


def _digest(*parts: bytes) -> str:
    digest = sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8) + part)
    return digest.hexdigest()
