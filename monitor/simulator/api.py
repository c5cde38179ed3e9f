"""The guide's HTTP API: `/api/v1/status` and the three jobs."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Literal

from fastapi import FastAPI, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

from monitor import __version__
from monitor.domain.errors import MonitorError, Unreadable
from monitor.simulator.fetch import NotFetched
from monitor.simulator.http_server import bare_app
from monitor.simulator.jobs import Jobs, QueueFull
from monitor.simulator.places import NoSuchImage, Places
from monitor.simulator.worker import JobRefused, Worker

Location = Annotated[str, Field(min_length=1, max_length=4096)]
Blend = Annotated[float, Field(ge=0.0, le=1.0)]
_KINDS = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}
_CODES: dict[type[Exception], int] = {
    NoSuchImage: 404,
    NotFetched: 404,
    Unreadable: 400,
    JobRefused: 422,
}


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class EnhanceFace(_Body):
    """Body of `enhance-face`."""

    source_path: Location
    face_enhancer_model: Literal[
        "gfpgan_1.4", "codeformer", "restoreformer_plus_plus"
    ] = "gfpgan_1.4"
    face_enhancer_blend: Blend = 1.0


class AdjustFace(_Body):
    """Body of `adjust-face`; the age is in years."""

    source_path: Location
    face_editor_age: Annotated[int, Field(ge=0, le=100)] = 25
    face_editor_blend: Blend = 1.0


class SwapFace(_Body):
    """Body of `swap-face`."""

    source_face_path: Location
    target_image_path: Location
    face_swapper_model: Literal["inswapper_128", "inswapper_256"] = (
        "inswapper_128"
    )


def create_api(jobs: Jobs, places: Places, worker: Worker) -> FastAPI:
    """Return the application of one host."""
    app = bare_app()
    app.add_exception_handler(MonitorError, _refuse)

    @app.get("/api/v1/status")
    async def status() -> dict[str, str | int]:
        return {
            "status": "online",
            "version": f"simulator-{__version__}",
            "queue_size": jobs.queue_size(),
        }

    @app.post("/api/v1/enhance-face")
    async def enhance_face(body: EnhanceFace) -> dict[str, object]:
        source = await places.bring(body.source_path)
        return await _answer(
            jobs,
            body.face_enhancer_model,
            lambda: worker.enhance(
                source,
                model=body.face_enhancer_model,
                blend=body.face_enhancer_blend,
            ),
        )

    @app.post("/api/v1/adjust-face")
    async def adjust_face(body: AdjustFace) -> dict[str, object]:
        source = await places.bring(body.source_path)
        return await _answer(
            jobs,
            "age",
            lambda: worker.change_age(
                source, age=body.face_editor_age, blend=body.face_editor_blend
            ),
        )

    @app.post("/api/v1/swap-face")
    async def swap_face(body: SwapFace) -> dict[str, object]:
        source = await places.bring(body.source_face_path)
        target = await places.bring(body.target_image_path)
        return await _answer(jobs, "swap", lambda: worker.swap(source, target))

    @app.get("/outputs/{name}")
    async def output(name: str) -> Response:
        data = await places.output(name)
        if data is None:
            raise HTTPException(404, "there is no such output")
        return Response(data, media_type=_KINDS[name.rpartition(".")[2]])

    return app


async def _answer(
    jobs: Jobs, kind: str, work: Callable[[], Awaitable[str | None]]
) -> dict[str, object]:
    try:
        output, seconds = await jobs.run(kind, work)
    except QueueFull:
        raise HTTPException(503, "the queue is full; ask later") from None
    return {
        "status": "success",
        "output_path": output,
        "processing_time": round(seconds, 3),
    }


async def _refuse(_: Request, error: Exception) -> JSONResponse:
    code = _CODES.get(type(error), 500)
    return JSONResponse({"detail": str(error)}, status_code=code)
