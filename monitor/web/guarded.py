"""Routes that ask who is there before they read what was sent."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from typing_extensions import override

from monitor.web.auth import Guard


class GuardedRoute(APIRoute):
    """A route whose guards speak before its body is read.

    FastAPI reads and parses the body first. Then a stranger would hear what
    is wrong with it, and a wrong token would not be counted.
    """

    @override
    def get_route_handler(
        self,
    ) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        answer = super().get_route_handler()
        guards = [
            needed.call
            for needed in self.dependant.dependencies
            if isinstance(needed.call, Guard)
        ]

        async def guarded(request: Request) -> Response:
            for guard in guards:
                await guard(request)
            return await answer(request)

        return guarded
