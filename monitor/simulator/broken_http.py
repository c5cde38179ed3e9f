"""The faults that show in every HTTP answer, in front of the application."""

from fastapi import HTTPException
from starlette.responses import HTMLResponse, JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.simulator.faults import Faults
from monitor.simulator.machine.doors import is_silent

_LIMIT = 65536
"""Bytes of a request body; a job needs a few hundred."""

_GATEWAY_PAGE = """<!doctype html>
<html><head><title>502 Bad Gateway</title></head>
<body><h1>502 Bad Gateway</h1><p>The service behind this proxy does not
answer.</p></body></html>
"""

_STRANGER = "<!doctype html><html><body>render queue</body></html>"
"""What another program answers, whatever it is asked."""

_CANNED: dict[str, ASGIApp] = {
    "port_taken": HTMLResponse(_STRANGER, status_code=404),
    "error_500": JSONResponse(
        {"detail": "Internal Server Error"}, status_code=500
    ),
    "not_found": JSONResponse({"detail": "Not Found"}, status_code=404),
    "bad_gateway": HTMLResponse(_GATEWAY_PAGE, status_code=200),
}


class BrokenHttp:
    """An application with the faults of a host in front of it."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answer as the faults say, else as the application does."""
        if is_silent(self._faults):
            await _client_left(receive)
            return
        await self._choose()(scope, _bounded(receive), send)

    def _choose(self) -> ASGIApp:
        for name, answer in _CANNED.items():
            if self._faults.is_on(name):
                return answer
        return self._app


async def _client_left(receive: Receive) -> None:
    """Wait for the client to give up, or for the host to cut the line."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _bounded(receive: Receive) -> Receive:
    """Return `receive` with a limit on what a request may bring."""
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > _LIMIT:
            raise HTTPException(413, f"the body is over {_LIMIT} bytes")
        return message

    return bounded
