"""`/canary-files/`: canary inputs for servers without SSH.

Open, because a FaceFusion server has no token of ours; the names cannot be
guessed and live as long as their run.
"""

from fastapi import APIRouter, Response
from starlette.exceptions import HTTPException

from monitor.ports import Shelf


def router(shelf: Shelf) -> APIRouter:
    """Return the route."""
    routes = APIRouter()

    @routes.get("/canary-files/{name}", summary="One canary input image")
    async def canary_file(name: str) -> Response:
        image = shelf.get(name)
        if image is None:
            raise HTTPException(404)
        return Response(image, media_type="image/jpeg")

    return routes
