"""The backend's `/api/v1/facefusion`: JSON in, JSON out."""

import time
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from monitor.simulator.backend_proxy import Proxy

Share = Annotated[float, Field(ge=0.0, le=1.0)]


class _Job(BaseModel):
    character_id: str | None = None
    facefusion_url: str = ""


class Enhance(_Job):
    """Body of `enhance-face`."""

    image_url: str
    enhancement_model: str = "gfpgan_1.4"
    face_enhancer_blend: Share = 1.0


class Adjust(_Job):
    """Body of `adjust-face-age`; the age is in years."""

    image_url: str
    target_age: Annotated[int, Field(ge=0, le=100)]
    face_editor_blend: Share = 1.0


class Swap(_Job):
    """Body of `swap-face`."""

    source_face_url: str
    target_image_url: str
    face_swapper_model: str = "inswapper_128"


def v1_routes(proxy: Proxy, facefusion_url: str) -> APIRouter:
    """Return the routes; `facefusion_url` is the server nobody names."""
    router = APIRouter(prefix="/api/v1/facefusion")

    @router.get("/status")
    async def status(
        facefusion_url: str = facefusion_url,
    ) -> dict[str, object]:
        online, code, wrong = await proxy.status(facefusion_url)
        told: dict[str, object] = {"online": online, "url": facefusion_url}
        return told | ({"error": wrong} if wrong else {"status_code": code})

    async def run(
        job: _Job, path: str, **parameters: object
    ) -> dict[str, object]:
        begun = time.monotonic()
        url = job.facefusion_url or facefusion_url
        output = await proxy.run(url, path, parameters)
        return {
            "success": True,
            "output_url": output,
            "processing_time_seconds": time.monotonic() - begun,
        }

    @router.post("/enhance-face")
    async def enhance_face(job: Enhance) -> dict[str, object]:
        return await run(
            job,
            "enhance-face",
            source_path=job.image_url,
            face_enhancer_model=job.enhancement_model,
            face_enhancer_blend=job.face_enhancer_blend,
        )

    @router.post("/adjust-face-age")
    async def adjust_face_age(job: Adjust) -> dict[str, object]:
        done = await run(
            job,
            "adjust-face",
            source_path=job.image_url,
            face_editor_age=job.target_age,
            face_editor_blend=job.face_editor_blend,
        )
        return done | {"target_age": job.target_age}

    @router.post("/swap-face")
    async def swap_face(job: Swap) -> dict[str, object]:
        return await run(
            job,
            "swap-face",
            source_face_path=job.source_face_url,
            target_image_path=job.target_image_url,
            face_swapper_model=job.face_swapper_model,
        )

    return router
