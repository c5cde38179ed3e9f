"""The faults of a simulated StoryCanvas backend, and how they show."""

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from monitor.simulator.faults import Fault, Faults

BACKEND_FAULTS = {
    fault.name: fault
    for fault in (
        Fault(
            name="backend_offline_body",
            description="the backend says 200 and that the server is offline",
        ),
        Fault(
            name="backend_404",
            description="the backend has no such path, as another version",
        ),
        Fault(
            name="backend_422",
            description="the backend refuses how it is asked",
        ),
        Fault(
            name="backend_500",
            description="the backend fails itself",
        ),
        Fault(
            name="backend_503",
            description="the backend says that it cannot serve now",
        ),
        Fault(
            name="backend_down",
            description="the backend's port is closed, connections dropped",
        ),
    )
}

_MISSING = {
    "type": "missing",
    "loc": ["query", "facefusion_url"],
    "msg": "Field required",
}
_UNAVAILABLE = {
    "error": "Service unavailable",
    "error_code": "SERVICE_UNAVAILABLE",
    "status_code": 503,
    "details": {},
}
_CANNED: dict[str, ASGIApp] = {
    "backend_404": JSONResponse({"detail": "Not Found"}, status_code=404),
    "backend_422": JSONResponse({"detail": [_MISSING]}, status_code=422),
    "backend_500": JSONResponse(
        {"detail": "Internal Server Error"}, status_code=500
    ),
    "backend_503": JSONResponse({"detail": _UNAVAILABLE}, status_code=503),
}


class BrokenBackend:
    """An application with the backend's faults in front of it."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answer as the faults say, else as the application does."""
        await self._choose()(scope, receive, send)

    def _choose(self) -> ASGIApp:
        for name, answer in _CANNED.items():
            if self._faults.is_on(name):
                return answer
        return self._app
