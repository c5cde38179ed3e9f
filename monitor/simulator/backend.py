"""A simulated StoryCanvas backend: both of its APIs in front of a server."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from http import HTTPStatus
from importlib.resources import files

from fastapi import HTTPException, Request, Response
from starlette.responses import JSONResponse
from typing_extensions import override

from monitor.simulator.backend_faults import BACKEND_FAULTS, BrokenBackend
from monitor.simulator.backend_legacy import Desk, legacy_routes, missing
from monitor.simulator.backend_proxy import Failed, Proxy
from monitor.simulator.backend_v1 import v1_routes
from monitor.simulator.faults import Faults
from monitor.simulator.http_server import HttpServer, bare_app
from monitor.simulator.stage import OnStage, Stage

CHARACTER = "canary"
"""The one character that it knows."""
UPLOADS = {
    "canary.jpg": "astronaut_512.jpg",
    "other.jpg": "grace_hopper_512.jpg",
}
"""Its uploads, and the portraits that they are."""
APIS = ("legacy", "v1")


class SimulatedBackend(OnStage):
    """A backend that can be broken, on 127.0.0.1 and in its own thread.

    `facefusion_url` is the server that it uses when nobody names one. Port
    0 takes any free one and keeps it until `stop`. `apis` are those it has;
    the first releases had no v1.
    """

    def __init__(
        self,
        facefusion_url: str = "http://127.0.0.1:7870",
        *,
        port: int = 0,
        apis: Collection[str] = APIS,
    ) -> None:
        self.faults = Faults(self._changed, BACKEND_FAULTS)
        app = create_backend(
            self.faults,
            Proxy(self.faults),
            facefusion_url,
            uploads=lambda: f"{self.url}/uploads/",
            apis=apis,
        )
        self._http = HttpServer("backend", app, port=port)
        self._stage = Stage("simulated-backend", self._play)

    @property
    def url(self) -> str:
        """Return where it is, after `start`."""
        return self._http.url

    @property
    def image_url(self) -> str:
        """Return an image below its uploads, after `start`."""
        return f"{self.url}/uploads/canary.jpg"

    @override
    async def start(self) -> None:
        """Return when it answers. Raises `CannotListen`."""
        await self._stage.start()

    @override
    async def stop(self) -> None:
        """Return when no thread, connection or port is left."""
        await self._stage.stop()

    @asynccontextmanager
    async def _play(self) -> AsyncIterator[None]:
        """Live, in the thread and loop of the stage."""
        try:
            self._http.attach()
            self._changed("backend_down")
            yield
        finally:
            await self._http.close()

    def _changed(self, name: str) -> None:
        """Do at once what a fault means for the door."""
        if name != "backend_down":
            return
        if self.faults.is_on(name):
            self._http.door.shut()
            self._http.drop()
        else:
            self._http.door.open()


def create_backend(
    faults: Faults,
    proxy: Proxy,
    facefusion_url: str,
    *,
    uploads: Callable[[], str],
    apis: Collection[str] = APIS,
) -> BrokenBackend:
    """Return the application; images must lie below what `uploads` says."""
    app = bare_app()
    app.add_exception_handler(Failed, _failed)
    if "legacy" in apis:
        desk = Desk({CHARACTER}, uploads)
        app.include_router(legacy_routes(proxy, desk, facefusion_url))
    if "v1" in apis:
        app.include_router(v1_routes(proxy, facefusion_url))
    app.get("/uploads/{name}")(_upload)
    return BrokenBackend(app, faults)


async def _upload(name: str) -> Response:
    if name not in UPLOADS:
        raise HTTPException(404, "there is no such upload")
    portrait = files("monitor") / "portraits" / UPLOADS[name]
    data = await asyncio.to_thread(portrait.read_bytes)
    return Response(data, media_type="image/jpeg")


async def _failed(request: Request, error: Exception) -> JSONResponse:
    """Answer in the shape of the API that was asked."""
    code = error.code if isinstance(error, Failed) else 500
    detail: object = str(error)
    if not request.url.path.startswith("/api/v1/"):
        offline = code == HTTPStatus.SERVICE_UNAVAILABLE
        name = "SERVICE_UNAVAILABLE" if offline else "INTERNAL_ERROR"
        detail = missing(str(error), name, code).detail
    return JSONResponse({"detail": detail}, status_code=code)
