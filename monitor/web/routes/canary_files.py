"""`/canary-files/`: canary inputs for servers without SSH.

Open, because a FaceFusion server has no token of ours; the names cannot be
guessed and live as long as their run.
"""

from fastapi import APIRouter, Response
from starlette.exceptions import HTTPException

from monitor.ports import Shelf

_PNG = b"\x89PNG"
_RIFF = b"RIFF"


def router(shelf: Shelf) -> APIRouter:
    """Return the route."""
    routes = APIRouter()

    @routes.get("/canary-files/{name}", include_in_schema=False)
    async def canary_file(name: str) -> Response:
        image = shelf.get(name)
        if image is None:
            raise HTTPException(404)
        return Response(image, media_type=media_type(image))

    return routes


def media_type(image: bytes) -> str:
    """Return what an image is, by its first bytes: JPEG, PNG or WebP."""
    if image.startswith(_PNG):
        return "image/png"
    if image.startswith(_RIFF):
        return "image/webp"
    return "image/jpeg"
