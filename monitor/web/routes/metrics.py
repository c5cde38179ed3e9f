"""`GET /metrics`: the exposition."""

from collections.abc import Callable, Iterable
from threading import Lock

from fastapi import APIRouter, Depends, Response

from monitor.web.auth import Token, needs


def router(
    render: Callable[[], bytes], content_type: str, tokens: Iterable[Token]
) -> APIRouter:
    """Return the route; it needs the scope `metrics`."""
    routes = APIRouter(dependencies=[Depends(needs("metrics", tokens))])
    one_at_a_time = Lock()

    # Not async: rendering is done in a thread, off the event loop.
    @routes.get("/metrics", summary="Everything known, for Prometheus")
    def metrics() -> Response:
        with one_at_a_time:  # many at once would starve the loop
            text = render()
        return Response(text, headers={"Content-Type": content_type})

    return routes
