"""The backend's `/api/facefusion`: query parameters in, JSON out.

A character must be known, and an image must be one of the backend's uploads.
"""

from collections.abc import Callable, Collection
from typing import Annotated

from fastapi import APIRouter, Body, HTTPException, Query
from pydantic import BaseModel

from monitor.simulator.backend_proxy import Failed, Proxy

Years = Annotated[int, Query(ge=0, le=100)]


class Operation(BaseModel):
    """One member of a batch."""

    type: str
    image_url: str
    enhancement_model: str = "gfpgan_1.4"
    target_age: int = 25


class Desk:
    """What the legacy API asks before a job."""

    def __init__(
        self, characters: Collection[str], uploads: Callable[[], str]
    ) -> None:
        self._characters = characters
        self._uploads = uploads

    def check(self, character_id: str, *images: str) -> None:
        """Raise a 404 for an unknown character and for a strange image."""
        if character_id not in self._characters:
            raise missing("Character not found", "RESOURCE_NOT_FOUND")
        for image in images:
            if not image.startswith(self._uploads()):
                raise missing("Image not found", "RESOURCE_NOT_FOUND")


def missing(error: str, error_code: str, code: int = 404) -> HTTPException:
    """Return the legacy API's error, in its own shape."""
    detail = {
        "error": error,
        "error_code": error_code,
        "status_code": code,
        "details": {},
    }
    return HTTPException(code, detail)


def legacy_routes(proxy: Proxy, desk: Desk, facefusion_url: str) -> APIRouter:
    """Return the routes; `facefusion_url` is the server nobody names."""
    router = APIRouter(prefix="/api/facefusion")
    _add_status(router, proxy, facefusion_url)
    _add_enhance(router, proxy, desk, facefusion_url)
    _add_age(router, proxy, desk, facefusion_url)
    _add_swap(router, proxy, desk, facefusion_url)
    _add_batch(router, proxy, desk, facefusion_url)
    return router


def _add_status(router: APIRouter, proxy: Proxy, default: str) -> None:
    @router.get("/status")
    async def status(facefusion_url: str = default) -> dict[str, object]:
        online, _, _ = await proxy.status(facefusion_url)
        not_ = "" if online else "not "
        return {
            "facefusion_url": facefusion_url,
            "is_online": online,
            "status": "online" if online else "offline",
            "message": f"FaceFusion server is {not_}accessible",
        }


def _add_enhance(
    router: APIRouter, proxy: Proxy, desk: Desk, default: str
) -> None:
    @router.post("/enhance-face")
    async def enhance_face(
        character_id: str,
        image_url: str,
        enhancement_model: str = "gfpgan_1.4",
        facefusion_url: str = default,
    ) -> dict[str, object]:
        desk.check(character_id, image_url)
        output = await _enhance(
            proxy, facefusion_url, image_url, enhancement_model
        )
        return {
            "character_id": character_id,
            "original_image": image_url,
            "enhanced_image": output,
            "enhancement_model": enhancement_model,
            "message": "Face enhanced successfully",
        }


def _add_age(
    router: APIRouter, proxy: Proxy, desk: Desk, default: str
) -> None:
    @router.post("/adjust-face-age")
    async def adjust_face_age(
        character_id: str,
        image_url: str,
        target_age: Years,
        facefusion_url: str = default,
    ) -> dict[str, object]:
        desk.check(character_id, image_url)
        output = await _adjust(proxy, facefusion_url, image_url, target_age)
        return {
            "character_id": character_id,
            "original_image": image_url,
            "adjusted_image": output,
            "target_age": target_age,
            "message": "Face age adjusted successfully",
        }


def _add_swap(
    router: APIRouter, proxy: Proxy, desk: Desk, default: str
) -> None:
    @router.post("/swap-face")
    async def swap_face(
        character_id: str,
        source_face_url: str,
        target_image_url: str,
        facefusion_url: str = default,
    ) -> dict[str, object]:
        desk.check(character_id, source_face_url, target_image_url)
        output = await _swap(
            proxy, facefusion_url, source_face_url, target_image_url
        )
        return {
            "character_id": character_id,
            "source_face": source_face_url,
            "target_image": target_image_url,
            "swapped_image": output,
            "message": "Face swapped successfully",
        }


def _add_batch(
    router: APIRouter, proxy: Proxy, desk: Desk, default: str
) -> None:
    @router.post("/batch-process")
    async def batch_process(
        character_id: str,
        operations: Annotated[list[Operation], Body(max_length=100)],
        facefusion_url: str = default,
    ) -> dict[str, object]:
        desk.check(character_id, *(one.image_url for one in operations))
        results = [
            await _attempt(proxy, facefusion_url, one) for one in operations
        ]
        good = sum(bool(one["success"]) for one in results)
        return {
            "character_id": character_id,
            "total_operations": len(results),
            "successful_operations": good,
            "failed_operations": len(results) - good,
            "results": results,
        }


async def _attempt(
    proxy: Proxy, url: str, one: Operation
) -> dict[str, object]:
    """Do one member of a batch; its failure does not end the batch."""
    told: dict[str, object] = {"operation": one.model_dump()}
    try:
        if one.type == "enhance":
            output = await _enhance(
                proxy, url, one.image_url, one.enhancement_model
            )
        elif one.type == "age_adjust":
            output = await _adjust(proxy, url, one.image_url, one.target_age)
        else:
            return told | {"success": False, "error": "Unknown operation"}
    except Failed as error:
        return told | {"success": False, "error": str(error)}
    return told | {"success": True, "result_url": output}


async def _enhance(proxy: Proxy, url: str, image: str, model: str) -> str:
    parameters = {"source_path": image, "face_enhancer_model": model}
    return await proxy.run(url, "enhance-face", parameters)


async def _adjust(proxy: Proxy, url: str, image: str, age: int) -> str:
    parameters = {"source_path": image, "face_editor_age": age}
    return await proxy.run(url, "adjust-face", parameters)


async def _swap(proxy: Proxy, url: str, source: str, target: str) -> str:
    parameters = {"source_face_path": source, "target_image_path": target}
    return await proxy.run(url, "swap-face", parameters)
