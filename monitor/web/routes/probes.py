"""`/-/healthy` and `/-/ready`: for who watches the watchman. Both open."""

from collections.abc import Callable

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse


def router(unready: Callable[[], str]) -> APIRouter:
    """Return the routes; ready is 503 with the reason until it is 200."""
    routes = APIRouter(
        prefix="/-",
        tags=["monitor"],
        default_response_class=PlainTextResponse,
    )

    @routes.get("/healthy", summary="The process answers")
    async def healthy() -> str:
        return "healthy\n"

    @routes.get(
        "/ready",
        summary="Every server has been looked at once",
        responses={
            503: {
                "description": "Not yet, and why.",
                "content": {"text/plain": {"schema": {"type": "string"}}},
            }
        },
    )
    async def ready() -> PlainTextResponse:
        because = unready()
        if because:
            return PlainTextResponse(f"not ready: {because}\n", 503)
        return PlainTextResponse("ready\n")

    return routes
